"""Control charts to draw: XmR for any numbers, p and Laney's p′ for shares.

Limits are at three standard deviations; values are in the unit given, shares 0…1. Plain `math`.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.histograms import whole

_D2 = 1.128  # mean range of two standard normal values
_D4 = 3.267  # the upper limit of ranges of two, in mean ranges


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: one value, lower and upper limit per period, a centre line.

    `sigma_z` says how much wider (above 1) or narrower than binomial the periods scatter; it is 1
    on a p chart. On an XmR chart `mean_range` and `range_limit` belong to the moving ranges.
    Periods without answers have the value None and the widest limits.
    """

    values: tuple[float | None, ...]
    centre: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    sigma_z: float = 1.0
    mean_range: float = 0.0
    range_limit: float = 0.0

    @property
    def outside(self) -> tuple[int, ...]:
        """Positions of the values beyond their limits."""
        rows = enumerate(zip(self.values, self.lower, self.upper, strict=True))
        return tuple(
            i for i, (value, low, high) in rows if value is not None and not low <= value <= high
        )


def xmr(values: Sequence[float]) -> Chart:
    """Individuals and moving ranges: mean ± 3 · mean range / 1.128 (Shewhart; Wheeler 1992).

    Raises without at least 2 finite values.
    """
    if len(values) < 2 or not all(abs(value) <= LARGEST for value in values):
        raise StatisticsError("an XmR chart needs at least two finite values")
    centre = math.fsum(values) / len(values)
    spread = _mean_range(values)
    reach = 3 * spread / _D2
    n = len(values)
    return Chart(
        tuple(float(value) for value in values),
        centre,
        (centre - reach,) * n,
        (centre + reach,) * n,
        mean_range=spread,
        range_limit=_D4 * spread,
    )


def p_chart(successes: Sequence[int], sizes: Sequence[int]) -> Chart:
    """Shares of successes with binomial limits that follow each period's size."""
    return _shares(successes, sizes, laney=False)


def laney_p_chart(successes: Sequence[int], sizes: Sequence[int]) -> Chart:
    """p′ chart (Laney 2002): binomial limits times σ_z, the moving-range sigma of the z-scores.

    With equal sizes it is the XmR chart of the shares; when days differ no more than chance makes
    them, it is the p chart. Fewer than 2 periods with answers leave σ_z at 1.
    """
    return _shares(successes, sizes, laney=True)


def _shares(successes: Sequence[int], sizes: Sequence[int], *, laney: bool) -> Chart:
    hits, asked = [whole(count) for count in successes], [whole(count) for count in sizes]
    if len(hits) != len(asked) or any(x > n for x, n in zip(hits, asked, strict=True)):
        raise StatisticsError("every period needs a size that is not below its successes")
    if sum(asked) == 0:
        raise StatisticsError("a chart needs at least one answer")
    centre = sum(hits) / sum(asked)
    values = [x / n if n else None for x, n in zip(hits, asked, strict=True)]
    errors = [math.sqrt(centre * (1 - centre) / n) if n else math.inf for n in asked]
    sigma_z = _sigma_z(values, errors, centre) if laney else 1.0
    reaches = [3 * error * sigma_z if error < math.inf else 1.0 for error in errors]
    lower = tuple(max(0.0, centre - reach) for reach in reaches)
    upper = tuple(min(1.0, centre + reach) for reach in reaches)
    return Chart(tuple(values), centre, lower, upper, sigma_z)


def _sigma_z(values: Sequence[float | None], errors: Sequence[float], centre: float) -> float:
    rows = zip(values, errors, strict=True)
    scores = [(value - centre) / error for value, error in rows if value is not None and error > 0]
    return _mean_range(scores) / _D2 if len(scores) > 1 else 1.0


def _mean_range(values: Sequence[float]) -> float:
    ranges = [abs(b - a) for a, b in itertools.pairwise(values)]
    return math.fsum(ranges) / len(ranges)
