"""How long what is kept: which rows grow old, and what becomes of them.

Each package says in its `retention.py` which of its rows belong to which kind of data, when they
were made and what is emptied. Nothing happens before an owner has seen what would go and switched
it on (`actions.retaining`).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import models
from django.db.models import Q

from regulars.core.clock import start_of_day
from regulars.customers.models import RetentionRule

Kind = RetentionRule.Kind


@dataclass(frozen=True)
class Kept:
    """Rows of one model that grow old.

    `at` is the field with their time, `customer` the lookup of the customer's number (for holds),
    `empties` the fields that are emptied, none for rows that are deleted. `among` leaves out what
    must not be touched yet.
    """

    kind: Kind
    model: type[models.Model]
    at: str
    customer: str
    empties: tuple[str, ...] = ()
    among: Q = field(default_factory=Q)

    def changes(self) -> dict[str, Any]:
        """What the fields become."""
        fields = [self.model._meta.get_field(name) for name in self.empties]
        return {one.attname: _empty(one) for one in fields if isinstance(one, models.Field)}

    def due(self, before: datetime, held: Iterable[int]) -> models.QuerySet[Any]:
        """Rows made before a moment that still say something, without those of held customers."""
        rows = self.old(before)
        return rows.exclude(**{f"{self.customer}__in": list(held)})

    def old(self, before: datetime) -> models.QuerySet[Any]:
        """The same with those of held customers."""
        rows = self.model._default_manager.filter(self.among, **{f"{self.at}__lt": before})
        return rows.filter(self._still_says())

    def _still_says(self) -> Q:
        told = Q()
        for name, empty in self.changes().items():
            if not isinstance(empty, list):
                told |= ~Q(**{name: empty})
        return told


def _empty(one: models.Field[Any, Any]) -> Any:
    if one.null:
        return None
    return one.get_default() if isinstance(one, models.JSONField) else ""


_kept: list[Kept] = []
_seen: list[Callable[[list[int], datetime], set[int]]] = []


def keep(*kinds: Kept) -> None:
    """Register rows that grow old."""
    _kept.extend(one for one in kinds if one not in _kept)


def kept(kind: Kind) -> list[Kept]:
    """What belongs to a kind of data."""
    return [one for one in _kept if one.kind == kind]


def still_in_touch(
    function: Callable[[list[int], datetime], set[int]],
) -> Callable[[list[int], datetime], set[int]]:
    """Register who of some customers was here since a moment, or must be kept all the same."""
    if function not in _seen:
        _seen.append(function)
    return function


def in_touch(numbers: list[int], since: datetime) -> set[int]:
    """Those of the customers who have been in touch since a moment."""
    found: set[int] = set()
    for function in _seen:
        found |= function(numbers, since)
    return found


LONGEST: Final = 600  # months


def kept_until(today: date, months: int, zone: str) -> datetime:
    """The moment before which things are due: the beginning of the day `months` ago.

    What happened on that very day is still kept today and is due tomorrow. Where the month has no
    such day, its last one counts (31 March less one month is 28 or 29 February).
    """
    index = today.year * 12 + today.month - 1 - months
    year, month = divmod(index, 12)
    day = min(today.day, calendar.monthrange(year, month + 1)[1])
    return start_of_day(date(year, month + 1, day), zone)
