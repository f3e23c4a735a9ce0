"""Regular, first-timer, occasional, lapsing, lost: by the rule, as of any day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from regulars.business.queries import the_business, time_zone
from regulars.customers.models import Customer, Purchase, Segment, Standing

# numpy takes 20 MB, and a process that serves pages needs none of it: imported where it counts.
if TYPE_CHECKING:
    from regulars.stats import rfm

# How many visits in the window make a regular; the window and the limits follow the rhythm.
REGULAR_VISITS = 4
LAPSING_AFTER_RHYTHMS = 4
LOST_AFTER_RHYTHMS = 12
LONGEST_DAYS = 3 * 365
# Customers whose purchases are in memory at one time.
SLICE = 20_000


@dataclass(frozen=True)
class Facts:
    """What a customer's purchases come to on a day; `spent` in the business's minor units."""

    customer_id: int
    segment: Segment
    visits: int
    visits_in_window: int
    first_on: dt.date
    last_on: dt.date
    typical_gap: float
    spent: int


def today() -> dt.date:
    """The day it is where the business is."""
    return timezone.now().astimezone(time_zone()).date()


def rule(rhythm_days: int | None = None) -> rfm.Rule:
    """The rule that follows from the days between two visits of an ordinary customer.

    With 30 days: regular with 4 visits in 360 days, less often after 120, lost after 360.
    """
    rhythm = max(1, rhythm_days or the_business().visit_rhythm_days)
    lapsing = min(LONGEST_DAYS, max(7, LAPSING_AFTER_RHYTHMS * rhythm))
    lost = max(min(LONGEST_DAYS, LOST_AFTER_RHYTHMS * rhythm), 2 * lapsing)
    from regulars.stats import rfm

    return rfm.Rule(REGULAR_VISITS, lost, lapsing, lost)


def facts_about(customer_ids: Sequence[int] | None, *, as_of: dt.date) -> Iterator[Facts]:
    """The facts of these customers (all of them for None) who had bought by the end of `as_of`.

    Refunds are no visits; what they gave back is taken off `spent`. Two queries per 20,000
    customers; whether somebody is late by their own rhythm is judged within each such slice.
    """
    if customer_ids is not None:
        yield from _facts(_bought(as_of).filter(customer_id__in=customer_ids), as_of)
        return
    highest = Customer.objects.aggregate(highest=Max("pk"))["highest"] or 0
    edges = [*range(0, highest + 1, SLICE), highest + SLICE]
    for low, high in pairwise(edges):
        part = _bought(as_of).filter(customer_id__gte=low, customer_id__lt=high)
        yield from _facts(part, as_of)


def facts_beside(customer_ids: Sequence[int], *, as_of: dt.date) -> dict[int, Facts]:
    """What `facts_about` all customers says of these, by customer.

    Judged within the same slices, so that nobody is regular in a list of some and late in one of
    all; costs two queries for each slice of 20,000 in which one of them lies.
    """
    wanted, found = set(customer_ids), {}
    for low in sorted({number - number % SLICE for number in wanted}):
        part = _bought(as_of).filter(customer_id__gte=low, customer_id__lt=low + SLICE)
        for one in _facts(part, as_of):
            if one.customer_id in wanted:
                found[one.customer_id] = one
    return found


def counts(as_of: dt.date) -> dict[Segment, int]:
    """How many customers each kind had on a day."""
    if as_of >= today():
        rows = Standing.objects.filter(customer__merged_into=None).exclude(segment="")
        kept = Counter(rows.values_list("segment", flat=True))
        return {segment: kept[segment] for segment in Segment}
    found = Counter(one.segment for one in facts_about(None, as_of=as_of))
    return {segment: found[segment] for segment in Segment}


def members(segment: str, as_of: dt.date) -> list[int]:
    """The row numbers of those who were of this kind on a day."""
    return [one.customer_id for one in facts_about(None, as_of=as_of) if one.segment == segment]


def _bought(as_of: dt.date) -> QuerySet[Purchase]:
    zone = time_zone()
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    bought = Purchase.objects.in_force().filter(customer__isnull=False, purchased_at__lt=end)
    return bought.order_by()


def _facts(purchases: QuerySet[Purchase], as_of: dt.date) -> Iterator[Facts]:
    import numpy as np

    from regulars.stats import rfm

    zone = time_zone()
    owners: list[int] = []
    days: list[dt.date] = []
    visits = purchases.filter(total__gte=0).values_list("customer_id", "purchased_at")
    for owner, at in visits.iterator(chunk_size=5000):
        if owner is not None:
            owners.append(owner)
            days.append(at.astimezone(zone).date())
    if not owners:
        return
    paid = _paid(purchases)
    found = rfm.segment_customers(owners, np.array(days, dtype="datetime64[D]"), as_of, rule=rule())
    first: dict[int, dt.date] = {}
    for owner, day in zip(owners, days, strict=True):
        first[owner] = min(day, first.get(owner, day))
    for at_index, owner in enumerate(found.customers.tolist()):
        silence = int(found.days_since_last[at_index])
        yield Facts(
            customer_id=owner,
            segment=Segment(str(found.segment[at_index])),
            visits=int(found.visits[at_index]),
            visits_in_window=int(found.visits_in_window[at_index]),
            first_on=first[owner],
            last_on=as_of - dt.timedelta(days=silence),
            typical_gap=float(found.rhythm.typical_gap[at_index]),
            spent=paid.get(owner, 0),
        )


def _paid(purchases: QuerySet[Purchase]) -> dict[int, int]:
    own = purchases.filter(currency=the_business().currency).values("customer_id")
    return {row["customer_id"]: row["paid"] for row in own.annotate(paid=Sum("total"))}
