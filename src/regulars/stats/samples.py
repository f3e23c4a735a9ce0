"""How many answers are needed, said before asking, and what a given number can show.

NPS in points, shares as fractions. The typical NPS variance of one answer is .60 (such as half
promoters and a fifth detractors); it can be replaced by the shop's own `Score.variance`.
"""

import math
from statistics import NormalDist

from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.histograms import whole
from regulars.stats.intervals import normal_quantile

TYPICAL_NPS_VARIANCE = 6000.0  # squared points


def sample_size_nps(
    margin: float = 10.0,
    *,
    variance: float = TYPICAL_NPS_VARIANCE,
    population: int | None = None,
    confidence: float = 0.95,
) -> int:
    """Answers for an NPS known within ± `margin` points.

    `variance` is that of one answer in squared points (6000 typical); `population`, the number of
    customers there are, reduces the need (finite population correction, Cochran 1977, 4.1).
    """
    return _for_margin(margin, variance, population, confidence)


def sample_size_share(
    margin: float = 0.05,
    *,
    share: float = 0.5,
    population: int | None = None,
    confidence: float = 0.95,
) -> int:
    """Answers for a share (0…1) known within ± `margin`; the worst `share` is one half."""
    if not 0 <= share <= 1:
        raise StatisticsError(f"a share lies between 0 and 1, not {share}")
    return max(1, _for_margin(margin, share * (1 - share), population, confidence))


def sample_size_change(
    change: float = 10.0,
    *,
    variance: float = TYPICAL_NPS_VARIANCE,
    power: float = 0.8,
    confidence: float = 0.95,
) -> int:
    """Answers per period (or group) to see a `change` with probability `power`.

    Change and variance in the same unit: points and squared points, or shares and p(1 − p).
    """
    _check_positive("change", change)
    _check_variance(variance)
    reach = _reach(power, confidence)
    return math.ceil(2 * variance * (reach / change) ** 2)


def smallest_visible_change(
    n_before: int,
    n_after: int,
    *,
    variance: float = TYPICAL_NPS_VARIANCE,
    power: float = 0.8,
    confidence: float = 0.95,
) -> float | None:
    """The smallest difference that so many answers show with probability `power`.

    In the unit whose square `variance` is: points for the default. None when a group is empty.
    """
    _check_variance(variance)
    if whole(n_before) == 0 or whole(n_after) == 0:
        return None
    return _reach(power, confidence) * math.sqrt(variance / n_before + variance / n_after)


def _for_margin(margin: float, variance: float, population: int | None, confidence: float) -> int:
    _check_positive("margin", margin)
    _check_variance(variance)
    endless = variance * (normal_quantile(confidence) / margin) ** 2
    if population is None:
        return math.ceil(endless)
    if whole(population) == 0:
        raise StatisticsError(f"a population has at least one member, not {population}")
    return math.ceil(endless / (1 + (endless - 1) / population)) if endless > 1 else 1


def _reach(power: float, confidence: float) -> float:
    if not 0 < power < 1:
        raise StatisticsError(f"power must lie between 0 and 1, not {power}")
    return max(0.0, normal_quantile(confidence) + NormalDist().inv_cdf(power))


def _check_positive(name: str, value: float) -> None:
    if not 1e-9 <= value <= LARGEST:
        raise StatisticsError(f"{name} must be positive, not {value}")


def _check_variance(variance: float) -> None:
    if not 0 <= variance <= LARGEST:
        raise StatisticsError(f"variance cannot be negative: {variance}")
