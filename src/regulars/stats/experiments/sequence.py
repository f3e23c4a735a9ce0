"""Intervals that stay valid however often one looks.

Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), "Time-uniform central limit theory and
asymptotic confidence sequences", Annals of Statistics 52(6), Theorem 2.2. An owner who looks every
day at a plain 95 % interval sees a false success in two plays of five; this interval holds at all
looks together, from about `least` customers on.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.experiments.effects import Effect, Finding
from regulars.stats.histograms import whole

#: Fewer customers than this in either group, and the central limit theorem has not begun to hold.
LEAST = 20


@dataclass(frozen=True)
class Group:
    """What a confidence sequence needs of a group so far: size, mean and variance (÷ n)."""

    n: int
    mean: float
    variance: float

    def __post_init__(self) -> None:
        if self.n <= 0:
            raise StatisticsError("a group is empty")
        if not (abs(self.mean) <= LARGEST and 0 <= self.variance <= LARGEST):
            raise StatisticsError("mean and variance are finite and the variance not negative")

    @staticmethod
    def of(outcomes: npt.ArrayLike) -> "Group":
        values = np.asarray(outcomes, dtype=np.float64)
        if values.ndim != 1 or not len(values):
            raise StatisticsError("a group is empty")
        if not np.all(np.abs(values) <= LARGEST):
            raise StatisticsError("an outcome is not a number")
        return Group(len(values), float(values.mean()), float(values.var()))

    @staticmethod
    def of_share(returned: int, n: int) -> "Group":
        if whole(n) == 0 or whole(returned) > n:
            raise StatisticsError("a group is empty or more came back than are in it")
        return Group(n, returned / n, returned / n * (1 - returned / n))


def boundary(n: float, *, tightest_at: float, alpha: float = 0.05) -> float:
    """Half-width of the sequence for a variable of variance 1 after n observations (eq. 2.4).

    `tightest_at` is the number of observations at which it is to be narrowest.
    """
    if not (0 < alpha < 1 and 1 <= n <= LARGEST and 1 <= tightest_at <= LARGEST):
        raise StatisticsError("n and tightest_at are at least 1, alpha between 0 and 1")
    rho2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tightest_at
    grown = n * rho2 + 1
    return math.sqrt(2 * grown / (n * n * rho2) * math.log(math.sqrt(grown) / alpha))


def difference_at_any_look(
    treated: Group, held_out: Group, *, planned: int, confidence: float = 0.95
) -> Effect:
    """Treated minus held out, valid at every look together.

    `planned` customers in both groups together is where the interval is narrowest: say the size
    of the audience. With fewer than LEAST in a group, or no variance, the interval is infinite.
    """
    if not 0 < confidence < 1:
        raise StatisticsError("the confidence lies between 0 and 1")
    difference, n = treated.mean - held_out.mean, treated.n + held_out.n
    variance = treated.variance / treated.n + held_out.variance / held_out.n
    sizes = treated.n, held_out.n
    if min(sizes) < LEAST or variance == 0:
        return Effect(difference, -math.inf, math.inf, *sizes, Finding.NOT_ENOUGH)
    reach = math.sqrt(n * variance) * boundary(n, tightest_at=planned, alpha=1 - confidence)
    low, high = difference - reach, difference + reach
    finding = Finding.NO_SURE_DIFFERENCE
    if low > 0 or high < 0:
        finding = Finding.MORE if low > 0 else Finding.LESS
    return Effect(difference, low, high, *sizes, finding)
