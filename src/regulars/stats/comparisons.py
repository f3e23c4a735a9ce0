"""Differences of scores and the verdict on them, as data that the interface only translates.

Intervals of the difference are recovered from the two scores' own intervals (MOVER), so they keep
their honesty at few answers. Plain `math` only.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from regulars.stats import intervals
from regulars.stats.errors import StatisticsError
from regulars.stats.histograms import whole
from regulars.stats.intervals import Interval
from regulars.stats.measures import Measure, Score, Unit, require_same

Pairs = Mapping[tuple[int, int], int] | Iterable[tuple[int, int]]


class Verdict(StrEnum):
    """What may honestly be said of a difference."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_REAL_CHANGE = "no_real_change"
    NOT_ENOUGH_ANSWERS = "not_enough_answers"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference first − second in the measure's unit, its interval and the verdict.

    The verdict is about the first: HIGHER when the whole interval lies above 0, LOWER below;
    otherwise NO_REAL_CHANGE if the interval shuts out every difference of `matters` or more, and
    NOT_ENOUGH_ANSWERS if it does not. Then `more_needed` says about how many more answers in each
    group (or pairs) would decide if the difference stayed what it is; otherwise it is None.
    `difference` is None if either group is empty.
    """

    measure: Measure
    difference: float | None
    low: float
    high: float
    verdict: Verdict
    more_needed: int | None
    matters: float
    confidence: float
    n: tuple[int, int]

    @property
    def is_better(self) -> bool | None:
        """Whether the change is for the better; None when there is no certain change."""
        if self.verdict not in {Verdict.HIGHER, Verdict.LOWER}:
            return None
        return (self.verdict is Verdict.HIGHER) == self.measure.improves_upwards


def compare(first: Score, second: Score, *, matters: float | None = None) -> Comparison:
    """Compare the scores of two different sets of people: first − second.

    MOVER (Newcombe 1998b method 10 for shares; Donner & Zou 2012). `matters` is the smallest
    difference worth knowing, in the measure's unit; by default a tenth of its range (20 NPS
    points). Raises MixedScalesError when the measures differ.
    """
    require_same(first.measure, second.measure)
    if first.confidence != second.confidence:
        raise StatisticsError("the two scores have different confidence levels")
    worth_knowing = smallest_that_matters(matters, first.measure)
    sizes = (first.n, second.n)
    if first.value is None or second.value is None:
        interval = Interval(first.low - second.high, first.high - second.low)
        difference = None
    else:
        interval = intervals.mover(first.value, first.interval, second.value, second.interval)
        difference = first.value - second.value
    spread = _cautious_variance(first) + _cautious_variance(second)
    fewest = min(first.effective_n, second.effective_n)
    verdict, more = _judge(difference, interval, worth_knowing, spread, fewest, first.confidence)
    return Comparison(
        first.measure, difference, *interval, verdict, more, worth_knowing, first.confidence, sizes
    )


def compare_paired(
    pairs: Pairs, *, measure: Measure, matters: float | None = None, confidence: float = 0.95
) -> Comparison:
    """Compare two answers of the same people: later − earlier.

    `pairs` are (earlier, later) grades, one per person or with a count each. A share's difference
    gets Tango's (1998) score interval; points and means get MOVER with the answers' correlation
    (Zou 2007).
    """
    table = _pair_counts(pairs)
    worths = {(measure.worth(earlier), measure.worth(later)): 0.0 for earlier, later in table}
    for (earlier, later), count in table.items():
        worths[measure.worth(earlier), measure.worth(later)] += count
    n = sum(table.values())
    worth_knowing = smallest_that_matters(matters, measure)
    difference, interval = _paired_interval(worths, n, measure, confidence)
    spread = _paired_variance(worths, n, measure)
    verdict, more = _judge(difference, interval, worth_knowing, spread, n, confidence)
    return Comparison(
        measure, difference, *interval, verdict, more, worth_knowing, confidence, (n, n)
    )


def _pair_counts(pairs: Pairs) -> dict[tuple[int, int], int]:
    if isinstance(pairs, Mapping):
        return {pair: whole(count) for pair, count in pairs.items()}
    table: dict[tuple[int, int], int] = {}
    for pair in pairs:
        table[pair] = table.get(pair, 0) + 1
    return table


def _paired_interval(
    worths: dict[tuple[float, float], float], n: int, measure: Measure, confidence: float
) -> tuple[float | None, Interval]:
    low, high = measure.bounds
    if n == 0:
        return None, Interval(low - high, high - low)
    if measure.unit is Unit.SHARE:
        up, down = worths.get((0.0, 1.0), 0.0), worths.get((1.0, 0.0), 0.0)
        return (up - down) / n, intervals.balance(up, down, n, confidence=confidence)
    earlier, of_earlier = measure.interval(
        [(pair[0], count) for pair, count in worths.items()], confidence=confidence
    )
    later, of_later = measure.interval(
        [(pair[1], count) for pair, count in worths.items()], confidence=confidence
    )
    if earlier is None or later is None:
        raise StatisticsError("pairs without answers")
    return later - earlier, intervals.mover(
        later, of_later, earlier, of_earlier, correlation=_correlation(worths, n)
    )


def _correlation(worths: dict[tuple[float, float], float], n: int) -> float:
    """Pearson's correlation of the two answers; 0 where either never varies."""
    x = math.fsum(pair[0] * count for pair, count in worths.items()) / n
    y = math.fsum(pair[1] * count for pair, count in worths.items()) / n
    xx = math.fsum((pair[0] - x) ** 2 * count for pair, count in worths.items())
    yy = math.fsum((pair[1] - y) ** 2 * count for pair, count in worths.items())
    xy = math.fsum((pair[0] - x) * (pair[1] - y) * count for pair, count in worths.items())
    return xy / math.sqrt(xx * yy) if xx > 0 and yy > 0 else 0.0


