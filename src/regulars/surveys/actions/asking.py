"""Asking customers, or writing down why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.core.errors import DomainError
from regulars.core.ids import new_token, token_hash
from regulars.customers.models import Customer, Purchase
from regulars.mailing import actions as mailing
from regulars.mailing.models import Message, Purpose
from regulars.surveys import deciding, emails
from regulars.surveys.actions.answers import (
    STILL_TAKEN,
    AskedFromCasesError,
    current_version,
)
from regulars.surveys.deciding import reason_for
from regulars.surveys.models import (
    AskChannel,
    AskDecision,
    AskingRules,
    AskReason,
    AskRun,
    Invitation,
    Survey,
)
from regulars.surveys.moments import CustomerAsked

__all__ = [
    "Asked",
    "ask",
    "ask_many",
    "end_link",
    "reason_for",
    "record_handed_over",
    "set_rules",
]

LINK_LIVES = timedelta(days=60)


class NotByHandError(DomainError):
    """The link is not one that staff hand over themselves."""

    code = "not_by_hand"

    def __init__(self) -> None:
        super().__init__(_("This link was not made to be handed over."))


@dataclass(frozen=True)
class Asked:
    """A decision and, where the customer was asked, the personal link's token."""

    decision: AskDecision
    token: str = ""


def ask(
    customer: Customer,
    survey: Survey,
    *,
    channel: str = AskChannel.EMAIL,
    purchase: Purchase | None = None,
    case_id: int | None = None,
    by: Staff | None = None,
) -> Asked:
    """Ask the customer, or write down why not. One row either way, in one transaction.

    By e-mail the message is queued; by hand the caller shows the link, and the staff member sends
    it; a link that nobody sent is made anew, and the old one leads nowhere any more. With `case_id`
    it is the question whether something was put right: then the open complaint and the pauses
    between questions do not count. Raises AskedFromCasesError where that survey is
    asked without a case.
    """
    return ask_many([customer], survey, channel=channel, purchase=purchase, case_id=case_id, by=by)[
        0
    ]


def ask_many(
    customers: Sequence[Customer],
    survey: Survey,
    *,
    channel: str = AskChannel.EMAIL,
    purchase: Purchase | None = None,
    case_id: int | None = None,
    by: Staff | None = None,
    run: AskRun | None = None,
) -> list[Asked]:
    """Decide about each of the customers, and ask those who may be asked. One transaction.

    The customers' rows are locked, so two askings at once see each other's. Raises
    IntegrityError when the run has decided about one of them already, AskedFromCasesError when
    the survey asks whether something was put right and there is no case.
    """
    if survey.is_about_mending and case_id is None:
        raise AskedFromCasesError
    with transaction.atomic():
        numbers = [customer.pk for customer in customers]
        list(Customer.objects.select_for_update().filter(pk__in=numbers).order_by("pk"))
        now, rules = timezone.now(), deciding.the_rules()
        facts = deciding.facts_about(numbers, survey, now=now)
        is_taken_back = deciding.was_taken_back(purchase)
        done = []
        for customer in customers:
            reason = deciding.decide(
                facts[customer.pk],
                survey,
                rules,
                channel=channel,
                now=now,
                is_taken_back=is_taken_back,
                is_follow_up=case_id is not None,
            )
            decision = AskDecision(
                customer=customer,
                survey=survey,
                purchase=purchase,
                reason=reason,
                channel=channel,
                decided_by=by,
                run=run,
            )
            token = ""
            if reason == AskReason.ASKED:
                decision.invitation, token = _invite(
                    customer, survey, channel=channel, purchase=purchase, case_id=case_id, by=by
                )
            done.append(Asked(decision, token))
        AskDecision.objects.bulk_create([one.decision for one in done])
    return done


def record_handed_over(invitation: Invitation, token: str, *, by: Staff) -> Message:
    """Note that `by` sent the personal link themselves. Again is the same note.

    Raises NotByHandError when the link was made for another channel or the token is another's.
    """
    if invitation.channel != AskChannel.HAND or invitation.token_hash != token_hash(token):
        raise NotByHandError
    with transaction.atomic():
        message = mailing.record_sent_by_hand(
            emails.words_to_share(invitation, token),
            key=f"survey:{invitation.pk}",
            purpose=Purpose.SURVEY,
            customer=invitation.customer,
            by=by,
            language=invitation.language,
        )
        Invitation.objects.filter(pk=invitation.pk).update(message_id=message.pk)
    return message


def end_link(invitation: Invitation) -> None:
    """Let nobody answer by this personal link from now on, unless somebody has."""
    waiting = Invitation.objects.filter(pk=invitation.pk, answered_at=None)
    waiting.update(expires_at=timezone.now() - STILL_TAKEN)


def set_rules(*, days_between_asks: int, asks_a_year: int, by: Staff) -> AskingRules:
    """Store how often customers may be asked at all."""
    with transaction.atomic():
        rules = deciding.the_rules()
        rules.days_between_asks, rules.asks_a_year = days_between_asks, asks_a_year
        rules.save()
        audit.note(
            "surveys.set_rules",
            by=by,
            days_between_asks=days_between_asks,
            asks_a_year=asks_a_year,
        )
    return rules


def _invite(
    customer: Customer,
    survey: Survey,
    *,
    channel: str,
    purchase: Purchase | None,
    case_id: int | None,
    by: Staff | None,
) -> tuple[Invitation, str]:
    """A new invitation, or the link that was never handed over under a new token."""
    token, now = new_token(), timezone.now()
    unsent = customer.invitations.select_for_update().unsent().filter(survey=survey)
    known = unsent.order_by("-pk").first() if channel == AskChannel.HAND and not case_id else None
    invitation = known or Invitation(survey=survey, customer=customer, channel=channel)
    invitation.version = current_version(survey)
    invitation.purchase = purchase
    invitation.case_id = case_id
    invitation.language = customer.language
    invitation.token_hash = token_hash(token)
    invitation.sent_by = by
    invitation.created_at = now
    invitation.expires_at = now + LINK_LIVES
    invitation.save()
    if channel == AskChannel.EMAIL:
        message = mailing.queue_message(
            emails.invitation(invitation, token),
            key=f"survey:{invitation.pk}",
            purpose=Purpose.SURVEY,
            customer=customer,
            by=by,
        )
        invitation.message_id = message.pk
        invitation.save(update_fields=["message_id"])
    if known is None:
        moments.record(
            CustomerAsked(invitation_id=invitation.pk, survey_id=survey.pk, channel=channel),
            customer_id=customer.pk,
            by=by,
        )
    return invitation, token
