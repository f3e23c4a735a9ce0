"""Whether customers may be asked now: what is known about them, read at once, and the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from regulars.customers.models import Consent, ContactPoint, Customer, Pause, Purchase
from regulars.mailing import queries as mailing
from regulars.mailing.addresses import is_usable
from regulars.mailing.checks import refused_by
from regulars.mailing.models import Purpose, Reason, Suppression
from regulars.surveys.models import (
    AskChannel,
    AskingRules,
    AskReason,
    Invitation,
    Metric,
    Response,
    Survey,
)

YEAR = timedelta(days=365)
_PAUSES = {
    Pause.Kind.DIED: AskReason.DIED,
    Pause.Kind.SILENCE: AskReason.SILENCE,
    Pause.Kind.OPEN_COMPLAINT: AskReason.OPEN_COMPLAINT,
}
_BAD = frozenset({ContactPoint.State.BOUNCED, ContactPoint.State.COMPLAINED})
_SUPPRESSED = {
    Reason.ADDRESS_BOUNCED: AskReason.BAD_ADDRESS,
    Reason.UNSUBSCRIBED: AskReason.UNSUBSCRIBED,
}


@dataclass
class Facts:
    """What decides about one customer.

    `address` is the one that mail would go to, `suppressions` its entries on the list of those not
    written to. `consents` holds the newest record on surveys per channel; `asks` and `answers` when
    and by which metric the customer was asked and answered; `pauses` the kinds in force.
    """

    is_gone: bool = False
    address: ContactPoint | None = None
    suppressions: list[Suppression] = field(default_factory=list)
    consents: dict[str, Consent] = field(default_factory=dict)
    asks: list[tuple[str, datetime]] = field(default_factory=list)
    answers: list[tuple[str, datetime]] = field(default_factory=list)
    pauses: set[Pause.Kind] = field(default_factory=set)


def the_rules() -> AskingRules:
    """How often customers may be asked at all; the defaults where nobody set them."""
    return AskingRules.objects.order_by("pk").first() or AskingRules()


def facts_about(customers: Collection[int], survey: Survey, *, now: datetime) -> dict[int, Facts]:
    """The facts about customers by row number. Seven queries, whatever their number."""
    found: dict[int, Facts] = defaultdict(Facts)
    gone = Customer.objects.filter(pk__in=customers).exclude(merged_into=None, erased_at=None)
    for number in gone.values_list("pk", flat=True):
        found[number].is_gone = True
    _read_addresses(customers, found)
    consents = Consent.objects.filter(customer__in=customers, purpose=Consent.Purpose.SURVEYS)
    for consent in consents.order_by("happened_at", "pk"):
        found[consent.customer_id].consents[consent.channel] = consent
    for number, kind, until in Pause.objects.filter(customer__in=customers).values_list(
        "customer_id", "kind", "until"
    ):
        if until is None or until > now:
            found[number].pauses.add(Pause.Kind(kind))
    _read_clocks(customers, found, since=now - max(YEAR, timedelta(days=survey.pause_days)))
    return {number: found[number] for number in customers}


def _read_addresses(customers: Collection[int], found: dict[int, Facts]) -> None:
    points: dict[int, list[ContactPoint]] = defaultdict(list)
    for point in ContactPoint.objects.filter(
        customer__in=customers, channel=ContactPoint.Channel.EMAIL
    ):
        points[point.customer_id].append(point)
    for number, own in points.items():
        found[number].address = mailing.best_of(own)
    best = {one.address.address for one in found.values() if one.address is not None}
    entries = mailing.suppressions_of(best)
    for one in found.values():
        if one.address is not None:
            one.suppressions = entries[one.address.address]


def _read_clocks(customers: Collection[int], found: dict[int, Facts], *, since: datetime) -> None:
    asks = Invitation.objects.on_their_way().filter(customer__in=customers, created_at__gt=since)
    for number, metric, at in asks.values_list("customer_id", "survey__metric", "created_at"):
        found[number].asks.append((metric, at))
    answers = Response.objects.filter(
        customer__in=customers, answered_at__gt=since, is_quarantined=False
    )
    for customer, metric, at in answers.values_list("customer_id", "metric", "answered_at"):
        if customer is not None:
            found[customer].answers.append((metric, at))


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
    """What would keep the mail from going out when it is to be handed over."""
    point = facts.address
    if point is None:
        return AskReason.NO_ADDRESS
    if point.state in _BAD or not is_usable(point.address):
        return AskReason.BAD_ADDRESS
    consent = facts.consents.get(ContactPoint.Channel.EMAIL)
    if consent is not None and not consent.given:
        return AskReason.WITHDRAWN
    if consent is None or not consent.confirmed:
        return AskReason.NO_CONSENT
    if Pause.Kind.DO_NOT_GREET in facts.pauses:
        return AskReason.DO_NOT_GREET
    refused = refused_by(facts.suppressions, Purpose.SURVEY, consent)
    return None if refused is None else _SUPPRESSED.get(refused, AskReason.BLOCKED)


def _barred_hand(facts: Facts) -> AskReason | None:
    """A person who hands over a link needs no recorded consent, but a “no” counts everywhere."""
    said_no = any(not consent.given for consent in facts.consents.values())
    return AskReason.WITHDRAWN if said_no else None


def _clocks(facts: Facts, survey: Survey, rules: AskingRules, now: datetime) -> AskReason:
    """The clock of the kind counts answers, too; the others count what the customer was asked."""
    same_kind, kind = now - timedelta(days=survey.pause_days), Metric(survey.metric).alike
    if any(metric in kind and at > same_kind for metric, at in (*facts.asks, *facts.answers)):
        return AskReason.SAME_KIND_LATELY
    lately = now - timedelta(days=rules.days_between_asks)
    if any(at > lately for _metric, at in facts.asks):
        return AskReason.ASKED_LATELY
    if sum(at > now - YEAR for _metric, at in facts.asks) >= rules.asks_a_year:
        return AskReason.ENOUGH_THIS_YEAR
    return AskReason.ASKED
