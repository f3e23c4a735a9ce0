"""Whether customers may be asked now: what is known about them, read at once, and the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from regulars.customers.models import Consent, ContactPoint, Customer, Pause, Purchase
from regulars.surveys.models import (
    AskChannel,
    AskingRules,
    AskReason,
    Invitation,
    Survey,
)

YEAR = timedelta(days=365)
_PAUSES = {
    Pause.Kind.DIED: AskReason.DIED,
    Pause.Kind.SILENCE: AskReason.SILENCE,
    Pause.Kind.OPEN_COMPLAINT: AskReason.OPEN_COMPLAINT,
}
_BAD = frozenset({ContactPoint.State.BOUNCED, ContactPoint.State.COMPLAINED})


@dataclass
class Facts:
    """What decides about one customer.

    `consents` holds the newest record on surveys per channel (given, confirmed); `asks` when and
    by which metric the customer was asked; `pauses` the kinds in force.
    """

    is_gone: bool = False
    addresses: list[str] = field(default_factory=list)
    consents: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    asks: list[tuple[str, datetime]] = field(default_factory=list)
    pauses: set[Pause.Kind] = field(default_factory=set)


def the_rules() -> AskingRules:
    """How often customers may be asked at all; the defaults where nobody set them."""
    return AskingRules.objects.order_by("pk").first() or AskingRules()


def facts_about(customers: Collection[int], survey: Survey, *, now: datetime) -> dict[int, Facts]:
    """The facts about customers by row number. Five queries, whatever their number."""
    found: dict[int, Facts] = defaultdict(Facts)
    gone = Customer.objects.filter(pk__in=customers).exclude(merged_into=None, erased_at=None)
    for number in gone.values_list("pk", flat=True):
        found[number].is_gone = True
    points = ContactPoint.objects.filter(
        customer__in=customers, channel=ContactPoint.Channel.EMAIL
    ).values_list("customer_id", "state")
    for number, state in points:
        found[number].addresses.append(state)
    consents = Consent.objects.filter(customer__in=customers, purpose=Consent.Purpose.SURVEYS)
    for number, channel, given, confirmed in consents.order_by("happened_at", "pk").values_list(
        "customer_id", "channel", "given", "confirmed"
    ):
        found[number].consents[channel] = (given, confirmed)
    for number, kind, until in Pause.objects.filter(customer__in=customers).values_list(
        "customer_id", "kind", "until"
    ):
        if until is None or until > now:
            found[number].pauses.add(Pause.Kind(kind))
    since = now - max(YEAR, timedelta(days=survey.pause_days))
    for number, metric, at in Invitation.objects.filter(
        customer__in=customers, created_at__gt=since
    ).values_list("customer_id", "survey__metric", "created_at"):
        found[number].asks.append((metric, at))
    return {number: found[number] for number in customers}


def reason_for(
    customer: Customer,
    survey: Survey,
    *,
    channel: str = AskChannel.EMAIL,
    purchase: Purchase | None = None,
    is_follow_up: bool = False,
) -> AskReason:
    """Whether the customer may be asked now, as a reason. Reads only."""
    now = timezone.now()
    facts = facts_about([customer.pk], survey, now=now)[customer.pk]
    return decide(
        facts,
        survey,
        the_rules(),
        channel=channel,
        now=now,
        is_taken_back=was_taken_back(purchase),
        is_follow_up=is_follow_up,
    )


def decide(
    facts: Facts,
    survey: Survey,
    rules: AskingRules,
    *,
    channel: str,
    now: datetime,
    is_taken_back: bool = False,
    is_follow_up: bool = False,
) -> AskReason:
    """The first reason against asking, in the order of its weight, or that it may be done.

    A follow-up (whether something was put right) is asked in spite of the open complaint and the
    pauses between questions.
    """
    if not survey.is_open or survey.archived_at is not None:
        return AskReason.SURVEY_CLOSED
    if facts.is_gone:
        return AskReason.GONE
    if is_taken_back:
        return AskReason.REFUNDED
    for kind, reason in _PAUSES.items():
        if kind in facts.pauses and not (is_follow_up and kind == Pause.Kind.OPEN_COMPLAINT):
            return reason
    barred = _barred_mail(facts) if channel == AskChannel.EMAIL else _barred_hand(facts)
    if barred is not None:
        return barred
    return AskReason.ASKED if is_follow_up else _clocks(facts, survey, rules, now)


def was_taken_back(purchase: Purchase | None) -> bool:
    """Whether the purchase was cancelled or refunded, so that nobody should be asked about it."""
    if purchase is None:
        return False
    return purchase.cancelled_at is not None or purchase.refunds.in_force().exists()


def _barred_mail(facts: Facts) -> AskReason | None:
    if not facts.addresses:
        return AskReason.NO_ADDRESS
    if all(state in _BAD for state in facts.addresses):
        return AskReason.BAD_ADDRESS
    given, confirmed = facts.consents.get(ContactPoint.Channel.EMAIL, (True, False))
    if not given:
        return AskReason.WITHDRAWN
    return None if confirmed else AskReason.NO_CONSENT


def _barred_hand(facts: Facts) -> AskReason | None:
    """A person who hands over a link needs no recorded consent, but a “no” counts everywhere."""
    said_no = any(not given for given, _confirmed in facts.consents.values())
    return AskReason.WITHDRAWN if said_no else None


def _clocks(facts: Facts, survey: Survey, rules: AskingRules, now: datetime) -> AskReason:
    same_kind = now - timedelta(days=survey.pause_days)
    if any(metric == survey.metric and at > same_kind for metric, at in facts.asks):
        return AskReason.SAME_KIND_LATELY
    lately = now - timedelta(days=rules.days_between_asks)
    if any(at > lately for _metric, at in facts.asks):
        return AskReason.ASKED_LATELY
    if sum(at > now - YEAR for _metric, at in facts.asks) >= rules.asks_a_year:
        return AskReason.ENOUGH_THIS_YEAR
    return AskReason.ASKED