def _paired_variance(worths: dict[tuple[float, float], float], n: int, measure: Measure) -> float:
    """Variance of one person's difference, with one imagined person half a range up and down."""
    low, high = measure.bounds
    imagined = ((high - low) / 2) ** 2
    average = math.fsum((b - a) * count for (a, b), count in worths.items()) / max(n, 1)
    squares = math.fsum((b - a - average) ** 2 * count for (a, b), count in worths.items())
    return (squares + 2 * imagined) / (n + 2)


def _cautious_variance(score: Score) -> float:
    """Variance of one answer, with one imagined answer at either end: alike is not certain."""
    low, high = score.measure.bounds
    pairs = [*score.tally, (low, 1.0), (high, 1.0)]
    n = math.fsum(count for _, count in pairs)
    average = math.fsum(worth * count for worth, count in pairs) / n
    return math.fsum(count * (worth - average) ** 2 for worth, count in pairs) / n


def smallest_that_matters(matters: float | None, measure: Measure) -> float:
    """The caller's smallest difference worth knowing, or the measure's own."""
    if matters is None:
        return measure.matters
    if not (math.isfinite(matters) and matters > 0):
        raise StatisticsError(f"the difference that matters must be positive, not {matters}")
    return matters


def _judge(
    difference: float | None,
    interval: Interval,
    matters: float,
    spread: float,
    n: float,
    confidence: float,
) -> tuple[Verdict, int | None]:
    """The verdict, and the answers that would decide if the difference stayed what it is."""
    if interval.low > 0:
        return Verdict.HIGHER, None
    if interval.high < 0:
        return Verdict.LOWER, None
    if -matters < interval.low and interval.high < matters:
        return Verdict.NO_REAL_CHANGE, None
    seen = abs(difference or 0.0)
    width = max(seen, matters - seen)
    needed = spread * (intervals.normal_quantile(confidence) / width) ** 2
    return Verdict.NOT_ENOUGH_ANSWERS, max(1, math.ceil(needed - n))
