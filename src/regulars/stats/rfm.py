"""Recency, frequency, money: plain facts, a rule in words, and who is late by their own rhythm.

Needs no model and no minimum of customers. A `Rule` is data: the interface translates it into the
sentence that stands beside every segment ("regular: 4 visits or more in the last 365 days").
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from regulars.stats.errors import StatisticsError
from regulars.stats.histograms import whole
from regulars.stats.purchases import Floats, Integers, as_days

#: Regularity of exponential gaps, which is what the Poisson visits of the models have.
RANDOM_GAPS = 1.0
MOST_REGULAR = 50.0


class Segment(StrEnum):
    """Kinds of customers by their purchases."""

    REGULAR = "regular"
    FIRST_TIMER = "first_timer"
    OCCASIONAL = "occasional"
    LAPSING = "lapsing"
    LOST = "lost"


@dataclass(frozen=True)
class Rule:
    """Limits of the segments, in visits and days; the first clause that holds decides.

    lost: no visit for `lost_after_days` or longer · first_timer: one visit ever · lapsing: none
    for `lapsing_after_days` or longer, or late by own rhythm · regular: at least `regular_visits`
    within the last `window_days` · occasional: the others.
    """

    regular_visits: int = 4
    window_days: int = 365
    lapsing_after_days: int = 120
    lost_after_days: int = 365

    def __post_init__(self) -> None:
        limits = (self.regular_visits, self.window_days, self.lapsing_after_days)
        if min(map(whole, limits)) == 0:
            raise StatisticsError("the limits of a rule are positive")
        if whole(self.lost_after_days) <= self.lapsing_after_days:
            raise StatisticsError("customers lapse before they are lost")


class Fact(StrEnum):
    """What a condition of the rule looks at."""

    VISITS = "visits"
    VISITS_IN_WINDOW = "visits_in_window"
    DAYS_SINCE_LAST = "days_since_last"
    LATE_BY_OWN_RHYTHM = "late_by_own_rhythm"


@dataclass(frozen=True)
class Condition:
    """`fact` is at least `least` and at most `most`; None sets no limit."""

    fact: Fact
    least: int | None = None
    most: int | None = None
    window_days: int | None = None


@dataclass(frozen=True)
class Clause:
    """A segment and its conditions, of which one must hold (`any_of`); none for all the others."""

    segment: Segment
    any_of: tuple[Condition, ...]


@dataclass(frozen=True)
class Rhythm:
    """When each customer was to be expected again, judged by their own gaps.

    `typical_gap` is the mean gap in days (NaN-free: zero for those without one), `chance` the
    probability that a customer with these gaps stays away this long, `late` whether it is so small
    that the silence is news.
    """

    typical_gap: Floats
    chance: Floats
    late: npt.NDArray[np.bool_]
    regularity: float


@dataclass(frozen=True)
class Customers:
    """Facts and segment per customer, in the order of `customers` (sorted); money as given."""

    customers: npt.NDArray[Any]
    days_since_last: Integers
    visits: Integers
    visits_in_window: Integers
    amount: Floats | None
    rhythm: Rhythm
    segment: npt.NDArray[np.str_]
    rule: Rule

    def __len__(self) -> int:
        return len(self.customers)


def clauses(rule: Rule) -> tuple[Clause, ...]:
    """The rule as data, in the order in which it is applied."""
    since = Fact.DAYS_SINCE_LAST
    return (
        Clause(Segment.LOST, (Condition(since, least=rule.lost_after_days),)),
        Clause(Segment.FIRST_TIMER, (Condition(Fact.VISITS, least=1, most=1),)),
        Clause(
            Segment.LAPSING,
            (
                Condition(since, least=rule.lapsing_after_days),
                Condition(Fact.LATE_BY_OWN_RHYTHM, least=1),
            ),
        ),
        Clause(
            Segment.REGULAR,
            (
                Condition(
                    Fact.VISITS_IN_WINDOW,
                    least=rule.regular_visits,
                    window_days=rule.window_days,
                ),
            ),
        ),
        Clause(Segment.OCCASIONAL, ()),
    )


def segment_customers(
    customers: npt.ArrayLike,
    days: npt.ArrayLike,
    as_of: Any,
    *,
    amounts: npt.ArrayLike | None = None,
    rule: Rule | None = None,
    late_below: float = 0.05,
) -> Customers:
    """Everybody who had bought by the day `as_of`, from one element per purchase in any order.

    Purchases of one day count once and their amounts are added; later ones are not looked at.
    `late_below` is the share of ordinary gaps that may be called late by mistake. Raises
    StatisticsError for unequal columns, missing days and amounts that are no numbers.
    """
    rule = rule or Rule()
    visits = _visits(customers, days, as_of, amounts)
    rhythm = _rhythm(visits, late_below)
    recent = visits.today - visits.day < rule.window_days
    in_window = np.bincount(visits.owner[recent], minlength=len(visits.customers))
    found = Customers(
        customers=visits.customers,
        days_since_last=visits.silence,
        visits=visits.counts,
        visits_in_window=in_window.astype(np.int64),
        amount=visits.amount,
        rhythm=rhythm,
        segment=np.empty(0, dtype=np.str_),
        rule=rule,
    )
    return Customers(**{**vars(found), "segment": _segments(found)})


def suggested_rule(customers: npt.ArrayLike, days: npt.ArrayLike, as_of: Any) -> Rule:
    """A rule from this shop's own gaps between visits; the standard one below 20 gaps.

    Nine gaps of ten are shorter than `lapsing_after_days`, 99 of 100 than `lost_after_days`;
    regulars come at least as often in a year as the upper third of those who came back.
    """
    visits = _visits(customers, days, as_of, None)
    gaps = visits.gaps
    if len(gaps) < 20:
        return Rule()
    lapsing = max(7, _order_statistic(gaps, 0.9))
    lost = max(2 * lapsing, _order_statistic(gaps, 0.99))
    recent = visits.today - visits.day < 365
    counts = np.bincount(visits.owner[recent], minlength=len(visits.customers))
    returning = counts[counts > 1]
    often = _order_statistic(returning, 2 / 3) if len(returning) else 0
    return Rule(max(3, often), 365, lapsing, lost)


def scores(values: npt.ArrayLike, *, groups: int = 5, high_is_good: bool = True) -> Integers:
    """Scores 1 (worst) to `groups` (best) of about equal size; equal values get equal scores."""
    given = np.asarray(values, dtype=np.float64)
    if groups < 2 or not np.all(np.isfinite(given)):
        raise StatisticsError("scores need at least two groups and finite values")
    if not len(given):
        return np.zeros(0, dtype=np.int64)
    _, inverse, counts = np.unique(given, return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2)[inverse] / len(given)
    if not high_is_good:
        middle = 1 - middle
    return np.clip(np.ceil(middle * groups), 1, groups).astype(np.int64)


def chance_of_longer_gap(
    silence: npt.ArrayLike, known: npt.ArrayLike, gaps: npt.ArrayLike, regularity: float
) -> Floats:
    """Probability that the next gap exceeds `silence` days after `gaps` gaps of `known` in sum.

    Gaps are Gamma(k, rate) with the customer's own unknown rate and the shop's common shape k
    (`regularity`). Their share of the whole, silence / (known + silence), then follows
    Beta(k, k·gaps), whatever the rate; for k = 1 it is (1 + silence/known)^-gaps.
    """
    from scipy.special import betainc  # scipy takes a second to load; most processes need none

    quiet, total = np.asarray(silence, dtype=np.float64), np.asarray(known, dtype=np.float64)
    count = np.asarray(gaps, dtype=np.float64)
    if not (np.isfinite(regularity) and regularity > 0):
        raise StatisticsError("the regularity is a positive number")
    if np.any(quiet < 0) or np.any(total < 0) or np.any(count < 0):
        raise StatisticsError("gaps cannot be negative")
    usable = (count > 0) & (total > 0)
    share = np.where(usable, total, 1.0) / (np.where(usable, total, 1.0) + quiet)
    chance = betainc(regularity * np.where(usable, count, 1.0), regularity, share)
    return np.asarray(np.where(usable, chance, 1.0))


def regularity_of(gaps: Floats, owner: Integers) -> float:
    """Common shape k of the gaps: 1 as random as can be, higher is more regular.

    Maximum likelihood given each customer's sum of gaps: the shares of the gaps are symmetric
    Dirichlet(k), from which the customers' rates have vanished. RANDOM_GAPS when nobody has two.
    """
    from scipy.optimize import brentq
    from scipy.special import psi

    if np.any(gaps <= 0):
        raise StatisticsError("gaps are positive")
    counts = np.bincount(owner)
    several = counts >= 2
    if not np.any(several):
        return RANDOM_GAPS
    sums = np.bincount(owner, gaps)
    inside = several[owner]
    logs = float(np.log(gaps[inside] / sums[owner[inside]]).sum())
    n = counts[several].astype(np.float64)

    def slope(k: float) -> float:
        return float((n * (psi(k * n) - psi(k))).sum()) + logs

    low = 0.05
    if slope(MOST_REGULAR) >= 0:
        return MOST_REGULAR
    return float(brentq(slope, low, MOST_REGULAR)) if slope(low) > 0 else low


@dataclass(frozen=True)
class _Visits:
    """Visits (one a day and customer), sorted by customer and day."""

    customers: npt.NDArray[Any]
    owner: Integers
    day: Integers
    amount: Floats | None
    today: int

    @property
    def counts(self) -> Integers:
        return np.bincount(self.owner, minlength=len(self.customers)).astype(np.int64)

    @property
    def silence(self) -> Integers:
        last = np.flatnonzero(np.append(np.diff(self.owner) != 0, True)[: len(self.owner)])
        return self.today - self.day[last]

    @property
    def same_owner(self) -> npt.NDArray[np.bool_]:
        return np.asarray(np.diff(self.owner) == 0)

    @property
    def gaps(self) -> Floats:
        return np.diff(self.day)[self.same_owner].astype(np.float64)

    @property
    def gap_owner(self) -> Integers:
        return self.owner[1:][self.same_owner]


def _visits(
    customers: npt.ArrayLike, days: npt.ArrayLike, as_of: Any, amounts: npt.ArrayLike | None
) -> _Visits:
    who, when = np.asarray(customers), as_days(days).astype(np.int64)
    paid = None if amounts is None else np.asarray(amounts, dtype=np.float64)
    if len(who) != len(when) or (paid is not None and len(paid) != len(who)):
        raise StatisticsError("the columns of the purchases differ in length")
    if paid is not None and not np.all(np.isfinite(paid)):
        raise StatisticsError("an amount is not a number")
    today = int(as_days(as_of).astype(np.int64))
    seen = when <= today
    ids, owner = np.unique(who[seen], return_inverse=True)
    pairs = np.unique(np.column_stack((owner, when[seen])).reshape(-1, 2), axis=0)
    money = None
    if paid is not None:
        money = np.bincount(owner, paid[seen], minlength=len(ids)).astype(np.float64)
    return _Visits(ids, pairs[:, 0], pairs[:, 1], money, today)


def _order_statistic(values: npt.NDArray[Any], share: float) -> int:
    return int(np.quantile(values, share, method="inverted_cdf"))


def _rhythm(visits: _Visits, late_below: float) -> Rhythm:
    if not 0 < late_below < 1:
        raise StatisticsError("late_below lies between 0 and 1")
    regularity = regularity_of(visits.gaps, visits.gap_owner)
    size = len(visits.customers)
    known = np.bincount(visits.gap_owner, visits.gaps, minlength=size)
    count = np.bincount(visits.gap_owner, minlength=size)
    chance = chance_of_longer_gap(visits.silence, known, count, regularity)
    return Rhythm(known / np.maximum(count, 1), chance, chance < late_below, regularity)


def _segments(found: Customers) -> npt.NDArray[np.str_]:
    facts = {
        Fact.VISITS: found.visits,
        Fact.VISITS_IN_WINDOW: found.visits_in_window,
        Fact.DAYS_SINCE_LAST: found.days_since_last,
        Fact.LATE_BY_OWN_RHYTHM: found.rhythm.late.astype(np.int64),
    }
    segments = np.full(len(found.customers), "", dtype="<U11")
    for clause in clauses(found.rule):
        holds = np.full(len(segments), not clause.any_of)
        for condition in clause.any_of:
            holds |= _holds(condition, facts[condition.fact])
        segments[(segments == "") & holds] = clause.segment.value
    return segments


def _holds(condition: Condition, values: Integers) -> npt.NDArray[np.bool_]:
    enough = values >= (-np.inf if condition.least is None else condition.least)
    return np.asarray(enough & (values <= (np.inf if condition.most is None else condition.most)))
