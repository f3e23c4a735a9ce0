"""Purchases reduced to what the value models need.

The models of `regulars.stats.buying` depend on a customer's purchases only through (x, t_x, T):
how often the customer came back, when last and for how long we have known them (Schmittlein,
Morrison & Colombo 1987). Customers with the same three numbers are one row with a weight, so that
ten million customers become about a million rows and the likelihood stays exactly the same.

Times are counted in whole periods since the first purchase, several purchases within a period
count once, and all results are in weeks whatever the period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from regulars.stats.errors import StatisticsError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DAYS_PER_YEAR = 365.2425


class Granularity(StrEnum):
    """The period within which several purchases count as one visit."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def weeks(self) -> float:
        """Length of one period in weeks; a month is a twelfth of the mean Gregorian year."""
        days = {"day": 1.0, "week": 7.0, "month": DAYS_PER_YEAR / 12}
        return days[self.value] / 7

    def periods(self, days: npt.NDArray[np.datetime64]) -> Integers:
        """Number of the period that each day lies in; weeks begin on Monday."""
        if self is Granularity.MONTH:
            return days.astype("datetime64[M]").astype(np.int64)
        numbers = days.astype(np.int64)
        if self is Granularity.WEEK:
            return (numbers + 3) // 7  # day 0, 1970-01-01, was a Thursday
        return numbers


@dataclass(frozen=True)
class Histories:
    """Weighted rows of (x, t_x, T): `weights` customers share each row.

    `x` counts repeat purchases (the first is not one), `t_x` is the time of the last purchase and
    `T` the time of observation, both in weeks since the first purchase.
    """

    x: Integers
    t_x: Floats
    T: Floats
    weights: Floats

    def __post_init__(self) -> None:
        _refuse_impossible(self.x, self.t_x, self.T, self.weights)

    def __len__(self) -> int:
        """Number of rows, not of customers."""
        return len(self.x)

    @property
    def customers(self) -> int:
        return round(float(self.weights.sum()))

    @property
    def repeat_buyers(self) -> int:
        return round(float(self.weights[self.x > 0].sum()))

    @property
    def repeat_purchases(self) -> float:
        return float(self.weights @ self.x)

    def selected(self, rows: Any) -> "Histories":
        """The rows that a mask, slice or index array picks."""
        return Histories(self.x[rows], self.t_x[rows], self.T[rows], self.weights[rows])

    def deduplicated(self) -> "Histories":
        """The same customers with equal rows merged, ordered by T, t_x, x."""
        order = np.lexsort((self.x, self.t_x, self.T))
        x, t_x, age = self.x[order], self.t_x[order], self.T[order]
        changes = (np.diff(x) != 0) | (np.diff(t_x) != 0) | (np.diff(age) != 0)
        starts = np.concatenate(([True], changes))[: len(x)].nonzero()[0]
        if not len(starts):
            return self
        weights = np.add.reduceat(self.weights[order], starts)
        return Histories(x[starts], t_x[starts], age[starts], weights)


@dataclass(frozen=True)
class CustomerHistories:
    """One row per customer, in the order of `customers` (sorted).

    `x`, `t_x` and `age` (T) are whole numbers, the times in periods of `granularity`.
    `mean_amount` is the mean amount per repeat visit (zero without one) or None when no amounts
    were given; `first` and `last` are the days of the first and last purchase.
    """

    customers: npt.NDArray[Any]
    x: Integers
    t_x: Integers
    age: Integers
    first: npt.NDArray[np.datetime64]
    last: npt.NDArray[np.datetime64]
    mean_amount: Floats | None
    granularity: Granularity

    def __len__(self) -> int:
        return len(self.customers)

    def histories(self) -> Histories:
        """One row per customer with weight 1, in weeks: for predictions per customer."""
        weeks = self.granularity.weeks
        return Histories(
            self.x, _weeks(self.t_x, weeks), _weeks(self.age, weeks), np.ones(len(self.x))
        )

    def deduplicated(self) -> Histories:
        """Weighted rows in weeks, equal rows merged: for fitting."""
        return deduplicate(self.x, self.t_x, self.age, weeks_per_period=self.granularity.weeks)


