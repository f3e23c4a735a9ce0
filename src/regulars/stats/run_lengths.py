"""How long a rule of watching stays quiet: average run lengths (ARL) by Markov chains.

An ARL is the mean number of periods until an alarm, counting the period of the alarm. Observations
are standard normal residuals, shifted by `shift` standard deviations. numpy only.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from regulars.stats.errors import StatisticsError

Floats = NDArray[np.float64]
_STATES = 151
_TOO_LONG = 1e13


def ewma_arl(width: float, *, weight: float = 0.1, shift: float = 0.0) -> float:
    """ARL of the two-sided EWMA chart from its start at 0 (Lucas & Saccucci 1990, appendix).

    z ← (1 − weight)·z + weight·residual alarms outside ± width · √(weight / (2 − weight)), the
    constant limit of the long run.
    """
    _check_weight(weight)
    _check_width(width)
    limit = width * math.sqrt(weight / (2 - weight))
    step = 2 * limit / _STATES
    centres = -limit + step * (np.arange(_STATES) + 0.5)
    edges = -limit + step * np.arange(_STATES + 1)
    reach = (edges[None, :] - (1 - weight) * centres[:, None]) / weight - shift
    transitions = np.diff(_normal_cdf(reach), axis=1)
    return float(_mean_steps(transitions)[_STATES // 2])


@functools.lru_cache(maxsize=256)
def ewma_width(arl: float, *, weight: float = 0.1) -> float:
    """The width L whose in-control ARL is the one wished: ARL 520 at weight .1 gives 2.83."""
    _check_weight(weight)
    return _width_for(arl, lambda width: ewma_arl(width, weight=weight))


def cusum_arl(limit: float, *, reference: float = 0.5, shift: float = 0.0) -> float:
    """ARL of the two-sided CUSUM from 0 (Brook & Evans 1972; two sides: Lucas & Crosier 1982).

    `limit` (h) and `reference` (k) are in standard deviations.
    """
    _check_width(limit)
    if not 0 <= reference <= 3:
        raise StatisticsError(f"the reference lies between 0 and 3 deviations, not {reference}")
    up = _one_sided_arl(limit, reference, shift)
    down = _one_sided_arl(limit, reference, -shift)
    rate = 1 / up + 1 / down
    return 1 / rate if rate > 0 else math.inf


def cusum_limit(arl: float, *, reference: float = 0.5) -> float:
    """The limit h whose in-control ARL is the one wished: about 168 for h = 4 at k = .5."""
    return _width_for(arl, lambda limit: cusum_arl(limit, reference=reference))


def _one_sided_arl(limit: float, reference: float, shift: float) -> float:
    step = 2 * limit / (2 * _STATES - 1)
    centres = step * np.arange(_STATES)
    edges = np.concatenate([[-np.inf], step * (np.arange(_STATES) + 0.5)])
    reach = edges[None, :] - centres[:, None] + reference - shift
    transitions = np.diff(_normal_cdf(reach), axis=1)
    return float(_mean_steps(transitions)[0])


def _mean_steps(transitions: Floats) -> Floats:
    """Infinite where leaving is so unlikely that the numbers cannot tell it from never."""
    size = len(transitions)
    try:
        steps = np.linalg.solve(np.eye(size) - transitions, np.ones(size))
    except np.linalg.LinAlgError:
        return np.full(size, np.inf)
    return np.asarray(np.where((steps >= 1) & (steps < _TOO_LONG), steps, np.inf))


def _width_for(arl: float, arl_of: Callable[[float], float]) -> float:
    if not (math.isfinite(arl) and 2 <= arl <= 1e6):
        raise StatisticsError(f"an average run length lies between 2 and a million, not {arl}")
    from scipy.optimize import brentq

    low, high = 0.01, 1.0
    if arl_of(low) >= arl:
        return low
    while arl_of(high) < arl:
        low, high = high, high + 1
    found = brentq(lambda width: math.log(arl_of(width) / arl), low, high, xtol=1e-9)
    return float(found)


def _normal_cdf(values: Floats) -> Floats:
    from scipy.special import ndtr  # only a process that computes limits loads scipy

    return np.asarray(ndtr(values))


def _check_weight(weight: float) -> None:
    if not 0.005 <= weight <= 1:
        raise StatisticsError(f"the weight of the newest period lies in .005…1, not {weight}")


def _check_width(width: float) -> None:
    if not (math.isfinite(width) and width > 0):
        raise StatisticsError(f"a limit is a positive number, not {width}")
