"""Maximum likelihood by Newton's method on the logarithms of positive parameters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import Floats

#: Logarithms beyond this say that the likelihood rises towards the edge of the parameter space.
EDGE = 14.0
STEPS = 200

Terms = tuple[float, Floats, Floats]  # value, gradient, Hessian
Objective = Callable[[Floats], Terms]


class NoMaximumError(StatisticsError):
    """The likelihood has no maximum inside the parameter space: the data do not say enough."""


@dataclass(frozen=True)
class Maximum:
    """Where the log-likelihood is highest, and how sharply: all in logarithms of parameters."""

    theta: Floats
    value: float
    gradient: Floats
    hessian: Floats

    @property
    def covariance(self) -> Floats:
        """Inverse of the observed information, of the logarithms of the parameters."""
        return np.asarray(np.linalg.inv(-self.hessian))


def maximise(objective: Objective, start: Floats) -> Maximum:
    """The maximum of a log-likelihood from its value, gradient and Hessian.

    Steps along the eigenvectors of the Hessian, uphill in each (Nocedal & Wright 2006, §3.4),
    halved until the value rises. Raises NoMaximumError when a parameter runs to zero or infinity.
    """
    theta = start
    value, gradient, hessian = objective(theta)
    for _ in range(STEPS):
        step = _uphill(gradient, hessian)
        if np.abs(step).max() < 1e-6:
            last = _newton(theta, gradient, hessian)
            return Maximum(last, *objective(last))
        theta, value, gradient, hessian = _climb(objective, theta, value, gradient, step)
        if np.abs(theta).max() > EDGE:
            break
    raise NoMaximumError("the likelihood has no maximum inside the parameter space")


def _uphill(gradient: Floats, hessian: Floats) -> Floats:
    eigenvalues, vectors = np.linalg.eigh(-hessian)
    curvature = np.maximum(np.abs(eigenvalues), 1e-12 * np.abs(eigenvalues).max() + 1e-300)
    step = np.asarray(vectors @ ((vectors.T @ gradient) / curvature))
    longest = np.abs(step).max()
    return step * min(1.0, 2.0 / longest) if longest > 0 else step


def _newton(theta: Floats, gradient: Floats, hessian: Floats) -> Floats:
    if np.linalg.eigvalsh(-hessian).min() <= 0:
        raise NoMaximumError("the likelihood is flat")
    return np.asarray(theta + np.linalg.solve(-hessian, gradient))


def _climb(
    objective: Objective, theta: Floats, value: float, gradient: Floats, step: Floats
) -> tuple[Floats, float, Floats, Floats]:
    slope = float(gradient @ step)
    for halvings in range(40):
        factor = 0.5**halvings
        reached = theta + factor * step
        found = objective(reached)
        if found[0] >= value + 1e-4 * factor * slope - 1e-12 * abs(value):
            return (reached, *found)
    raise NoMaximumError("the likelihood cannot be improved")