def customer_histories(
    customers: npt.ArrayLike,
    days: npt.ArrayLike,
    as_of: Any,
    *,
    amounts: npt.ArrayLike | None = None,
    first_days: npt.ArrayLike | None = None,
    granularity: Granularity = Granularity.DAY,
) -> CustomerHistories:
    """What is known on the day `as_of` about everybody who had bought by then.

    One element of `customers`, `days` (numpy days, dates or ISO texts), `amounts` and `first_days`
    per purchase, in any order. Purchases after `as_of` are not looked at. `first_days` repeats on
    every purchase the day that the customer's history is known to begin.
    Raises StatisticsError for missing or unequal input, amounts that are negative or not finite,
    and a purchase before the customer's first one.
    """
    who, when, paid, known = _checked(customers, days, amounts, first_days)
    today = as_days(as_of)
    seen = when <= today
    who, when = who[seen], when[seen]
    if known is not None:
        known = known[seen]
        if np.any(when < known):
            raise StatisticsError("a purchase lies before the customer's first one")
    ids, owner = np.unique(who, return_inverse=True)
    period = granularity.periods(when)
    began = _least(owner, period if known is None else granularity.periods(known), len(ids))
    visits = _Visits.merged(owner, period, None if paid is None else paid[seen])
    last_period = -_least(owner, -period, len(ids))
    first_day = _least(owner, (when if known is None else known).astype(np.int64), len(ids))
    mean_amount = None
    if visits.amount is not None:
        mean_amount = visits.mean_repeat_amount(visits.amount, began)
    counts = np.bincount(visits.owner[visits.period != began[visits.owner]], minlength=len(ids))
    return CustomerHistories(
        customers=ids,
        x=counts.astype(np.int64),
        t_x=last_period - began,
        age=granularity.periods(today.reshape(1))[0] - began,
        first=first_day.astype("datetime64[D]"),
        last=(-_least(owner, -when.astype(np.int64), len(ids))).astype("datetime64[D]"),
        mean_amount=mean_amount,
        granularity=granularity,
    )


def deduplicate(
    x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, *, weeks_per_period: float = 1 / 7
) -> Histories:
    """Weighted rows, in weeks, of customers given in whole periods (days unless said otherwise).

    The three numbers of a customer are packed into one integer, and sorting integers is what
    makes ten million customers a matter of a second. The order of the rows is T, t_x, x.
    """
    counts, recency, ages = (_whole(values) for values in (x, t_x, age))
    if not len(counts) == len(recency) == len(ages):
        raise StatisticsError("x, t_x and T differ in length")
    if not len(counts):
        return Histories(counts, _weeks(recency, 1.0), _weeks(ages, 1.0), np.zeros(0))
    if min(counts.min(), recency.min(), ages.min()) < 0:
        raise StatisticsError("x, t_x and T cannot be negative")
    width_x, width_t = int(counts.max()) + 1, int(recency.max()) + 1
    room = (int(ages.max()) + 1) * width_t * width_x
    if room > np.iinfo(np.int64).max:
        raise StatisticsError("x, t_x or T is too large")
    kind: Any = np.uint32 if room <= np.iinfo(np.uint32).max else np.int64
    keys: npt.NDArray[Any] = ages.astype(kind)
    keys *= kind(width_t)
    keys += recency.astype(kind)
    keys *= kind(width_x)
    keys += counts.astype(kind)
    keys.sort()
    starts = np.concatenate(([0], np.flatnonzero(keys[1:] != keys[:-1]) + 1))
    weights = np.diff(np.append(starts, len(keys))).astype(np.float64)
    rest, unpacked_x = np.divmod(keys[starts].astype(np.int64), width_x)
    unpacked_age, unpacked_t = np.divmod(rest, width_t)
    return Histories(
        unpacked_x,
        _weeks(unpacked_t, weeks_per_period),
        _weeks(unpacked_age, weeks_per_period),
        weights,
    )


