"""What the outbox holds, and what speaks for and against writing to a customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from regulars.business import queries as business
from regulars.core.keys import search_key, search_words
from regulars.customers.imports.consent import lists_addresses
from regulars.customers.models import Consent, ContactPoint, Customer, Pause
from regulars.mailing.addresses import address_hash, normalised
from regulars.mailing.models import (
    NOT_ARRIVED,
    Message,
    MessageQuerySet,
    Purpose,
    SendingRules,
    State,
    Suppression,
    UnsubscribeLink,
)


def outbox() -> MessageQuerySet:
    """What staff may see of the outbox, the newest first."""
    return Message.objects.shown().select_related("customer").order_by("-created_at", "-pk")


def searched(messages: MessageQuerySet, text: str) -> MessageQuerySet:
    """Those whose recipient or subject holds every word of `text`, in any of the scripts."""
    for word in search_words(text):
        keys = [key for key in search_key(word).split("|") if key]
        wanted = Q()
        for key in keys:
            wanted |= Q(search_key__contains=key)
        messages = messages.filter(wanted)
    return messages


def the_rules() -> SendingRules:
    """The sending rules; an unsaved row with the defaults until somebody changes them."""
    return SendingRules.objects.filter(pk=1).first() or SendingRules(pk=1)


def survivor(customer: Customer) -> Customer:
    """The customer that `customer` was merged into, or itself."""
    seen = {customer.pk}
    while customer.merged_into is not None and customer.merged_into_id not in seen:
        customer = customer.merged_into
        seen.add(customer.pk)
    return customer


def same_person(customer: Customer) -> list[int]:
    """The row numbers of the survivor and of everybody merged into it."""
    found = [survivor(customer).pk]
    frontier = list(found)
    while frontier:
        frontier = list(
            Customer.objects.filter(merged_into__in=frontier)
            .exclude(pk__in=found)
            .values_list("pk", flat=True)
        )
        found += frontier
    return found


def newest_consent(customer: Customer, *, channel: str, purpose: Consent.Purpose) -> Consent | None:
    """The record that counts: the newest one; where merged rows disagree, the refusal wins."""
    newest: dict[int, Consent] = {}
    records = Consent.objects.filter(
        customer__in=same_person(customer), channel=channel, purpose=purpose
    ).order_by("happened_at", "pk")
    for record in records:
        newest[record.customer_id] = record
    return min(
        newest.values(),
        key=lambda record: (record.given, record.confirmed, -record.happened_at.timestamp()),
        default=None,
    )


def active_pauses(customer: Customer, *, now: datetime) -> set[str]:
    """The kinds of pauses that hold at `now`."""
    current = Q(until__isnull=True) | Q(until__gt=now)
    pauses = Pause.objects.filter(current, customer__in=same_person(customer), since__lte=now)
    return set(pauses.values_list("kind", flat=True))


def suppressions(address: str) -> list[Suppression]:
    """The entries of the suppression list for an address."""
    return suppressions_of([address])[address]


def suppressions_of(addresses: Collection[str]) -> dict[str, list[Suppression]]:
    """The entries of the suppression list for each of several addresses; one query."""
    hashes = {address: address_hash(address) for address in addresses}
    by_hash: dict[str, list[Suppression]] = {one: [] for one in hashes.values()}
    for entry in Suppression.objects.filter(address_hash__in=by_hash):
        by_hash[entry.address_hash].append(entry)
    return {address: by_hash[one] for address, one in hashes.items()}


@lists_addresses
def not_asked(addresses: Sequence[str]) -> set[str]:
    """Those of the addresses that the suppression list keeps from being asked."""
    by_hash = {address_hash(address): address for address in addresses}
    stops_asking = ~Q(kind=Suppression.Kind.UNSUBSCRIBED) | Q(purpose__in=["", Purpose.SURVEY])
    found = Suppression.objects.filter(stops_asking, address_hash__in=by_hash)
    return {by_hash[one] for one in found.values_list("address_hash", flat=True)}


def email_address(customer: Customer) -> str:
    """The address to write to; empty where there is none."""
    best = best_of(
        ContactPoint.objects.filter(
            customer__in=same_person(customer), channel=ContactPoint.Channel.EMAIL
        )
    )
    return best.address if best else ""


def best_of(points: Iterable[ContactPoint]) -> ContactPoint | None:
    """The address to write to among a customer's own: one that mail does not come back from, of
    those the preferred one, else the one known to work, else the newest.
    """
    order = {
        ContactPoint.State.WORKS: 0,
        ContactPoint.State.UNKNOWN: 1,
        ContactPoint.State.BOUNCED: 2,
        ContactPoint.State.COMPLAINED: 3,
    }
    return min(
        points,
        key=lambda point: (
            order[ContactPoint.State(point.state)] >= 2,
            not point.is_preferred,
            order[ContactPoint.State(point.state)],
            -point.pk,
        ),
        default=None,
    )


def language_for(customer: Customer | None) -> str:
    """The language to write to a customer in: their own, else the business's."""
    own = customer.language if customer else ""
    return own or business.the_business().language


def link_for(token_hash: str) -> UnsubscribeLink | None:
    """The unsubscribe link of a token's hash."""
    return UnsubscribeLink.objects.select_related("customer").filter(token_hash=token_hash).first()


@dataclass(frozen=True)
class Choice:
    """One kind of message on the preference page, and whether the customer gets it now."""

    purpose: Consent.Purpose
    label: str
    wanted: bool


def choices_of(customer: Customer, *, channel: str) -> list[Choice]:
    """What a customer receives on a channel, by purpose."""
    chosen = []
    for purpose in Consent.Purpose:
        record = newest_consent(customer, channel=channel, purpose=purpose)
        wanted = record is not None and record.given and record.confirmed
        chosen.append(Choice(purpose, str(purpose.label), wanted))
    return chosen


def has_not_arrived(message_id: int) -> bool:
    """Whether a message is known not to have reached anybody."""
    return Message.objects.filter(pk=message_id, state__in=NOT_ARRIVED).exists()


def perhaps_sent() -> int:
    """How many messages wait for a person to say whether they arrived."""
    return Message.objects.shown().filter(state=State.UNKNOWN).count()


def suppression_list() -> QuerySet[Suppression]:
    """The addresses that are not written to, the newest first."""
    return Suppression.objects.order_by("-since", "-pk")


def with_address(entries: QuerySet[Suppression], text: str) -> QuerySet[Suppression]:
    """Those whose address holds `text`; an erased one is found by its whole address."""
    whole = Q(address_hash=address_hash(text))
    return entries.filter(whole | Q(address__contains=normalised(text)))


def suppressed_address(entry: Suppression) -> str:
    """The address, or a dash where only its hash is kept."""
    return entry.address or "–"
