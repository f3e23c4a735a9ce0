"""Many small plays: each borrows strength from the others, as much as the data say.

The normal-normal hierarchical model of Gelman et al. (2013), "Bayesian Data Analysis", §5.4, with
a uniform prior on the spread τ between plays, integrated by quadrature instead of simulated.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr

from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.purchases import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


@dataclass(frozen=True)
class Posterior:
    """A mean, its standard deviation and the central interval."""

    mean: float
    deviation: float
    low: float
    high: float


@dataclass(frozen=True)
class Pooled:
    """The common effect, each play's own effect given all of them, and the spread between plays.

    `complete` is the precision-weighted mean and its standard error, as if all were equal (τ = 0).
    """

    common: Posterior
    plays: tuple[Posterior, ...]
    spread: float
    complete: tuple[float, float]


def pool(
    effects: npt.ArrayLike, standard_errors: npt.ArrayLike, *, confidence: float = 0.95
) -> Pooled:
    """Partial pooling of at least three effects, each with its standard error.

    With fewer, the spread between plays cannot be learned (Gelman 2006) and StatisticsError is
    raised, as for standard errors that are not positive.
    """
    y, s = np.asarray(effects, dtype=np.float64), np.asarray(standard_errors, dtype=np.float64)
    if y.ndim != 1 or y.shape != s.shape:
        raise StatisticsError("effects and standard errors differ in length")
    if len(y) < 3:
        raise StatisticsError("the spread between plays cannot be learned from fewer than three")
    if not (np.all(np.abs(y) <= LARGEST) and np.all((s >= 1 / LARGEST) & (s <= LARGEST))):
        raise StatisticsError("effects are finite and standard errors positive numbers")
    if not 0 < confidence < 1:
        raise StatisticsError("the confidence lies between 0 and 1")
    tau, mass = _spread_between(y, s)
    precision = 1 / (s**2 + tau[:, None] ** 2)
    variance = 1 / precision.sum(axis=1)
    center = variance * (precision @ y)
    own = tau[:, None] ** 2 * precision
    means = own * y + (1 - own) * center[:, None]
    variances = own * s**2 + (1 - own) ** 2 * variance[:, None]
    weights = 1 / s**2
    return Pooled(
        common=_posterior(center, variance, mass, confidence),
        plays=tuple(
            _posterior(means[:, j], variances[:, j], mass, confidence) for j in range(len(y))
        ),
        spread=float(mass @ tau),
        complete=(float(weights @ y / weights.sum()), float(weights.sum() ** -0.5)),
    )


def _spread_between(y: Floats, s: Floats) -> tuple[Floats, Floats]:
    """Nodes of τ and their posterior probabilities (Gelman et al. 2013, eq. 5.21)."""
    scale = float(np.sqrt(np.median(s) ** 2 + y.var()))
    u = (_NODES + 1) / 2
    tau = scale * u / (1 - u)
    precision = 1 / (s**2 + tau[:, None] ** 2)
    variance = 1 / precision.sum(axis=1)
    center = variance * (precision @ y)
    logs = 0.5 * np.log(variance) + 0.5 * np.log(precision).sum(axis=1)
    logs -= 0.5 * (precision * (y - center[:, None]) ** 2).sum(axis=1)
    mass = np.exp(logs - logs.max()) * _WEIGHTS * scale / (1 - u) ** 2
    return tau, mass / mass.sum()


def _posterior(means: Floats, variances: Floats, mass: Floats, confidence: float) -> Posterior:
    """Moments and quantiles of a mixture of normal distributions."""
    mean = float(mass @ means)
    deviation = float(np.sqrt(mass @ (variances + (means - mean) ** 2)))
    deviations = np.sqrt(variances)
    lowest = float((means - 12 * deviations).min())
    highest = float((means + 12 * deviations).max())

    def quantile(level: float) -> float:
        def above(value: float) -> float:
            return float(mass @ ndtr((value - means) / deviations)) - level

        return float(brentq(above, lowest, highest, xtol=1e-10 * (highest - lowest)))

    tail = (1 - confidence) / 2
    return Posterior(mean, deviation, quantile(tail), quantile(1 - tail))
