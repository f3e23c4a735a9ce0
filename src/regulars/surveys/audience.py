"""Whom a list asking reaches, and what would come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from regulars.customers.models import Customer, Purchase
from regulars.surveys import deciding
from regulars.surveys.models import AskChannel, AskReason, Survey

FILTERS = ("segment", "language", "place")
CHUNK = 500


@dataclass(frozen=True)
class Forecast:
    """How many would be asked now, and how many not, by reason (the commonest first)."""

    asked: int
    reasons: list[tuple[AskReason, int]]

    @property
    def not_asked(self) -> int:
        """How many would not be asked."""
        return sum(count for _reason, count in self.reasons)

    @property
    def total(self) -> int:
        """How many customers the list holds."""
        return self.asked + self.not_asked


def customers_in(audience: Mapping[str, str]) -> QuerySet[Customer]:
    """The customers in force of an audience: `segment`, `language`, `place` (its public id)."""
    rows: QuerySet[Customer] = Customer.objects.in_force()
    if segment := audience.get("segment"):
        rows = rows.filter(standing__segment=segment)
    if language := audience.get("language"):
        rows = rows.filter(language=language)
    if place := audience.get("place"):
        bought = Purchase.objects.in_force().filter(customer=OuterRef("pk"), place__public_id=place)
        rows = rows.filter(Q(home_place__public_id=place) | Exists(bought))
    return rows.order_by("pk")


def forecast(survey: Survey, audience: Mapping[str, str]) -> Forecast:
    """What asking the audience by e-mail now would come to. Reads only; seven queries per 500."""
    now, rules = timezone.now(), deciding.the_rules()
    counts: Counter[AskReason] = Counter()
    for chunk in _chunks(customers_in(audience)):
        facts = deciding.facts_about(chunk, survey, now=now)
        counts.update(
            deciding.decide(one, survey, rules, channel=AskChannel.EMAIL, now=now)
            for one in facts.values()
        )
    asked = counts.pop(AskReason.ASKED, 0)
    return Forecast(asked, counts.most_common())


def _chunks(rows: QuerySet[Customer]) -> Iterator[list[int]]:
    numbers = rows.values_list("pk", flat=True).iterator(chunk_size=5_000)
    while chunk := list(islice(numbers, CHUNK)):
        yield chunk
