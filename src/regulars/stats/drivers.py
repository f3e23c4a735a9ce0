"""What goes along with satisfaction: the share of R² that each driver accounts for.

Johnson's relative weights by default, LMG up to 12 drivers, bootstrap intervals and groups of
drivers that cannot be told apart, importance × performance. Importance is not cause.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.stats.errors import LARGEST, StatisticsError

Floats = NDArray[np.float64]
LMG_MOST_DRIVERS = 12
_ZERO = 1e-10


def relative_weights(drivers: ArrayLike, outcome: ArrayLike) -> Floats:
    """Johnson (2000): each driver's part of R² through the nearest orthogonal variables.

    `drivers` has shape (rows, p), `outcome` (rows,); complete rows. The weights are not negative
    and add up to R². A driver that never varies gets 0.
    """
    return _johnson(_correlations(*_checked(drivers, outcome)))


def lmg(drivers: ArrayLike, outcome: ArrayLike) -> Floats:
    """Lindeman, Merenda & Gold: the gain in R² averaged over all orders (Grömping 2006, eq. 5).

    At most 12 drivers, since all 2^p models are fitted. Adds up to R².
    """
    x, y = _checked(drivers, outcome)
    return _lmg(_correlations(x, y))


def _johnson(correlations: Floats) -> Floats:
    """`correlations` of shape (…, p+1, p+1), the outcome last."""
    among, with_outcome = correlations[..., :-1, :-1], correlations[..., :-1, -1]
    values, vectors = np.linalg.eigh(among)
    roots = np.sqrt(np.clip(values, 0.0, None))
    inverse = np.where(roots > 1e-6, 1 / np.maximum(roots, 1e-6), 0.0)
    loadings = (vectors * roots[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    rotated = (vectors * inverse[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    slopes = np.squeeze(rotated @ with_outcome[..., None], axis=-1)
    return np.asarray(np.squeeze(loadings**2 @ (slopes**2)[..., None], axis=-1))


def _lmg(correlations: Floats) -> Floats:
    p = len(correlations) - 1
    if p > LMG_MOST_DRIVERS:
        raise StatisticsError(f"LMG takes at most {LMG_MOST_DRIVERS} drivers, not {p}")
    explained = _r_squared_of_subsets(correlations)
    sets = np.arange(2**p)
    size = np.array([bin(subset).count("1") for subset in sets])
    orders = np.array([factorial(k) * factorial(p - k - 1) / factorial(p) for k in range(p)])
    shares = np.empty(p)
    for driver in range(p):
        without = sets[(sets >> driver) & 1 == 0]
        gains = explained[without | (1 << driver)] - explained[without]
        shares[driver] = orders[size[without]] @ gains
    return shares


def _r_squared_of_subsets(correlations: Floats) -> Floats:
    """R² of each subset of drivers, indexed by its bit mask: every driver is swept in or not.

    A driver that adds nothing to those already in (pivot 0) is left out (Goodnight 1979).
    """
    swept = correlations[None, :, :].copy()
    for driver in range(len(correlations) - 1):
        swept = np.concatenate([swept, _swept_in(swept, driver)])
    return np.asarray(1 - swept[:, -1, -1])


def _swept_in(tables: Floats, driver: int) -> Floats:
    pivot = tables[:, driver, driver]
    new = pivot > _ZERO
    column = tables[:, :, driver] * new[:, None]
    scaled = column / np.where(new, pivot, 1.0)[:, None]
    return np.asarray(tables - scaled[:, :, None] * column[:, None, :])


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver: its part of R² with a bootstrap interval, its rank group and performance.

    Drivers in the same `group` (1 is the most important) cannot be told apart from the group's
    first. `performance` is the driver's mean in its own unit.
    """

    name: str
    importance: float
    low: float
    high: float
    group: int
    performance: float
    performance_low: float
    performance_high: float


@dataclass(frozen=True, slots=True)
class Drivers:
    """Drivers from the most important to the least, and R² of all together."""

    drivers: tuple[Driver, ...]
    r_squared: float
    n: int


def rank(
    names: Sequence[str],
    drivers: ArrayLike,
    outcome: ArrayLike,
    *,
    method: Callable[[Floats], Floats] | None = None,
    draws: int = 1000,
    confidence: float = 0.95,
    seed: int = 1,
) -> Drivers:
    """Importance with percentile bootstrap intervals and groups that cannot be told apart.

    Rows are drawn with replacement `draws` times from a generator seeded with `seed`, so the same
    data always give the same answer. The order opens a new group at the first driver whose
    difference from the group's first is above 0 in all but (1 − confidence)/2 of the draws.
    `method` is `by_relative_weights` (default) or `by_lmg`.
    """
    x, y = _checked(drivers, outcome)
    if len(names) != x.shape[1]:
        raise StatisticsError(f"{x.shape[1]} drivers have {len(names)} names")
    if len(x) < x.shape[1] + 2:
        raise StatisticsError(f"{len(x)} rows are too few for {x.shape[1]} drivers")
    if draws < 1:
        raise StatisticsError(f"at least one bootstrap draw is needed, not {draws}")
    weigh = method or by_relative_weights
    quantile = _student(confidence, len(x) - 1)
    importance = weigh(_correlations(x, y)[None])[0]
    drawn = weigh(_bootstrap_correlations(x, y, draws, seed))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    ends = np.quantile(drawn, tails, axis=0)
    error = np.sqrt(x.var(axis=0, ddof=1) / len(x))
    half = quantile * error
    order = np.argsort(-importance, kind="stable")
    groups = _groups(drawn[:, order], tails[0])
    listed = tuple(
        Driver(
            names[i],
            float(importance[i]),
            float(ends[0, i]),
            float(ends[1, i]),
            group,
            float(x[:, i].mean()),
            float(x[:, i].mean() - half[i]),
            float(x[:, i].mean() + half[i]),
        )
        for i, group in zip(order, groups, strict=True)
    )
    return Drivers(listed, float(importance.sum()), len(x))


