"""Scores and comparisons of many histograms at once, as numpy arrays.

The same formulas as `scores` and `comparisons`, one row per shop, department or week: ten thousand
intervals take milliseconds. Units are those of `scores`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.stats.comparisons import Verdict, smallest_that_matters
from regulars.stats.errors import StatisticsError
from regulars.stats.intervals import normal_quantile, student_quantile
from regulars.stats.measures import Measure, Unit, require_same

Floats = NDArray[np.float64]
_STEPS = 45  # halvings: the bracket of at most 2 ends below 6e-14


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One score per row: `value` is NaN where nobody answered (`n` 0), as arrays have no None."""

    measure: Measure
    value: Floats
    low: Floats
    high: Floats
    n: Floats
    variance: Floats
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """One difference first − second per row; `verdict` holds `Verdict` members.

    `more_needed` is 0 where the verdict is certain.
    """

    measure: Measure
    difference: Floats
    low: Floats
    high: Floats
    verdict: NDArray[np.object_]
    more_needed: NDArray[np.int64]


def score(histograms: ArrayLike, *, measure: Measure, confidence: float = 0.95) -> Scores:
    """Scores of histograms of shape (rows, grades), grades from lowest to highest."""
    counts = _checked(histograms, measure)
    worths = np.array([measure.worth(grade) for grade in measure.grades])
    n = counts.sum(axis=1)
    some = np.maximum(n, 1)
    value = np.where(n > 0, counts @ worths / some, np.nan)
    deviations = (worths[None, :] - np.where(n > 0, value, 0.0)[:, None]) ** 2
    variance = (counts * deviations).sum(axis=1) / some
    low, high = _interval(counts, worths, n, variance, measure, confidence)
    return Scores(measure, value, low, high, n, variance, confidence)


def compare(first: Scores, second: Scores, *, matters: float | None = None) -> Comparisons:
    """Compare row by row; see `comparisons.compare`."""
    require_same(first.measure, second.measure)
    if first.confidence != second.confidence or first.n.shape != second.n.shape:
        raise StatisticsError("the two sets of scores differ in confidence or in length")
    measure = first.measure
    worth_knowing = smallest_that_matters(matters, measure)
    a, b = np.nan_to_num(first.value), np.nan_to_num(second.value)
    low = a - b - np.hypot(a - first.low, second.high - b)
    high = a - b + np.hypot(first.high - a, b - second.low)
    empty = (first.n == 0) | (second.n == 0)
    low = np.where(empty, first.low - second.high, low)
    high = np.where(empty, first.high - second.low, high)
    spread = _cautious_variance(first) + _cautious_variance(second)
    verdict = _verdicts(low, high, worth_knowing)
    seen = np.where(empty, 0.0, np.abs(a - b))
    width = np.maximum(seen, worth_knowing - seen)
    needed = spread * (normal_quantile(first.confidence) / width) ** 2
    more = np.maximum(1, np.ceil(needed - np.minimum(first.n, second.n)))
    more_needed = np.where(verdict == Verdict.NOT_ENOUGH_ANSWERS, more, 0).astype(np.int64)
    return Comparisons(measure, first.value - second.value, low, high, verdict, more_needed)


