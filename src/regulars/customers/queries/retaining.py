"""What is due to go, who is held, and what the last nights did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from regulars.business.queries import the_business
from regulars.core.clock import local_day
from regulars.customers import keeping
from regulars.customers.keeping import Kind
from regulars.customers.models import Customer, LegalHold, RetentionRule, RetentionRun
from regulars.customers.queries import people

MOST_COUNTED = 10_000
_AT_ONCE = 500


@dataclass(frozen=True)
class Forecast:
    """What a rule would do tonight. `is_more` where only so many were counted."""

    kind: Kind
    months: int
    before: datetime
    due: int
    held: int
    is_more: bool = False

    @property
    def label(self) -> str:
        """The kind of data in words."""
        return str(self.kind.label)

    @property
    def last_day(self) -> date:
        """The newest day of which nothing is kept; the day after it still is."""
        return local_day(self.before, the_business().time_zone)


def the_rules() -> dict[Kind, int]:
    """Months by kind of data, for what is switched on."""
    return {Kind(rule.kind): rule.months for rule in RetentionRule.objects.all()}


def latest_runs() -> QuerySet[RetentionRun]:
    """What the last nights did, the newest first."""
    return RetentionRun.objects.order_by("-day", "kind")


def holds() -> QuerySet[LegalHold]:
    """Holds in force."""
    return LegalHold.objects.filter(ended_at=None).select_related("customer", "placed_by")


def hold_of(customer: Customer) -> LegalHold | None:
    """The hold on a person, also on a record that was merged."""
    return holds().filter(customer__in=people.same_person(customer)).first()


def held_numbers() -> set[int]:
    """Every record of everybody who is held."""
    found: set[int] = set()
    for hold in holds():
        found.update(people.same_person(people.survivor(hold.customer)))
    return found


def before(months: int, *, today: date | None = None) -> datetime:
    """The moment before which things are due."""
    zone = the_business().time_zone
    return keeping.kept_until(today or local_day(timezone.now(), zone), months, zone)


def forecast(kind: Kind, months: int) -> Forecast:
    """The dry run: how many would go tonight, and how many are kept by a hold."""
    moment, held = before(months), held_numbers()
    if kind == Kind.CUSTOMERS:
        due, kept, is_more = _customers_counted(moment, held)
        return Forecast(kind, months, moment, due, kept, is_more)
    due = kept = 0
    for one in keeping.kept(kind):
        due += one.due(moment, held).count()
        kept += one.old(moment).filter(**{f"{one.customer}__in": held}).count()
    return Forecast(kind, months, moment, due, kept)


def _customers_counted(moment: datetime, held: set[int]) -> tuple[int, int, bool]:
    due = kept = 0
    for numbers in unseen_since(moment):
        kept += len(set(numbers) & held)
        due += len(set(numbers) - held)
        if due >= MOST_COUNTED:
            return due, kept, True
    return due, kept, False


def unseen_since(moment: datetime) -> Iterator[list[int]]:
    """Customers known before a moment and not in touch since, in batches by number."""
    last = 0
    rows = Customer.objects.in_force().filter(created_at__lt=moment).order_by("pk")
    while batch := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:_AT_ONCE]):
        last = batch[-1]
        families = _families(batch)
        seen = keeping.in_touch(list(families), moment)
        kept = {families[number] for number in seen}
        newer = Customer.objects.filter(pk__in=list(families), created_at__gte=moment)
        kept |= {families[number] for number in newer.values_list("pk", flat=True)}
        yield [number for number in batch if number not in kept]


def _families(numbers: list[int]) -> dict[int, int]:
    """Each record of these people, with the number of the one that stands for it."""
    found = {number: number for number in numbers}
    level = list(numbers)
    while level:
        merged = Customer.objects.filter(merged_into__in=level).values_list("pk", "merged_into")
        new = {pk: found[into] for pk, into in merged if into and pk not in found}
        found |= new
        level = list(new)
    return found
