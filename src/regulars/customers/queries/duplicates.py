"""Records that may be the same person, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from django.db.models import Count, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from regulars.core import keys
from regulars.customers.models import ContactPoint, Customer, KeptApart, Merge
from regulars.customers.queries import people

# A group larger than this shares an address as a family or office does; all pairs would drown.
LARGEST_GROUP = 6
PHONE_TAIL = 7
ALIKE = 0.82


class Likeness(TextChoices):
    """Why two records may be one person; the surest first."""

    SAME_ADDRESS = "same_address", _("the same e-mail address or phone number")
    SAME_NAME_AND_BIRTHDAY = "same_name_and_birthday", _("the same name and birthday")
    ALIKE_AND_SAME_TAIL = (
        "alike_and_same_tail",
        _("a similar name and a phone number with the same ending"),
    )


@dataclass(frozen=True)
class Proposal:
    """Two records, the earlier one first."""

    first: Customer
    second: Customer
    why: Likeness


def proposals(*, limit: int = 200) -> list[Proposal]:
    """The pairs that may be one person, the surest reason first; each pair once.

    Pairs that somebody said are two people are left out. A fixed number of queries.
    """
    apart = set(KeptApart.objects.values_list("first_id", "second_id"))
    why: dict[tuple[int, int], Likeness] = {}
    for pair, reason in _pairs():
        if pair not in apart and len(why) < limit:
            why.setdefault(pair, reason)
    rows = people.customers().filter(pk__in={number for pair in why for number in pair})
    found = rows.select_related("standing").prefetch_related("contact_points").in_bulk()
    return [
        Proposal(found[first], found[second], reason)
        for (first, second), reason in why.items()
        if first in found and second in found
    ]


def alike(customer: Customer) -> list[Customer]:
    """Other records with an address, or the name and birthday, of this one."""
    addresses = customer.contact_points.exclude(channel="post").values_list("address", flat=True)
    shared = Q(contact_points__address__in=list(addresses))
    if customer.birth_month is not None and customer.sort_key:
        shared |= Q(
            sort_key=customer.sort_key,
            birth_month=customer.birth_month,
            birth_day=customer.birth_day,
        )
    apart = KeptApart.objects.filter(Q(first=customer) | Q(second=customer))
    known = {number for pair in apart.values_list("first_id", "second_id") for number in pair}
    others = people.customers().filter(shared).exclude(pk__in=known | {customer.pk})
    return list(others.distinct().order_by("pk")[:LARGEST_GROUP])


def merges_of(customer: Customer) -> list[Merge]:
    """What was merged into the record and can be taken back, the newest first."""
    made = Merge.objects.filter(survivor=customer, undone_at=None)
    return list(made.select_related("merged", "survivor", "merged_by").order_by("-pk"))


def merges_among(customers: QuerySet[Customer]) -> QuerySet[Merge]:
    """The merges into these customers."""
    made = Merge.objects.filter(survivor__in=customers)
    return made.select_related("merged", "survivor")


def _pairs() -> Iterator[tuple[tuple[int, int], Likeness]]:
    for group in _with_one_address():
        yield from _of(group, Likeness.SAME_ADDRESS)
    for group in _with_one_name_and_birthday():
        yield from _of(group, Likeness.SAME_NAME_AND_BIRTHDAY)
    yield from _with_alike_names()


def _of(group: Iterable[int], why: Likeness) -> Iterator[tuple[tuple[int, int], Likeness]]:
    for first, second in combinations(sorted(group), 2):
        yield (first, second), why


def _grouped(rows: Iterable[tuple[object, int]]) -> list[set[int]]:
    groups: dict[object, set[int]] = defaultdict(set)
    for key, number in rows:
        groups[key].add(number)
    return [group for group in groups.values() if 2 <= len(group) <= LARGEST_GROUP]


def _with_one_address() -> list[set[int]]:
    points = ContactPoint.objects.filter(
        customer__merged_into=None, customer__erased_at=None
    ).exclude(channel=ContactPoint.Channel.POST)
    shared = points.values("address").annotate(n=Count("customer", distinct=True)).filter(n__gt=1)
    rows = points.filter(address__in=shared.values("address"))
    return _grouped(rows.order_by("customer_id").values_list("address", "customer_id"))


def _with_one_name_and_birthday() -> list[set[int]]:
    dated = people.customers().filter(birth_month__isnull=False).exclude(sort_key="")
    rows = dated.order_by("pk").values_list("sort_key", "birth_month", "birth_day", "pk")
    return _grouped(((name, month, day), number) for name, month, day, number in rows)


def _with_alike_names() -> Iterator[tuple[tuple[int, int], Likeness]]:
    phones = ContactPoint.objects.filter(
        channel=ContactPoint.Channel.PHONE, customer__merged_into=None, customer__erased_at=None
    )
    rows = phones.order_by("customer_id").values_list("address", "customer_id")
    groups = _grouped((address[-PHONE_TAIL:], number) for address, number in rows)
    numbers = {number for group in groups for number in group}
    names = {
        number: keys.latin(f"{family} {given}")
        for number, family, given in Customer.objects.filter(pk__in=numbers).values_list(
            "pk", "family_name", "given_name"
        )
    }
    for group in groups:
        for pair, why in _of(group, Likeness.ALIKE_AND_SAME_TAIL):
            if are_alike(names[pair[0]], names[pair[1]]):
                yield pair, why


def are_alike(one: str, other: str) -> bool:
    """Whether two folded names could be one name, misspelt or in the other order."""
    if not one.strip() or not other.strip():
        return False
    straight = SequenceMatcher(None, one, other).ratio()
    ordered = SequenceMatcher(
        None, " ".join(sorted(one.split())), " ".join(sorted(other.split()))
    ).ratio()
    return max(straight, ordered) >= ALIKE
