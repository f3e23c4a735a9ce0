"""Keeping beside each customer what their purchases come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import transaction

from regulars.customers.models import Standing
from regulars.customers.queries import segments

T = TypeVar("T")
_FIELDS = (
    *("segment", "visits", "visits_in_window", "first_on", "last_on", "typical_gap", "spent"),
)
WRITTEN_AT_ONCE = 500


def refresh(customer_ids: Sequence[int]) -> None:
    """Bring the standing of a few customers up to date, in the caller's transaction if any.

    Their rows are locked first, so that of two purchases at once neither is left out.
    """
    wanted = sorted(set(customer_ids))
    with transaction.atomic():
        Standing.objects.bulk_create(
            [Standing(customer_id=one) for one in wanted], ignore_conflicts=True
        )
        held = Standing.objects.filter(customer_id__in=wanted).order_by("customer_id")
        list(held.select_for_update().values_list("pk", flat=True))
        found = {
            facts.customer_id: facts
            for facts in segments.facts_about(wanted, as_of=segments.today())
        }
        for one in wanted:
            facts = found.get(one)
            if facts is None:
                _forget([one])
            else:
                Standing.objects.filter(customer_id=one).update(
                    **{name: getattr(facts, name) for name in _FIELDS}
                )


def refresh_all() -> int:
    """Bring everybody's standing up to date; how many have bought. In short transactions."""
    seen: set[int] = set()
    for part in _batches(segments.facts_about(None, as_of=segments.today())):
        rows = [
            Standing(customer_id=one.customer_id, **{name: getattr(one, name) for name in _FIELDS})
            for one in part
        ]
        Standing.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["customer"], update_fields=_FIELDS
        )
        seen.update(one.customer_id for one in part)
    stale = Standing.objects.exclude(visits=0).values_list("customer_id", flat=True)
    for gone in _batches([one for one in stale.iterator() if one not in seen]):
        _forget(gone)
    return len(seen)


def _forget(customer_ids: Sequence[int]) -> None:
    """They have not bought anything (any more)."""
    Standing.objects.filter(customer_id__in=customer_ids).update(
        segment="",
        visits=0,
        visits_in_window=0,
        first_on=None,
        last_on=None,
        typical_gap=0,
        spent=0,
    )


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, WRITTEN_AT_ONCE)):
        yield batch