def weekly_repeat_purchases(
    customers: npt.ArrayLike, days: npt.ArrayLike, start: Any, weeks: int
) -> Integers:
    """Repeat purchases (one a day and customer) in each of `weeks` weeks from the day `start`."""
    who, when, _, _ = _checked(customers, days, None, None)
    ids, owner = np.unique(who, return_inverse=True)
    day = when.astype(np.int64)
    visits = _Visits.merged(owner, day, None)
    began = _least(owner, day, len(ids))
    repeats = visits.period[visits.period != began[visits.owner]]
    week = (repeats - int(as_days(start).astype(np.int64))) // 7
    return np.bincount(week[(week >= 0) & (week < weeks)], minlength=weeks).astype(np.int64)


@dataclass(frozen=True)
class _Visits:
    """Purchases with those of one customer in one period merged, by customer and period."""

    owner: Integers
    period: Integers
    amount: Floats | None

    @staticmethod
    def merged(owner: Integers, period: Integers, amount: Floats | None) -> "_Visits":
        order = np.lexsort((period, owner))
        owner, period = owner[order], period[order]
        changes = (np.diff(owner) != 0) | (np.diff(period) != 0)
        starts = np.concatenate(([True], changes))[: len(owner)].nonzero()[0]
        summed = None
        if amount is not None:
            summed = np.add.reduceat(amount[order], starts) if len(starts) else np.zeros(0)
        return _Visits(owner[starts], period[starts], summed)

    def mean_repeat_amount(self, amount: Floats, began: Integers) -> Floats:
        repeat = self.period != began[self.owner]
        visits = np.bincount(self.owner[repeat], minlength=len(began))
        sums = np.bincount(self.owner[repeat], amount[repeat], minlength=len(began))
        return np.asarray(sums / np.maximum(visits, 1))


def _checked(
    customers: npt.ArrayLike,
    days: npt.ArrayLike,
    amounts: npt.ArrayLike | None,
    first_days: npt.ArrayLike | None,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], Floats | None, npt.NDArray[Any] | None]:
    who, when = np.asarray(customers), as_days(days)
    paid = None if amounts is None else np.asarray(amounts, dtype=np.float64)
    known = None if first_days is None else as_days(first_days)
    for column in (who, when, paid, known):
        if column is not None and column.shape != (len(who),):
            raise StatisticsError("the columns of the purchases differ in length")
    if paid is not None and not np.all(np.isfinite(paid) & (paid >= 0)):
        raise StatisticsError("an amount is negative or not a number")
    return who, when, paid, known


def as_days(days: Any) -> npt.NDArray[Any]:
    """Days as numpy's; raises StatisticsError where one is missing or cannot be read."""
    try:
        found = np.asarray(days, dtype="datetime64[D]")
    except (ValueError, TypeError) as error:
        raise StatisticsError("a day cannot be read") from error
    if np.any(np.isnat(found)):
        raise StatisticsError("a day is missing")
    return found


def _least(owner: Integers, values: Integers, size: int) -> Integers:
    least = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(least, owner, values)
    return least


def _weeks(periods: Integers, weeks_per_period: float) -> Floats:
    return periods.astype(np.float64) * weeks_per_period


def _whole(values: npt.ArrayLike) -> Integers:
    found = np.asarray(values)
    if found.ndim != 1:
        raise StatisticsError("x, t_x and T are one-dimensional")
    if found.dtype.kind not in "iu":
        if not (np.all(np.abs(found) < 2.0**62) and np.array_equal(found, np.round(found))):
            raise StatisticsError("x, t_x and T are whole numbers of periods")
        return found.astype(np.int64)
    return found.astype(np.int64, copy=False)


def _refuse_impossible(x: Integers, t_x: Floats, age: Floats, weights: Floats) -> None:
    columns: Sequence[npt.NDArray[Any]] = (x, t_x, age, weights)
    if any(column.ndim != 1 or len(column) != len(x) for column in columns):
        raise StatisticsError("x, t_x, T and weights differ in length")
    if not all(np.all(np.isfinite(column)) for column in columns):
        raise StatisticsError("x, t_x, T and weights are finite numbers")
    if np.any(x < 0) or np.any(weights < 0):
        raise StatisticsError("x and weights cannot be negative")
    if np.any(t_x < 0):
        raise StatisticsError("a purchase lies before the customer's first one")
    if np.any(t_x > age):
        raise StatisticsError("a purchase lies after the end of the observation")
    if np.any((x == 0) != (t_x == 0)):
        raise StatisticsError("t_x is zero exactly for customers who never came back")
