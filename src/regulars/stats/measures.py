"""What is measured, and the value object that every score is.

A `Measure` says which question on which scale was asked and how answers become a number, so that
scores of different questions can never be compared or pooled by accident.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from regulars.stats import intervals
from regulars.stats.errors import MixedScalesError, StatisticsError
from regulars.stats.histograms import Scale, checked_scale, whole
from regulars.stats.intervals import Interval


class Kind(StrEnum):
    """The question behind a score. NPS and its 1–10 look-alike are different kinds."""

    NPS = "nps"
    NPS_1_10 = "nps_1_10"
    CSAT = "csat"
    CES = "ces"
    CES_MEAN = "ces_mean"
    STARS = "stars"
    EXPECTATION = "expectation"
    RESPONSE_RATE = "response_rate"
    SHARE = "share"


class Unit(StrEnum):
    """Points run −100…100, shares 0…1, grades over the question's own scale."""

    POINTS = "points"
    SHARE = "share"
    GRADE = "grade"


class Better(StrEnum):
    """Which end of the scale is the good one."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Measure:
    """A question's kind, its scale (lowest and highest grade), and how answers are counted.

    `top` is the number of grades at the good end that count (shares only); `better` says which
    end is good.
    """

    kind: Kind
    unit: Unit
    scale: Scale
    top: int = 0
    better: Better = Better.HIGH

    def __post_init__(self) -> None:
        low, high = checked_scale(self.scale)
        if self.unit is Unit.SHARE and not 1 <= whole(self.top) <= high - low:
            raise StatisticsError(
                f"top boxes of the scale {low} to {high} number 1 to {high - low}, not {self.top}"
            )

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that the score can have."""
        match self.unit:
            case Unit.POINTS:
                return (-100.0, 100.0)
            case Unit.SHARE:
                return (0.0, 1.0)
            case Unit.GRADE:
                return (float(self.scale[0]), float(self.scale[1]))

    @property
    def grades(self) -> range:
        return range(self.scale[0], self.scale[1] + 1)

    @property
    def matters(self) -> float:
        """The smallest difference that matters unless the caller says another: a tenth of the
        score's range, so 20 NPS points, a share of .10, .4 stars.
        """
        low, high = self.bounds
        return (high - low) / 10

    @property
    def improves_upwards(self) -> bool:
        """Whether a greater number is better; a share counts the good end, so it always is."""
        return self.unit is not Unit.GRADE or self.better is Better.HIGH

    def worth(self, grade: int) -> float:
        """What one answer adds to the mean that the score is: −100, 0 or 100 points for the NPS
        (and for "worse", "as" or "better than expected"), 0 or 1 for a share, the grade itself
        for a mean.
        """
        if grade not in self.grades:
            raise StatisticsError(
                f"{grade!r} is not on the scale {self.scale[0]} to {self.scale[1]}"
            )
        match self.unit:
            case Unit.POINTS:
                return 100.0 * self._side(grade)
            case Unit.SHARE:
                good = self._from_good_end(grade)
                return float(good < self.top)
            case Unit.GRADE:
                return float(grade)

    def _side(self, grade: int) -> int:
        """1 for, −1 against, 0 neither: promoters and detractors, or better and worse."""
        if self.kind is Kind.EXPECTATION:
            middle = sum(self.scale) / 2
            return (grade > middle) - (grade < middle)
        return (grade >= 9) - (grade <= 6)

    def _from_good_end(self, grade: int) -> int:
        low, high = self.scale
        return high - grade if self.better is Better.HIGH else grade - low

    def interval(
        self, tally: Iterable[tuple[float, float]], *, confidence: float
    ) -> tuple[float | None, Interval]:
        """Value (None without answers) and interval from pairs of worth and count.

        Counts may be fractional, as they are after weighting.
        """
        pairs = list(tally)
        n = math.fsum(count for _, count in pairs)
        total = math.fsum(worth * count for worth, count in pairs)
        value = total / n if n else None
        match self.unit:
            case Unit.POINTS:
                favour = math.fsum(count for worth, count in pairs if worth > 0)
                against = math.fsum(count for worth, count in pairs if worth < 0)
                found = intervals.balance(favour, against, n, confidence=confidence)
                return value, Interval(100 * found.low, 100 * found.high)
            case Unit.SHARE:
                return value, intervals.wilson(total, n, confidence=confidence)
            case Unit.GRADE:
                squares = math.fsum(worth * worth * count for worth, count in pairs)
                return value, intervals.mean(
                    total, squares, n, bounds=self.bounds, confidence=confidence
                )


@dataclass(frozen=True, slots=True)
class Score:
    """A number with its uncertainty: what the product shows, whole.

    `value`, `low` and `high` are in the measure's unit (points −100…100, shares 0…1, grades).
    `value` is None, and the interval all that is possible, when nobody answered. `variance` is
    that of one answer. `effective_n` is below `n` when answers are weighted (Kish). `tally` holds
    pairs of one answer's worth and the (weighted) number of such answers.
    """

    measure: Measure
    value: float | None
    low: float
    high: float
    n: int
    confidence: float
    effective_n: float
    tally: tuple[tuple[float, float], ...]

    @property
    def interval(self) -> Interval:
        return Interval(self.low, self.high)

    @property
    def variance(self) -> float:
        """The variance of one answer, in squared units; 0 when nobody answered."""
        n = math.fsum(count for _, count in self.tally)
        if n == 0:
            return 0.0
        average = math.fsum(worth * count for worth, count in self.tally) / n
        return math.fsum(count * (worth - average) ** 2 for worth, count in self.tally) / n

    def count(self, worth: float) -> float:
        """How many answers are worth this: `count(100)` are an NPS's promoters."""
        return math.fsum(count for value, count in self.tally if value == worth)


NPS = Measure(Kind.NPS, Unit.POINTS, (0, 10))
NPS_1_10 = Measure(Kind.NPS_1_10, Unit.POINTS, (1, 10))


def require_same(*measures: Measure) -> None:
    """Raise unless all measures are one: NPS is never pooled or compared with its 1–10 kin."""
    for other in measures[1:]:
        if other != measures[0]:
            raise MixedScalesError(f"{measures[0]} and {other} cannot be compared or pooled")
