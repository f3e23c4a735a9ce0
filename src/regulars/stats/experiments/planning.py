"""Said before sending: what a play with so many customers can show, and how many it takes."""

import math

from scipy.special import ndtri

from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.histograms import whole


def smallest_visible_difference(
    customers: int,
    *,
    held_out: float,
    usual: float,
    power: float = 0.8,
    confidence: float = 0.95,
) -> float | None:
    """Smallest rise of the share who come back that would probably be seen.

    `usual` is the share who come back without the play, `held_out` the share in the comparison
    group. None when even a rise to everybody would not be seen. In shares: .1 is ten points.
    """
    _check_shares(held_out, power, confidence)
    if not 0 <= usual < 1:
        raise StatisticsError("the usual share is at least 0 and below 1")
    if whole(customers) < 2:
        raise StatisticsError("a play has at least two customers")
    squared = _reach(power, confidence) ** 2
    treated, compared = customers * (1 - held_out), customers * held_out
    # d² = reach² · [(u+d)(1-u-d)/treated + u(1-u)/compared], solved for its positive root d.
    bend = 1 + squared / treated
    linear = squared * (1 - 2 * usual) / treated
    constant = squared * usual * (1 - usual) * (1 / treated + 1 / compared)
    rise = (linear + math.sqrt(linear**2 + 4 * bend * constant)) / (2 * bend)
    return rise if rise <= 1 - usual else None


def smallest_visible_amount(
    customers: int,
    *,
    held_out: float,
    deviation: float,
    saved: float = 0.0,
    power: float = 0.8,
    confidence: float = 0.95,
) -> float:
    """Smallest difference of mean amounts that would probably be seen, in money.

    `deviation` is the standard deviation of the amounts, `saved` the share of customers that CUPED
    saves (its squared correlation).
    """
    _check_shares(held_out, power, confidence)
    if whole(customers) < 2 or not 0 <= deviation <= LARGEST or not 0 <= saved < 1:
        raise StatisticsError("two customers or more, a deviation and a share saved below 1")
    spread = deviation**2 * (1 - saved) / (customers * held_out * (1 - held_out))
    return _reach(power, confidence) * math.sqrt(spread)


def customers_needed(
    difference: float,
    *,
    held_out: float,
    usual: float,
    power: float = 0.8,
    confidence: float = 0.95,
) -> int:
    """Customers in both groups together so that a rise of the share by `difference` is seen."""
    _check_shares(held_out, power, confidence)
    if not (0 <= usual < 1 and 1e-9 <= difference <= 1 - usual):
        raise StatisticsError("the share rises from at least 0 to at most 1")
    share = usual + difference
    spread = share * (1 - share) / (1 - held_out) + usual * (1 - usual) / held_out
    exact = spread * (_reach(power, confidence) / difference) ** 2
    return max(2, math.ceil(exact - 1e-9))


def _reach(power: float, confidence: float) -> float:
    return float(ndtri((1 + confidence) / 2) + ndtri(power))


def _check_shares(held_out: float, power: float, confidence: float) -> None:
    for share in (held_out, power, confidence):
        if not 0 < share < 1:
            raise StatisticsError("shares, power and confidence lie between 0 and 1")
