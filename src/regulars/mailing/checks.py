"""The checks at hand-off: may this message go out now, on which consent, and if not, why not.

They run twice: before the mail server is spoken to, and again in the transaction that commits
`sending`. Whatever was withdrawn between queueing and sending counts. A check that raises stops
the message (it fails closed): the exception leaves the message unsent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Q

from regulars.business import queries as business
from regulars.core.links import works_elsewhere
from regulars.customers.imports.consent import is_imported
from regulars.customers.models import Consent, Customer, Pause
from regulars.mailing import hours, queries
from regulars.mailing.addresses import is_usable
from regulars.mailing.models import (
    CONSENT_NEEDED,
    Channel,
    Message,
    Purpose,
    Reason,
    SendingRules,
    State,
    Suppression,
)

LATE_AFTER = timedelta(hours=2)
SIGN_IN_USEFUL = timedelta(hours=1)
FIRST_DAY = 50


@dataclass(frozen=True)
class Go:
    """It may go out; on this consent, where one is needed."""

    consent: Consent | None = None


@dataclass(frozen=True)
class Skip:
    """It will not go out."""

    reason: Reason


@dataclass(frozen=True)
class Hold:
    """It waits for a person."""

    reason: Reason


@dataclass(frozen=True)
class Later:
    """It waits until a time."""

    reason: Reason
    until: datetime


Verdict = Go | Skip | Hold | Later

_PAUSES: tuple[tuple[Pause.Kind, Reason, frozenset[Purpose]], ...] = (
    (Pause.Kind.DIED, Reason.DIED, frozenset(Purpose)),
    (Pause.Kind.SILENCE, Reason.SILENCE, frozenset(CONSENT_NEEDED)),
    (Pause.Kind.DO_NOT_GREET, Reason.DO_NOT_GREET, frozenset(CONSENT_NEEDED)),
    (
        Pause.Kind.OPEN_COMPLAINT,
        Reason.OPEN_COMPLAINT,
        frozenset({Purpose.MARKETING, Purpose.APPRECIATION}),
    ),
)
_SUPPRESSED: tuple[tuple[Suppression.Kind, Reason], ...] = (
    (Suppression.Kind.BLOCKED, Reason.BLOCKED),
    (Suppression.Kind.COMPLAINED, Reason.COMPLAINED),
    (Suppression.Kind.BOUNCED, Reason.ADDRESS_BOUNCED),
)
COUNTED = (State.SENDING, State.SENT, State.UNKNOWN, State.DELIVERED, State.BOUNCED)


def verdict(message: Message, *, now: datetime) -> Verdict:
    """Whether `message` may be handed over at `now`."""
    purpose = Purpose(message.purpose)
    if purpose is Purpose.ALERT and not message.text:
        return Skip(Reason.ERASED)  # whom it spoke of was erased while it waited
    if not is_usable(message.to_address):
        return Skip(Reason.BAD_ADDRESS if message.to_address else Reason.NO_ADDRESS)
    if purpose is Purpose.SIGN_IN:
        useful = now - message.created_at <= SIGN_IN_USEFUL
        return Go() if useful else Skip(Reason.EXPIRED)
    if purpose is Purpose.ALERT:
        return Go()
    return _to_customer(message, purpose, now=now)


def _to_customer(message: Message, purpose: Purpose, *, now: datetime) -> Verdict:
    customer = queries.survivor(message.customer) if message.customer else None
    consent: Consent | None = None
    if customer is None and purpose in CONSENT_NEEDED:
        return Skip(Reason.ERASED)
    if customer is not None:
        if customer.erased_at is not None:
            return Skip(Reason.ERASED)
        paused = _paused(customer, purpose, now=now)
        if paused is not None:
            return Skip(paused)
    if purpose in CONSENT_NEEDED and customer is not None:
        found = _consented(customer, message.channel, CONSENT_NEEDED[purpose])
        if isinstance(found, Reason):
            return Skip(found)
        consent = found
    entries = queries.suppressions(message.to_address)
    suppressed = refused_by(entries, purpose, consent)
    if suppressed is not None:
        return Skip(suppressed)
    if purpose not in CONSENT_NEEDED or customer is None:
        return Go(consent)
    return _timing(message, customer, consent, now=now)


def _paused(customer: Customer, purpose: Purpose, *, now: datetime) -> Reason | None:
    pauses = queries.active_pauses(customer, now=now)
    for kind, reason, stopped in _PAUSES:
        if kind in pauses and purpose in stopped:
            return reason
    return None


def _consented(customer: Customer, channel: str, purpose: Consent.Purpose) -> Consent | Reason:
    record = queries.newest_consent(customer, channel=channel, purpose=purpose)
    if record is None:
        return Reason.NO_CONSENT
    if not record.given or record.basis == Consent.Basis.WITHDRAWN:
        return Reason.WITHDRAWN
    if not record.confirmed:
        return Reason.UNCONFIRMED
    return record


def refused_by(
    entries: Collection[Suppression], purpose: Purpose, consent: Consent | None
) -> Reason | None:
    """Which entry of an address on the suppression list stops a message, if any.

    Who agreed after unsubscribing has taken that back, but not by what an import says.
    """
    for kind, reason in _SUPPRESSED:
        if any(entry.kind == kind for entry in entries):
            return reason
    if purpose not in CONSENT_NEEDED:
        return None
    for entry in entries:
        if entry.kind != Suppression.Kind.UNSUBSCRIBED or entry.purpose not in {"", purpose}:
            continue
        if consent is None or is_imported(consent) or consent.happened_at <= entry.since:
            return Reason.UNSUBSCRIBED
    return None


def _timing(
    message: Message, customer: Customer, consent: Consent | None, *, now: datetime
) -> Verdict:
    rules = queries.the_rules()
    if message.has_links and not message.confirmed_at and not works_elsewhere():
        return Hold(Reason.NO_PUBLIC_URL)
    if not message.confirmed_at and _missed_its_time(message, now=now):
        return Hold(Reason.LATE)
    if _written_often_enough(message, customer, rules, now=now):
        return Skip(Reason.TOO_OFTEN)
    zone = business.time_zone()
    quiet_end = hours.end_of_quiet(now, zone, start=rules.quiet_from, end=rules.quiet_until)
    if quiet_end is not None:
        return Later(Reason.QUIET_HOURS, quiet_end)
    if _day_is_full(rules, zone, now=now):
        return Later(Reason.DAILY_LIMIT, hours.next_morning(now, zone, at=rules.quiet_until))
    return Go(consent)


def _missed_its_time(message: Message, *, now: datetime) -> bool:
    """Whether sending stood still for more than two hours while the message was due.

    A long queue that kept moving is not late: each two hours since `due_at` saw a hand-over.
    """
    moved = message.due_at
    while now - moved > LATE_AFTER:
        latest = Message.objects.filter(
            purpose__in=list(CONSENT_NEEDED),
            channel=Channel.EMAIL,
            sent_at__gt=moved,
            sent_at__lte=moved + LATE_AFTER,
        ).aggregate(latest=Max("sent_at"))["latest"]
        if latest is None:
            return True
        moved = latest
    return False


def _written_often_enough(
    message: Message, customer: Customer, rules: SendingRules, *, now: datetime
) -> bool:
    """Confirming a message by hand lets it pass."""
    if message.confirmed_at:
        return False
    earlier = Message.objects.filter(
        customer__in=queries.same_person(customer),
        purpose__in=list(CONSENT_NEEDED),
        state__in=COUNTED,
    ).exclude(pk=message.pk)
    if message.purpose == Purpose.MARKETING and rules.marketing_gap_days:
        since = now - timedelta(days=rules.marketing_gap_days)
        if earlier.filter(_since(since), purpose=Purpose.MARKETING).exists():
            return True
    week = earlier.filter(_since(now - timedelta(days=7)))
    return bool(rules.week_cap) and week.count() >= rules.week_cap


def _since(moment: datetime) -> Q:
    return Q(sent_at__gt=moment)


def _day_is_full(rules: SendingRules, zone: ZoneInfo, *, now: datetime) -> bool:
    limit = day_limit(rules, zone, now=now)
    if limit is None:
        return False
    start = hours.start_of_day(now, zone)
    sent = Message.objects.filter(
        channel=Channel.EMAIL,
        purpose__in=list(CONSENT_NEEDED),
        state__in=COUNTED,
        sent_at__gte=start,
    )
    return sent.count() >= limit


def day_limit(rules: SendingRules, zone: ZoneInfo, *, now: datetime) -> int | None:
    """How many messages that need consent may go out today; None for no limit.

    A new sender domain begins with 50 a day and doubles each day until the limit.
    """
    limit = rules.daily_limit or None
    if rules.gradual_since is None:
        return limit
    days = max(0, (now.astimezone(zone).date() - rules.gradual_since).days)
    if days > 20:
        return limit
    gradual = FIRST_DAY << days
    return gradual if limit is None else min(limit, gradual)
