"""Deciding whether to ask a customer, writing down why, and asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core import moments
from regulars.core.ids import new_token, token_hash
from regulars.customers.models import Consent, ContactPoint, Customer, Pause, Purchase
from regulars.mailing import actions as mailing
from regulars.mailing.models import Purpose
from regulars.surveys import emails
from regulars.surveys.actions.answers import current_version
from regulars.surveys.models import (
    AskChannel,
    AskDecision,
    AskingRules,
    AskReason,
    Invitation,
    Survey,
)
from regulars.surveys.moments import CustomerAsked

LINK_LIVES = timedelta(days=60)
_PAUSES = {
    Pause.Kind.DIED: AskReason.DIED,
    Pause.Kind.SILENCE: AskReason.SILENCE,
    Pause.Kind.OPEN_COMPLAINT: AskReason.OPEN_COMPLAINT,
}


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
    it. With `case_id` it is the question whether something was put right: then the open complaint
    and the pauses between questions do not count.
    """
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        reason = reason_for(
            customer, survey, channel=channel, purchase=purchase, is_follow_up=case_id is not None
        )
        decision = AskDecision(
            customer=customer,
            survey=survey,
            purchase=purchase,
            reason=reason,
            channel=channel,
            decided_by=by,
        )
        token = ""
        if reason == AskReason.ASKED:
            decision.invitation, token = _invite(
                customer, survey, channel=channel, purchase=purchase, case_id=case_id, by=by
            )
        decision.save(force_insert=True)
    return Asked(decision, token)


def reason_for(
    customer: Customer,
    survey: Survey,
    *,
    channel: str,
    purchase: Purchase | None = None,
    is_follow_up: bool = False,
) -> AskReason:
    """Whether the customer may be asked now, as a reason. Reads only."""
    if not survey.is_open or survey.archived_at is not None:
        return AskReason.SURVEY_CLOSED
    if customer.merged_into_id is not None or customer.erased_at is not None:
        return AskReason.GONE
    if purchase is not None and _was_taken_back(purchase):
        return AskReason.REFUNDED
    now = timezone.now()
    paused = _paused(customer, now, is_follow_up=is_follow_up)
    if paused is not None:
        return paused
    if channel == AskChannel.EMAIL:
        unreachable = _unreachable(customer)
        if unreachable is not None:
            return unreachable
    return AskReason.ASKED if is_follow_up else _clocks(customer, survey, now)


def _was_taken_back(purchase: Purchase) -> bool:
    return purchase.cancelled_at is not None or purchase.refunds.exists()


def _paused(customer: Customer, now: datetime, *, is_follow_up: bool) -> AskReason | None:
    for pause in customer.pauses.all():
        if pause.until is not None and pause.until <= now:
            continue
        reason = _PAUSES.get(Pause.Kind(pause.kind))
        if reason is None or (is_follow_up and reason == AskReason.OPEN_COMPLAINT):
            continue
        return reason
    return None


def _unreachable(customer: Customer) -> AskReason | None:
    points = list(customer.contact_points.filter(channel=ContactPoint.Channel.EMAIL))
    if not points:
        return AskReason.NO_ADDRESS
    bad = {ContactPoint.State.BOUNCED, ContactPoint.State.COMPLAINED}
    if all(point.state in bad for point in points):
        return AskReason.BAD_ADDRESS
    newest = (
        customer.consents.filter(
            channel=ContactPoint.Channel.EMAIL, purpose=Consent.Purpose.SURVEYS
        )
        .order_by("-happened_at", "-pk")
        .first()
    )
    if newest is None or (newest.given and not newest.confirmed):
        return AskReason.NO_CONSENT
    return None if newest.given else AskReason.WITHDRAWN


def _clocks(customer: Customer, survey: Survey, now: datetime) -> AskReason:
    rules = AskingRules.objects.order_by("pk").first() or AskingRules()
    asked = Invitation.objects.filter(customer=customer)
    if asked.filter(
        survey__metric=survey.metric, created_at__gt=now - timedelta(days=survey.pause_days)
    ).exists():
        return AskReason.SAME_KIND_LATELY
    if asked.filter(created_at__gt=now - timedelta(days=rules.days_between_asks)).exists():
        return AskReason.ASKED_LATELY
    if asked.filter(created_at__gt=now - timedelta(days=365)).count() >= rules.asks_a_year:
        return AskReason.ENOUGH_THIS_YEAR
    return AskReason.ASKED


def _invite(
    customer: Customer,
    survey: Survey,
    *,
    channel: str,
    purchase: Purchase | None,
    case_id: int | None,
    by: Staff | None,
) -> tuple[Invitation, str]:
    token = new_token()
    invitation = Invitation.objects.create(
        survey=survey,
        version=current_version(survey),
        customer=customer,
        purchase=purchase,
        case_id=case_id,
        channel=channel,
        language=customer.language,
        token_hash=token_hash(token),
        sent_by=by,
        expires_at=timezone.now() + LINK_LIVES,
    )
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
    moments.record(
        CustomerAsked(invitation_id=invitation.pk, survey_id=survey.pk, channel=channel),
        customer_id=customer.pk,
        by=by,
    )
    return invitation, token
