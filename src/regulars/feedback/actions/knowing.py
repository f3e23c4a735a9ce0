"""Saying which customer something came from, where nobody was known, and taking that back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.customers.actions import consents
from regulars.customers.models import Customer, Pause
from regulars.feedback import queries
from regulars.feedback.models import Case, CaseNote, Feedback
from regulars.feedback.moments import FeedbackJoined, FeedbackParted
from regulars.mailing import mentions
from regulars.surveys.models import Response


class KnowingError(DomainError):
    """Something that cannot be said to come from a customer, or no longer."""

    code = "not_joined"


def join_customer(feedback: Feedback, customer: Customer, *, by: Staff) -> Feedback:
    """Say that `customer` said it, with the answer that it came with; an open case pauses offers.

    Saying the same again changes nothing. Raises KnowingError where somebody else is known.
    """
    with transaction.atomic():
        locked = _locked(feedback, by)
        if locked.customer_id == customer.pk:
            return locked
        if locked.customer_id is not None:
            raise KnowingError(_("The customer is known already. Take that back first."))
        if customer.erased_at is not None or customer.merged_into_id is not None:
            raise KnowingError(_("This record was merged or erased."))
        _set(locked, customer, by=by)
        Response.objects.filter(feedback=locked, customer=None).update(customer=customer)
        case = queries.case_of(locked)
        if case is not None:
            _note(case, CaseNote.Event.KNOWN, by=by)
            if not case.is_closed:
                kind = Pause.Kind.OPEN_COMPLAINT
                consents.pause(customer, kind=kind, key=case.pause_key, by=by)
        moments.record(FeedbackJoined(feedback_id=locked.pk), customer_id=customer.pk, by=by)
        audit.note(
            "feedback.join_customer",
            by=by,
            subject=f"feedback:{locked.public_id}",
            customer=customer.public_id,
        )
    return locked


def part_customer(feedback: Feedback, *, by: Staff) -> Feedback:
    """Take it back: the customer is unknown again, and what was paused for them goes on.

    Raises KnowingError where no member of staff had said it.
    """
    with transaction.atomic():
        locked = _locked(feedback, by)
        customer = locked.customer
        if customer is None:
            return locked
        if locked.known_at is None:
            raise KnowingError(_("This customer was known from the start."))
        _set(locked, None, by=None)
        Response.objects.filter(feedback=locked, customer=customer).update(customer=None)
        case = queries.case_of(locked)
        if case is not None:
            _note(case, CaseNote.Event.MISTAKEN, by=by)
            kind = Pause.Kind.OPEN_COMPLAINT
            consents.lift_pause(customer, kind=kind, key=case.pause_key, by=by)
        moments.record(FeedbackParted(feedback_id=locked.pk), customer_id=customer.pk, by=by)
        audit.note(
            "feedback.part_customer",
            by=by,
            subject=f"feedback:{locked.public_id}",
            customer=customer.public_id,
        )
    return locked


def _locked(feedback: Feedback, by: Staff) -> Feedback:
    rows = Feedback.objects.select_for_update(of=("self",)).select_related("customer", "place")
    locked = rows.get(pk=feedback.pk)
    if not by.may(Permission.SERVE, place=locked.place):
        raise KnowingError(_("You do not serve customers at this place."), code="not_yours")
    return locked


def _set(feedback: Feedback, customer: Customer | None, *, by: Staff | None) -> None:
    feedback.customer, feedback.known_by = customer, by
    feedback.known_at = None if by is None else timezone.now()
    feedback.changed_at = timezone.now()
    feedback.save(update_fields=["customer", "known_by", "known_at", "changed_at"])
    mentions.now_known(queries.mention_of(feedback).source, customer)


def _note(case: Case, event: CaseNote.Event, *, by: Staff) -> None:
    CaseNote.objects.create(case=case, kind=CaseNote.Kind.SYSTEM, event=event, by=by)
