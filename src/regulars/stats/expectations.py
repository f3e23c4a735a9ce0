"""Expected and received: the gap, how reliable it is, and whether a gap explains anything.

By default one direct question ("much worse … much better than expected", Oliver 1980). Where
expectation and experience are both asked: the paired gap with the reliability of differences, and
Edwards's response surface in place of assuming the gap model.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.stats import intervals
from regulars.stats.comparisons import Comparison, compare_paired
from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.histograms import Histogram, Scale
from regulars.stats.intervals import normal_quantile
from regulars.stats.measures import Kind, Measure, Score, Unit
from regulars.stats.scores import score

Floats = NDArray[np.float64]

EXPECTATION = Measure(Kind.EXPECTATION, Unit.POINTS, (1, 5))


def disconfirmation(histogram: Histogram, *, confidence: float = 0.95) -> Score:
    """The direct question, 1 "much worse" … 5 "much better than expected".

    Points −100…100: the share for whom it was better minus the share for whom it was worse, with
    Tango's interval, as for the NPS.
    """
    return score(histogram, measure=EXPECTATION, confidence=confidence)


@dataclass(frozen=True, slots=True)
class Gap:
    """Experience minus expectation of the same people, in grades.

    `reliability` (0…1) is that of the single person's difference, None when the two questions
    correlate perfectly or never vary, or the questions' own reliabilities are unknown. Below about
    .7 a person's gap says little, however sure the mean is.
    """

    comparison: Comparison
    reliability: float | None
    correlation: float | None
    pairs: int


def gap(
    pairs: Mapping[tuple[int, int], int],
    *,
    scale: Scale = (1, 5),
    reliabilities: tuple[float, float] | None = None,
    confidence: float = 0.95,
) -> Gap:
    """The paired gap from counts of (expected, experienced) grades.

    `reliabilities` are those of the two questions (such as Cronbach's α or retest correlations).
    """
    measure = Measure(Kind.EXPECTATION, Unit.GRADE, scale)
    comparison = compare_paired(pairs, measure=measure, confidence=confidence)
    n = sum(pairs.values())
    if n < 2:
        return Gap(comparison, None, None, n)
    grades = np.array([pair for pair, count in pairs.items() if count], dtype=np.float64)
    counts = [count for count in pairs.values() if count]
    (xx, xy), (_, yy) = np.cov(grades.T, fweights=counts).tolist()
    correlation = xy / math.sqrt(xx * yy) if xx > 0 and yy > 0 else None
    reliability = None
    if correlation is not None and reliabilities is not None:
        reliability = difference_reliability(
            reliabilities, correlation=correlation, deviations=(math.sqrt(xx), math.sqrt(yy))
        )
    return Gap(comparison, reliability, correlation, n)


def difference_reliability(
    reliabilities: tuple[float, float],
    *,
    correlation: float,
    deviations: tuple[float, float] = (1.0, 1.0),
) -> float | None:
    """Reliability of x − y (Peter, Churchill & Brown 1993, eq. 2), at least 0.

    (s²x·rxx + s²y·ryy − 2·rxy·sx·sy) / (s²x + s²y − 2·rxy·sx·sy); None when the difference never
    varies.
    """
    if not all(0 <= value <= 1 for value in reliabilities) or not -1 <= correlation <= 1:
        raise StatisticsError("reliabilities lie in 0…1 and a correlation in −1…1")
    if not all(0 <= value <= LARGEST for value in deviations):
        raise StatisticsError("standard deviations are finite and not negative")
    (rx, ry), (sx, sy) = reliabilities, deviations
    shared = 2 * correlation * sx * sy
    spread = sx**2 + sy**2 - shared
    if spread <= 1e-12 * (sx**2 + sy**2) or spread == 0:
        return None
    return max(0.0, (sx**2 * rx + sy**2 * ry - shared) / spread)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimate with its standard error and interval."""

    value: float
    error: float
    low: float
    high: float

    @property
    def differs_from_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Surface:
    """Satisfaction as a quadratic surface of experience x and expectation y (Edwards 1994).

    z = b0 + b1·x + b2·y + b3·x² + b4·xy + b5·y², both centred at the scale's middle. Along
    agreement (x = y) its slope is b1 + b2 and its curvature b3 + b4 + b5; along disagreement
    (x = −y) b1 − b2 and b3 − b4 + b5. `gap_model_holds` says that the data do not contradict the
    pure difference model: R² above 0, b1 = −b2 and no squares. `p_*` are F tests.
    """

    coefficients: tuple[float, ...]
    agreement_slope: Coefficient
    agreement_curvature: Coefficient
    disagreement_slope: Coefficient
    disagreement_curvature: Coefficient
    r_squared: float
    p_explains: float
    p_opposite_slopes: float
    p_squares: float
    n: int
    gap_model_holds: bool


def response_surface(
    experience: ArrayLike,
    expectation: ArrayLike,
    satisfaction: ArrayLike,
    *,
    middle: float,
    confidence: float = 0.95,
) -> Surface:
    """Test the gap model in place of assuming it (Edwards 1994; Edwards & Parry 1993).

    One row per person; `middle` is the scale's middle, from which both are measured. Raises with
    fewer than 10 rows or when the grades vary too little to fit six coefficients.
    """
    x, y, z = (
        np.asarray(part, dtype=np.float64) for part in (experience, expectation, satisfaction)
    )
    _check_rows(x, y, z)
    normal_quantile(confidence)
    x, y = x - middle, y - middle
    quadratic = np.column_stack([np.ones_like(x), x, y, x**2, x * y, y**2])
    if np.linalg.matrix_rank(quadratic) < 6:
        raise StatisticsError("the grades vary too little for a response surface")
    b, left = _least_squares(quadratic, z)
    total, linear = _left(quadratic[:, :1], z), _left(quadratic[:, :3], z)
    difference = _left(np.column_stack([np.ones_like(x), x - y]), z)
    n = len(z)
    p_explains = _f_test(total - left, left, 5, n - 6)
    p_squares = _f_test(linear - left, left, 3, n - 6)
    p_opposite = _f_test(difference - linear, linear, 1, n - 3)
    covariance = np.asarray(left / (n - 6) * np.linalg.inv(quadratic.T @ quadratic), np.float64)
    lines = np.array(
        [[0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 1, -1, 0, 0, 0], [0, 0, 0, 1, -1, 1]]
    )
    up, bend, across, fold = (
        _coefficient(line, b, covariance, n - 6, confidence) for line in lines
    )
    limit = 1 - confidence
    holds = p_explains < limit and p_squares >= limit and p_opposite >= limit and b[1] > 0 > b[2]
    return Surface(
        tuple(float(value) for value in b),
        up,
        bend,
        across,
        fold,
        1 - left / total if total > 0 else 0.0,
        p_explains,
        p_opposite,
        p_squares,
        n,
        bool(holds),
    )


def _check_rows(x: Floats, y: Floats, z: Floats) -> None:
    if x.ndim != 1 or not x.shape == y.shape == z.shape:
        raise StatisticsError("the three answers must be lists of equal length")
    if not all(np.all(np.abs(part) <= LARGEST) for part in (x, y, z)):
        raise StatisticsError("answers must be finite: leave incomplete rows out")
    if len(x) < 10:
        raise StatisticsError(f"a response surface needs at least 10 rows, not {len(x)}")


def _least_squares(design: Floats, z: Floats) -> tuple[Floats, float]:
    found = np.asarray(np.linalg.lstsq(design, z, rcond=None)[0], np.float64)
    residuals = z - design @ found
    left = float(residuals @ residuals)
    return found, left if left > 1e-12 * float(z @ z) else 0.0


def _left(design: Floats, z: Floats) -> float:
    return _least_squares(design, z)[1]


def _f_test(gain: float, left: float, more: int, degrees: int) -> float:
    from scipy.special import fdtrc

    if gain <= 0:
        return 1.0
    return float(fdtrc(more, degrees, gain / more / (left / degrees))) if left > 0 else 0.0


def _coefficient(
    line: NDArray[np.int_], b: Floats, covariance: Floats, degrees: int, confidence: float
) -> Coefficient:
    value = float(line @ b)
    error = math.sqrt(max(0.0, float(line @ covariance @ line)))
    half = intervals.student_quantile(confidence, degrees) * error
    return Coefficient(value, error, value - half, value + half)
