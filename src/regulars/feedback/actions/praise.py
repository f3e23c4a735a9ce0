"""Answering praise: thanking for it and passing it on to the employee whom it names."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.feedback import emails, queries
from regulars.feedback.models import Feedback, Praise
from regulars.feedback.moments import PraiseReceived
from regulars.mailing import actions as mailing
from regulars.mailing.models import Purpose


class PraiseError(DomainError):
    """Praise that cannot be answered or passed on so."""

    code = "praise_refused"


def note_praise(feedback: Feedback) -> Praise:
    """Note that something is praise, once, with the employee whom it seems to name."""
    with transaction.atomic():
        drafted = Praise(feedback=feedback, employee=queries.employee_named(feedback))
        Praise.objects.bulk_create([drafted], ignore_conflicts=True)
        stored = Praise.objects.select_related("employee").get(feedback=feedback)
        if stored.public_id == drafted.public_id:
            moments.record(
                PraiseReceived(feedback_id=feedback.pk, employee_id=stored.employee_id),
                customer_id=feedback.customer_id,
                happened_at=feedback.said_at,
            )
    return stored


def thank(feedback: Feedback, text: str, *, language: str, by: Staff) -> Praise:
    """Thank the customer by mail, once. Raises PraiseError without an address or words."""
    written = text.replace("\x00", "").strip()
    address = queries.address_of(feedback)
    if not written:
        raise PraiseError(_("Please write something."))
    if not address:
        raise PraiseError(_("There is no e-mail address to answer to."), code="no_address")
    with transaction.atomic():
        _must_serve(feedback, by)
        praise = _locked(feedback)
        if praise.thanked_at is not None:
            return praise
        message = mailing.queue_message(
            emails.reply(feedback, text=written, by=by, language=language),
            key=f"praise-thanks:{feedback.pk}",
            purpose=Purpose.SERVICE,
            customer=feedback.customer,
            to=address,
            to_name="" if feedback.customer else feedback.contact_name,
            language=language,
            by=by,
        )
        praise.thanked_at, praise.thanked_by, praise.message_id = timezone.now(), by, message.pk
        praise.save(update_fields=["thanked_at", "thanked_by", "message_id"])
        _touch(feedback)
    return praise


def pass_on(feedback: Feedback, *, to: Staff, by: Staff) -> Praise:
    """Tell an employee by mail what was said about them, once each. Raises PraiseError."""
    if not to.is_active or not to.email:
        raise PraiseError(_("This person has no e-mail address here."), code="no_address")
    with transaction.atomic():
        _must_serve(feedback, by)
        praise = _locked(feedback)
        mailing.queue_message(
            emails.passed_on(feedback, to=to, by=by),
            key=f"praise-passed-on:{feedback.pk}:{to.pk}",
            purpose=Purpose.ALERT,
            staff=to,
            language=emails.language_of(to),
            about=[queries.mention_of(feedback)],
        )
        praise.employee, praise.passed_on_at, praise.passed_on_by = to, timezone.now(), by
        praise.save(update_fields=["employee", "passed_on_at", "passed_on_by"])
        _touch(feedback)
        audit.note("feedback.pass_on_praise", by=by, subject=f"feedback:{feedback.public_id}")
    return praise


def _locked(feedback: Feedback) -> Praise:
    note_praise(feedback)
    return Praise.objects.select_for_update().get(feedback=feedback)


def _must_serve(feedback: Feedback, by: Staff) -> None:
    if not by.may(Permission.SERVE, place=feedback.place):
        raise PraiseError(_("You do not serve customers at this place."), code="not_yours")


def _touch(feedback: Feedback) -> None:
    Feedback.objects.filter(pk=feedback.pk).update(changed_at=timezone.now())