def wilson(
    successes: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Wilson's interval per element; see `intervals.wilson`."""
    yes, asked = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    _require(bool(np.all(np.isfinite(yes) & np.isfinite(asked))), "counts must be finite")
    _require(bool(np.all((yes >= 0) & (yes <= asked))), "successes must lie between 0 and n")
    z = normal_quantile(confidence)
    no, some = asked - yes, np.where(asked > 0, asked, 1.0)
    spread = z * np.sqrt(z * z + 4 * yes * no / some)
    low = (2 * yes + z * z - spread) / (2 * (asked + z * z))
    high = (2 * yes + z * z + spread) / (2 * (asked + z * z))
    return (
        np.where(yes > 0, np.maximum(low, 0.0), 0.0),
        np.where(no > 0, np.minimum(high, 1.0), 1.0),
    )


def balance(
    favour: ArrayLike, against: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Tango's interval per element; see `intervals.balance`."""
    b, c, asked = (np.asarray(part, dtype=np.float64) for part in (favour, against, n))
    _require(bool(np.all(np.isfinite(b + c + asked))), "counts must be finite")
    _require(bool(np.all((b >= 0) & (c >= 0) & (b + c <= asked))), "parts must lie within n")
    z = normal_quantile(confidence)
    estimate = (b - c) / np.where(asked > 0, asked, 1.0)
    low = _balance_limit(b, c, asked, z, inside=estimate, outside=-1.0)
    high = _balance_limit(b, c, asked, z, inside=estimate, outside=1.0)
    return np.where(asked > 0, low, -1.0), np.where(asked > 0, high, 1.0)


def _balance_limit(
    b: Floats, c: Floats, n: Floats, z: float, *, inside: Floats, outside: float
) -> Floats:
    far = np.full_like(inside, outside)
    lean, decided, difference = 2 * n - b + c, b + c, b - c
    some, eight, tolerated = 4 * np.where(n > 0, n, 1.0), 8 * n * c, z * z * n
    for _ in range(_STEPS):
        middle = (inside + far) / 2
        room = middle * (1 - middle)
        slope = lean * middle - decided
        root = np.sqrt(np.maximum(0.0, slope * slope + eight * room))
        variance = 2 * (root - slope) / some + room
        within = (difference - n * middle) ** 2 <= tolerated * variance
        inside, far = np.where(within, middle, inside), np.where(within, far, middle)
    return (inside + far) / 2


def _interval(
    counts: Floats,
    worths: Floats,
    n: Floats,
    variance: Floats,
    measure: Measure,
    confidence: float,
) -> tuple[Floats, Floats]:
    if measure.unit is Unit.POINTS:
        favour, against = counts[:, worths > 0].sum(axis=1), counts[:, worths < 0].sum(axis=1)
        low, high = balance(favour, against, n, confidence=confidence)
        return 100 * low, 100 * high
    if measure.unit is Unit.SHARE:
        return wilson(counts @ worths, n, confidence=confidence)
    return _mean(counts @ worths, n, variance, measure.bounds, confidence)


def _mean(
    total: Floats, n: Floats, variance: Floats, bounds: tuple[float, float], confidence: float
) -> tuple[Floats, Floats]:
    low, high = bounds
    average = np.where(n > 0, total / np.maximum(n, 1), 0.0)
    degrees, position = np.unique(np.maximum(1, n - 1), return_inverse=True)
    quantiles = np.array([student_quantile(confidence, int(degree)) for degree in degrees])
    half = quantiles[position] * np.sqrt(variance / np.maximum(1, n - 1))
    unseen = 1 - wilson(n, n, confidence=confidence)[0]
    alike = variance <= 1e-9
    below = np.where(alike, average - unseen * (average - low), np.maximum(low, average - half))
    above = np.where(alike, average + unseen * (high - average), np.minimum(high, average + half))
    return np.where(n > 0, below, low), np.where(n > 0, above, high)


def _cautious_variance(scores: Scores) -> Floats:
    low, high = scores.measure.bounds
    average = np.nan_to_num(scores.value)
    n = scores.n
    centre = (n * average + low + high) / (n + 2)
    squares = n * (scores.variance + average**2) + low**2 + high**2
    return np.asarray(np.maximum(0.0, squares / (n + 2) - centre**2))


def _verdicts(low: Floats, high: Floats, matters: float) -> NDArray[np.object_]:
    outcomes = np.array(list(Verdict), dtype=object)
    place = list(Verdict).index
    chosen = np.full(low.shape, place(Verdict.NOT_ENOUGH_ANSWERS))
    chosen[(low > -matters) & (high < matters)] = place(Verdict.NO_REAL_CHANGE)
    chosen[low > 0] = place(Verdict.HIGHER)
    chosen[high < 0] = place(Verdict.LOWER)
    return np.asarray(outcomes[chosen])


def _checked(histograms: ArrayLike, measure: Measure) -> Floats:
    counts = np.asarray(histograms, dtype=np.float64)
    grades = len(measure.grades)
    _require(counts.ndim == 2 and counts.shape[1] == grades, f"rows have {grades} counts each")
    sensible = (counts >= 0) & (counts < 2.0**53) & (counts == np.floor(counts))
    _require(bool(np.all(sensible)), "counts are whole and not negative")
    return counts


def _require(sensible: bool, otherwise: str) -> None:
    if not sensible:
        raise StatisticsError(otherwise)
