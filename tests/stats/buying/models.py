"""What the tests of all models of visits share."""

from collections.abc import Callable

import numpy as np

from regulars.stats.buying.model import Rows
from regulars.stats.purchases import Floats, Histories

Likelihood = Callable[[Floats, Rows], tuple[float, Floats, Floats]]


def a_few() -> Histories:
    """Histories of every kind: never back, just now, long ago, often."""
    return Histories(
        x=np.array([0, 0, 1, 1, 2, 5, 9, 40, 3]),
        t_x=np.array([0.0, 0, 1, 29, 10, 20, 52, 51.5, 30]),
        T=np.array([30.0, 4, 30, 30, 40, 50, 52, 52, 30]),
        weights=np.array([5.0, 1, 2, 1, 1, 3, 1, 1, 2]),
    )


def differences(likelihood: Likelihood, theta: Floats, rows: Rows) -> tuple[Floats, Floats]:
    """Gradient and Hessian by central differences of the value and the gradient."""
    step = 1e-5
    gradient, hessian = [], []
    for unit in np.eye(len(theta)) * step:
        above, below = likelihood(theta + unit, rows), likelihood(theta - unit, rows)
        gradient.append((above[0] - below[0]) / (2 * step))
        hessian.append((above[1] - below[1]) / (2 * step))
    return np.array(gradient), np.array(hessian)


def repeated(rows: Histories) -> Histories:
    """One row per customer again, each with weight 1."""
    index = np.repeat(np.arange(len(rows)), rows.weights.astype(int))
    return Histories(rows.x[index], rows.t_x[index], rows.T[index], np.ones(len(index)))