def by_relative_weights(correlations: Floats) -> Floats:
    """Johnson's weights of stacked correlation matrices (draws, p+1, p+1), the outcome last."""
    return _johnson(correlations)


def by_lmg(correlations: Floats) -> Floats:
    """LMG of stacked correlation matrices (draws, p+1, p+1), the outcome last."""
    return np.array([_lmg(table) for table in correlations])


def _groups(drawn: Floats, tail: float) -> list[int]:
    groups, first = [1], 0
    for i in range(1, drawn.shape[1]):
        apart = np.quantile(drawn[:, first] - drawn[:, i], tail) > 0
        if apart:
            first = i
        groups.append(groups[-1] + int(apart))
    return groups


def _bootstrap_correlations(x: Floats, y: Floats, draws: int, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    data = _standard(x, y)
    n, width = data.shape
    tables = np.empty((draws, width, width))
    for draw in range(draws):
        times = np.bincount(generator.integers(0, n, n), minlength=n)
        centred = data - times @ data / n
        tables[draw] = _scaled((centred * times[:, None]).T @ centred)
    return tables


class Quadrant(StrEnum):
    """Where a driver lies on importance × performance. UNCLEAR: its intervals cross a line."""

    IMPROVE_FIRST = "improve_first"
    KEEP_UP = "keep_up"
    LOW_PRIORITY = "low_priority"
    POSSIBLY_OVERDONE = "possibly_overdone"
    UNCLEAR = "unclear"


def quadrants(found: Drivers) -> dict[str, Quadrant]:
    """Importance × performance (Martilla & James 1977) around the drivers' averages.

    Performance must be in one unit. A driver whose interval crosses an average is UNCLEAR.
    """
    if not found.drivers:
        return {}
    n = len(found.drivers)
    important = sum(driver.importance for driver in found.drivers) / n
    performing = sum(driver.performance for driver in found.drivers) / n
    return {driver.name: _quadrant(driver, important, performing) for driver in found.drivers}


def _quadrant(driver: Driver, important: float, performing: float) -> Quadrant:
    if driver.low <= important <= driver.high:
        return Quadrant.UNCLEAR
    if driver.performance_low <= performing <= driver.performance_high:
        return Quadrant.UNCLEAR
    if driver.importance > important:
        better = driver.performance > performing
        return Quadrant.KEEP_UP if better else Quadrant.IMPROVE_FIRST
    better = driver.performance > performing
    return Quadrant.POSSIBLY_OVERDONE if better else Quadrant.LOW_PRIORITY


def _student(confidence: float, degrees: int) -> float:
    from regulars.stats.intervals import student_quantile

    return student_quantile(confidence, degrees)


def _correlations(x: Floats, y: Floats) -> Floats:
    data = _standard(x, y)
    return _scaled(data.T @ data)


def _standard(x: Floats, y: Floats) -> Floats:
    """Drivers and outcome side by side with mean 0 and deviation 1; 0 where nothing varies."""
    data = np.column_stack([x, y])
    centred = data - data.mean(axis=0)
    deviation = np.sqrt(np.mean(centred**2, axis=0))
    varies = deviation > 1e-9 * np.abs(data).max(axis=0)
    return np.asarray(np.where(varies, centred / np.where(varies, deviation, 1.0), 0.0))


def _scaled(products: Floats) -> Floats:
    """Correlations from sums of products; what never varies correlates with nothing."""
    squares = np.diag(products)
    varies = squares > _ZERO
    scale = np.where(varies, 1 / np.sqrt(np.where(varies, squares, 1.0)), 0.0)
    table = products * scale[:, None] * scale[None, :]
    np.fill_diagonal(table, 1.0)
    return np.asarray(table)


def _checked(drivers: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(drivers, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if x.ndim != 2 or y.shape != (len(x),) or x.shape[1] == 0:
        raise StatisticsError(f"drivers {x.shape} and outcome {y.shape} do not belong together")
    if len(x) < 2:
        raise StatisticsError("importance needs at least two rows")
    if not (np.all(np.abs(x) <= LARGEST) and np.all(np.abs(y) <= LARGEST)):
        raise StatisticsError("drivers and outcome must be finite: leave incomplete rows out")
    return x, y
