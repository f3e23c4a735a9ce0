"""Who did not answer: weights that make the answers look like the customers, and what if not.

Raking to known margins, the cost of weights (Kish), worst cases (Manski), "if the silent are less
happy", how representative the answers are (R-indicator), early against reminded answers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.stats.comparisons import Comparison, compare
from regulars.stats.errors import StatisticsError
from regulars.stats.histograms import whole
from regulars.stats.intervals import Interval
from regulars.stats.measures import Score, require_same

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
_DENSE_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Raked:
    """One weight per answer (mean 1) and what the weighting costs.

    `effective_n` is Kish's; `trimmed` the share of answers whose weight was cut; `discrepancy` the
    largest difference left between a weighted margin and its target, as a share: 0 without
    trimming, and the price of it with.
    """

    weights: Floats
    effective_n: float
    trimmed: float
    discrepancy: float
    rounds: int

    @property
    def design_effect(self) -> float:
        """n / n_eff ≥ 1 (Kish 1965, 11.7)."""
        return len(self.weights) / self.effective_n


def rake(
    columns: Sequence[ArrayLike],
    margins: Sequence[ArrayLike],
    *,
    cap: float | None = None,
    tolerance: float = 1e-9,
    max_rounds: int = 1000,
) -> Raked:
    """Weigh answers until each column's weighted distribution is its margin (Deming & Stephan).

    `columns` hold one whole code 0…k−1 per answer, `margins` the k customers (or shares) of each
    code in the customer list. `cap` cuts weights at so many times the mean. Answers are added up
    to cells first, so the cost hardly depends on their number. Raises when a category of the list
    has nobody who answered or an answer is in an empty category (join categories then), and when
    no convergence is reached.
    """
    targets = [_target(margin) for margin in margins]
    codes = _codes(columns, [len(target) for target in targets])
    cells, cell_of, counts = _cells(codes, [len(target) for target in targets])
    for position, (cell, target) in enumerate(zip(cells, targets, strict=True)):
        _check_filled(position, cell, counts, target)
    limit = math.inf if cap is None else cap
    if not limit > 1:
        raise StatisticsError(f"a cap on weights is above 1, not {cap}")
    weights, rounds = _fit(cells, counts, targets, limit, tolerance, max_rounds)
    discrepancy = _discrepancy(cells, counts * weights, targets)
    if cap is None and discrepancy > 1e-6:
        raise StatisticsError("raking does not converge: some combination of margins is empty")
    n = float(counts.sum())
    effective = n**2 / float(counts @ weights**2)
    cut = float(counts[weights >= limit * (1 - 1e-9)].sum()) / n
    return Raked(weights[cell_of], effective, cut, discrepancy, rounds)


def _target(margin: ArrayLike) -> Floats:
    target = np.asarray(margin, dtype=np.float64)
    if target.ndim != 1 or not np.all(np.isfinite(target) & (target >= 0)) or target.sum() <= 0:
        raise StatisticsError("a margin is a list of counts or shares, not all of them 0")
    return np.asarray(target / target.sum())


def _codes(columns: Sequence[ArrayLike], sizes: Sequence[int]) -> list[Codes]:
    if not columns or len(columns) != len(sizes):
        raise StatisticsError(f"{len(columns)} columns have {len(sizes)} margins")
    arrays = [np.asarray(column) for column in columns]
    if any(array.shape != arrays[0].shape or array.ndim != 1 for array in arrays):
        raise StatisticsError("columns must be lists of equal length")
    if arrays[0].size == 0:
        raise StatisticsError("nobody answered: there is nothing to weigh")
    for array, size in zip(arrays, sizes, strict=True):
        if not np.issubdtype(array.dtype, np.integer) or array.min() < 0 or array.max() >= size:
            raise StatisticsError("columns hold whole codes from 0 to the margin's length")
    return [array.astype(np.intp, copy=False) for array in arrays]


def _cells(codes: list[Codes], sizes: list[int]) -> tuple[list[Codes], Codes, Floats]:
    """Codes of each filled cell by column, the cell of each answer, and answers per cell."""
    joint = codes[0]
    for column, size in zip(codes[1:], sizes[1:], strict=True):
        joint = joint * size + column
    number = math.prod(sizes)
    if number > _DENSE_CELLS:
        filled, cell_of, counts = np.unique(joint, return_inverse=True, return_counts=True)
    else:
        table = np.bincount(joint, minlength=number)
        filled = np.flatnonzero(table)
        place = np.zeros(number, dtype=np.intp)
        place[filled] = np.arange(len(filled))
        cell_of, counts = place[joint], table[filled]
    return list(np.unravel_index(filled, sizes)), cell_of, counts.astype(np.float64)


def _check_filled(position: int, cell: Codes, counts: Floats, target: Floats) -> None:
    answered = np.bincount(cell, counts, minlength=len(target))
    for code in np.flatnonzero((answered > 0) != (target > 0)):
        raise StatisticsError(
            f"column {position}, category {code}: {int(answered[code])} answers"
            f" for {target[code]:.4f} of the customers; join it with another"
        )


def _fit(
    cells: list[Codes],
    counts: Floats,
    targets: list[Floats],
    cap: float,
    tolerance: float,
    max_rounds: int,
) -> tuple[Floats, int]:
    weights = np.ones_like(counts)
    n = counts.sum()
    rounds = 0
    while rounds < max_rounds:
        rounds += 1
        before = weights
        for cell, target in zip(cells, targets, strict=True):
            sums = np.bincount(cell, counts * weights, minlength=len(target))
            factors = np.divide(n * target, sums, out=np.zeros_like(sums), where=sums > 0)
            weights = weights * factors[cell]
        if cap < math.inf:
            weights = _cut(weights, counts, cap)
        if np.max(np.abs(weights - before)) <= tolerance * np.max(weights):
            break
    return weights, rounds


def _cut(weights: Floats, counts: Floats, cap: float) -> Floats:
    """Weights of mean 1, none above the cap: what is cut off goes to the others in proportion."""
    weights = weights * (counts.sum() / (counts @ weights))
    over = weights > cap
    while True:
        rest = counts.sum() - cap * counts[over].sum()
        cut = np.where(over, cap, weights * (rest / (counts[~over] @ weights[~over])))
        more = cut > cap * (1 + 1e-12)
        if not more.any():
            return np.asarray(cut)
        over = over | more


def _discrepancy(cells: list[Codes], weighted: Floats, targets: list[Floats]) -> float:
    total = weighted.sum()
    return max(
        float(np.max(np.abs(np.bincount(cell, weighted, minlength=len(target)) / total - target)))
        for cell, target in zip(cells, targets, strict=True)
    )


def worst_case(score: Score, asked: int) -> Interval:
    """Bounds that hold whatever the silent think (Manski 1990): all of them at either end.

    In the measure's unit; sampling error is not in it. `asked` counts everybody who was asked.
    """
    silent = _silent_share(score, asked)
    low, high = score.measure.bounds
    given = 0.0 if score.value is None else (1 - silent) * score.value
    return Interval(given + silent * low, given + silent * high)


def if_the_silent_differ(score: Score, asked: int, *, by: float) -> tuple[float, Interval]:
    """The score of everybody asked if the silent differ from the answers `by` so much.

    `by` is in the measure's unit, negative for less happy silent people; nobody can be beyond the
    scale's ends. Gives value and interval. Raises when nobody answered.
    """
    silent = _silent_share(score, asked)
    if not math.isfinite(by):
        raise StatisticsError(f"the silent differ by a number, not {by}")
    value, low, high = (
        _shifted(end, silent, by, score) for end in (_value(score), *score.interval)
    )
    return value, Interval(low, high)


def _shifted(value: float, silent: float, by: float, score: Score) -> float:
    low, high = score.measure.bounds
    return (1 - silent) * value + silent * min(high, max(low, value + by))


def tipping_point(score: Score, asked: int, *, target: float) -> float | None:
    """How much the silent must differ for everybody's score to be `target`.

    In the measure's unit, negative when they must be less happy; None when no opinion of the
    silent can do it. Raises when nobody answered.
    """
    silent, value = _silent_share(score, asked), _value(score)
    bounds = worst_case(score, asked)
    if silent == 0 or not bounds.low <= target <= bounds.high:
        return None
    return (target - value) / silent


def _value(score: Score) -> float:
    if score.value is None:
        raise StatisticsError("nobody answered: there is no score to start from")
    return score.value


def _silent_share(score: Score, asked: int) -> float:
    if whole(asked) < score.n or asked == 0:
        raise StatisticsError(f"{score.n} answers of {asked} asked")
    return 1 - score.n / asked


@dataclass(frozen=True, slots=True)
class Representativeness:
    """R-indicator 0…1 (1: every group answers equally often) and the response rate.

    `worst_bias` is the greatest bias of a mean whose standard deviation in the population is 1;
    None when nobody answered.
    """

    indicator: float
    rate: float
    worst_bias: float | None


def representativeness(answered: Sequence[int], asked: Sequence[int]) -> Representativeness:
    """R = 1 − 2·S(response rates of groups), Schouten, Cobben & Bethlehem (2009), eq. 8 and 10.

    S² is freed of the sampling noise of the groups' rates (Shlomo, Skinner & Schouten 2012), so
    that small groups do not look unrepresentative by chance.
    """
    hits, sizes = [whole(count) for count in answered], [whole(count) for count in asked]
    if len(hits) != len(sizes) or any(x > n for x, n in zip(hits, sizes, strict=True)):
        raise StatisticsError("every group needs as many asked as answered, or more")
    total = sum(sizes)
    if total == 0:
        raise StatisticsError("nobody was asked")
    rate = sum(hits) / total
    groups = [(x / n, n) for x, n in zip(hits, sizes, strict=True) if n]
    spread = math.fsum(n * (share - rate) ** 2 for share, n in groups) / total
    within = math.fsum(share * (1 - share) for share, _ in groups) / total
    noise = within - rate * (1 - rate) / total
    deviation = math.sqrt(max(0.0, spread - max(0.0, noise)))
    return Representativeness(1 - 2 * deviation, rate, deviation / rate if rate else None)


@dataclass(frozen=True, slots=True)
class EarlyLate:
    """Reminded against early answers, and everybody's score if the silent are like the reminded.

    `extrapolated` is in the measure's unit, None when nobody answered late.
    """

    late_minus_early: Comparison
    extrapolated: float | None


def early_against_late(early: Score, late: Score, *, silent: int = 0) -> EarlyLate:
    """The continuum of resistance (Armstrong & Overton 1977): late answers stand for silence."""
    require_same(early.measure, late.measure)
    comparison = compare(late, early)
    people = early.n + late.n + whole(silent)
    if late.value is None:
        return EarlyLate(comparison, None)
    happy = early.n * (early.value or 0.0) + (late.n + silent) * late.value
    return EarlyLate(comparison, happy / people)
