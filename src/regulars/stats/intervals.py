"""Confidence intervals from counts: closed forms and bisection in plain `math`, no arrays.

Shares are fractions 0…1, balances (share for minus share against) are −1…1. Counts may be
fractional, as they are after weighting. Nothing here divides by an estimated variance, so that
one answer, all alike, or nobody gives an honest interval.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

from regulars.stats.errors import LARGEST, StatisticsError

_STEPS = 60  # halvings: the bracket of at most 2 ends below 2e-18


class Interval(NamedTuple):
    """Low and high end, in the unit of the estimate."""

    low: float
    high: float


def normal_quantile(confidence: float) -> float:
    """The two-sided standard normal quantile: 1.96 for .95."""
    if not 0 < confidence < 1:
        raise StatisticsError(f"confidence must lie between 0 and 1, not {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(successes: float, n: float, *, confidence: float = 0.95) -> Interval:
    """Score interval of a share (Wilson 1927; Newcombe 1998a, method 3).

    Nobody asked gives [0, 1].
    """
    _check_counts(n, successes)
    if n == 0:
        return Interval(0.0, 1.0)
    z = normal_quantile(confidence)
    failures = n - successes
    centre = 2 * successes + z * z
    spread = z * math.sqrt(z * z + 4 * successes * failures / n)
    scale = 2 * (n + z * z)
    low = (centre - spread) / scale if successes > 0 else 0.0
    high = (centre + spread) / scale if failures > 0 else 1.0
    return Interval(max(0.0, low), min(1.0, high))


def balance(favour: float, against: float, n: float, *, confidence: float = 0.95) -> Interval:
    """Score interval of favour/n − against/n, the balance of a three-way answer.

    Tango (1998), equations 4 to 7, where `favour` and `against` are the discordant pairs; for the
    NPS they are promoters and detractors (Rocks 2016, "iterative score"). Nobody asked gives
    [−1, 1].
    """
    _check_counts(n, favour, against)
    if n == 0:
        return Interval(-1.0, 1.0)
    z = normal_quantile(confidence)
    estimate = (favour - against) / n
    low = _balance_limit(favour, against, n, z, inside=estimate, outside=-1.0)
    high = _balance_limit(favour, against, n, z, inside=estimate, outside=1.0)
    return Interval(low, high)


def _balance_limit(
    favour: float, against: float, n: float, z: float, *, inside: float, outside: float
) -> float:
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        variance = n * (2 * _nuisance(favour, against, n, middle) + middle * (1 - middle))
        if (favour - against - n * middle) ** 2 <= z * z * variance:
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2


def _nuisance(favour: float, against: float, n: float, delta: float) -> float:
    """The likeliest share against when the balance is `delta` (Tango 1998, equation 7)."""
    a = 2 * n
    b = -favour - against + (2 * n - favour + against) * delta
    c = -against * delta * (1 - delta)
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return (root - b) / (2 * a)


def mean(
    total: float, squares: float, n: float, *, bounds: tuple[float, float], confidence: float = 0.95
) -> Interval:
    """Interval of a mean of answers on a scale from their sum and their sum of squares.

    Student's t, cut to the scale's `bounds`. All answers alike have no spread to estimate: then
    each end supposes that the share not excluded by Wilson's interval answers at that end of the
    scale. Nobody asked gives the whole scale. `n` may be an effective number of answers.
    """
    low, high = bounds
    _check_counts(n)
    if not (abs(total) <= LARGEST and 0 <= squares <= LARGEST):
        raise StatisticsError(f"sums must be finite, and squares not negative: {total}, {squares}")
    if n == 0:
        return Interval(low, high)
    average = total / n
    deviation = squares - total * average
    if deviation <= 1e-9 * max(1.0, squares):
        unseen = 1 - wilson(n, n, confidence=confidence).low
        return Interval(average - unseen * (average - low), average + unseen * (high - average))
    degrees = max(1, math.floor(n - 1))
    half = student_quantile(confidence, degrees) * math.sqrt(deviation / (n - 1) / n)
    return Interval(max(low, average - half), min(high, average + half))


def mover(
    first: float, of_first: Interval, second: float, of_second: Interval, *, correlation: float = 0
) -> Interval:
    """Interval of first − second from each one's own interval: the method of variance recovery.

    Newcombe (1998b), method 10, for shares; Donner & Zou (2012) in general; with the estimates'
    `correlation` for the same people asked twice (Newcombe 1998c; Zou 2007, equation 4).
    """
    low = _mover_reach(first - of_first.low, of_second.high - second, correlation)
    high = _mover_reach(of_first.high - first, second - of_second.low, correlation)
    return Interval(first - second - low, first - second + high)


def _mover_reach(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one * one + other * other - 2 * correlation * one * other))


def student_quantile(confidence: float, degrees: int) -> float:
    """The two-sided quantile of Student's t with whole `degrees` of freedom ≥ 1.

    Up to 200 degrees by Newton's method on the closed form of the distribution (Abramowitz &
    Stegun 1964, 26.7.3–26.7.4), above by the Cornish–Fisher expansion (26.7.5), which is exact
    there to eight decimals.
    """
    if not degrees >= 1:
        raise StatisticsError(f"degrees of freedom must be at least 1, not {degrees}")
    z = normal_quantile(confidence)
    t = _cornish_fisher(z, degrees)
    if degrees > 200:
        return t
    if degrees == 1:
        return math.tan(math.pi * confidence / 2)
    return _newton(confidence, degrees, start=t, least=z)


def _newton(confidence: float, degrees: int, *, start: float, least: float) -> float:
    """The central mass is concave in t, so after one step the iterates rise to the root."""
    peak = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    scale = 2 * math.exp(peak) / math.sqrt(degrees * math.pi)
    t = start
    for _ in range(_STEPS):
        slope = scale * (1 + t * t / degrees) ** (-(degrees + 1) / 2)
        step = (confidence - _central_mass(t, degrees)) / slope
        t = max(least, t + step)
        if abs(step) < 1e-13 * t:
            break
    return t


def _central_mass(t: float, degrees: int) -> float:
    """P(|T| < t) for degrees ≥ 2, Abramowitz & Stegun 26.7.3 (odd) and 26.7.4 (even)."""
    cosine = 1 / math.sqrt(1 + t * t / degrees)
    sine = t / math.sqrt(degrees + t * t)
    if degrees % 2:
        term, first = cosine, 3
    else:
        term, first = 1.0, 2
    total = term
    for k in range(first, degrees - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    if degrees % 2:
        return 2 / math.pi * (math.atan(t / math.sqrt(degrees)) + sine * total)
    return sine * total


def _cornish_fisher(z: float, degrees: int) -> float:
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    degrees = min(degrees, 10**15)
    g4 = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + g1 / degrees + g2 / degrees**2 + g3 / degrees**3 + g4 / degrees**4


def _check_counts(n: float, *parts: float) -> None:
    if not all(math.isfinite(count) and count >= 0 for count in (n, *parts)):
        raise StatisticsError(f"counts must be finite and not negative: {parts} of {n}")
    if sum(parts) > n * (1 + 1e-12):
        raise StatisticsError(f"counts {parts} are more than the {n} asked")
