"""Intervals whose coverage does not dip: at least the confidence asked for, whatever the truth.

Score intervals (`intervals.wilson`, `intervals.balance`) hold their confidence on average over
populations and dip below it in some; Student's t dips further where nearly everybody gives the
same grade. Where that is not good enough, this one interval serves shares, balances and means.
For shares it is Clopper & Pearson's (1934) exact interval. Plain `math`, a few milliseconds each.
"""

import math
from collections.abc import Sequence

from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.intervals import Interval, normal_quantile

_ROUNDS = 60  # of regula falsi, which needs about eight
_STEP = 0.1  # of the trapezium rule in x, where u = exp(x − e⁻ˣ): exact to eleven decimals
_FIRST, _LAST = -3.4, 36.0  # u = 4e-15 adds nothing any more; the last is for a single answer
_NOTHING_LEFT = -34.0  # exp of it is 2e-15
_CERTAIN = 12.0  # standard deviations


def bounded_mean(
    tally: Sequence[tuple[float, float]],
    *,
    bounds: tuple[float, float],
    confidence: float = 0.95,
) -> Interval:
    """Interval of the mean of answers that lie within `bounds`, from pairs of worth and count.

    Gaffke (2005): each limit is a quantile of the mean under random weights Dirichlet(counts),
    with one more answer imagined at the end of the scale on that side. With two worths this is
    Clopper & Pearson's interval, which never covers less than it says; that it never does with
    more worths is conjectured and holds in every enumeration made (Learned-Miller & Thomas 2020;
    tests/stats/test_cautious.py). Counts may be fractional. Nobody asked gives the whole scale.
    Raises StatisticsError for worths outside `bounds` and counts that are negative or not finite.
    """
    low, high = bounds
    normal_quantile(confidence)
    if not -LARGEST <= low < high <= LARGEST:
        raise StatisticsError(f"bounds run from a lower to a higher end, not {low} to {high}")
    for worth, count in tally:
        if not low <= worth <= high:
            raise StatisticsError(f"{worth} lies outside {low} to {high}")
        if not 0 <= count <= LARGEST:
            raise StatisticsError(f"counts must be finite and not negative: {count}")
    some = [(float(worth), float(count)) for worth, count in tally if count > 0]
    if not some:
        return Interval(float(low), float(high))
    tail = (1 - confidence) / 2
    return Interval(
        _quantile([*some, (float(low), 1.0)], tail),
        _quantile([*some, (float(high), 1.0)], 1 - tail),
    )


def _quantile(tally: Sequence[tuple[float, float]], chance: float) -> float:
    """Where the mean under Dirichlet weights lies below with this chance, by the Illinois rule."""
    below, above = min(worth for worth, _ in tally), max(worth for worth, _ in tally)
    nearly = (above - below) * 1e-10
    at_below, at_above = -chance, 1 - chance
    kept = 0
    for _ in range(_ROUNDS):
        if above - below <= nearly:
            break
        middle = below - at_below * (above - below) / (at_above - at_below)
        found = _chance_below(middle, tally) - chance
        if abs(found) < 1e-12:
            return middle
        if found < 0:
            below, at_below = middle, found
            at_above *= 0.5 if kept < 0 else 1.0
            kept = -1
        else:
            above, at_above = middle, found
            at_below *= 0.5 if kept > 0 else 1.0
            kept = 1
    return (below + above) / 2


def _chance_below(limit: float, tally: Sequence[tuple[float, float]]) -> float:
    """P(Σ wᵢ worthᵢ ≤ limit), w ~ Dirichlet(counts): P(Σ (worthᵢ − limit) Gᵢ ≤ 0), G gamma.

    By inversion of the characteristic function Π (1 − iu (worthᵢ − limit))^−countᵢ (Gil-Pelaez
    1951), on a grid that is doubly exponential towards u = 0.
    """
    scale = math.sqrt(math.fsum(count * (worth - limit) ** 2 for worth, count in tally))
    if scale == 0:
        return 0.5
    terms = [((worth - limit) / scale, count) for worth, count in tally]
    mean = math.fsum(count * far for far, count in terms)
    if abs(mean) > _CERTAIN:
        return float(mean < 0)
    total = 0.0
    for k in range(round((_LAST - _FIRST) / _STEP)):
        x = _FIRST + k * _STEP
        u = math.exp(x - math.exp(-x))
        size = -0.5 * sum(count * math.log1p((u * far) ** 2) for far, count in terms)
        if size < _NOTHING_LEFT:
            break
        turned = sum(count * math.atan(u * far) for far, count in terms)
        total += math.exp(size) * math.sin(turned) * (1 + math.exp(-x))
    return 0.5 - total * _STEP / math.pi
