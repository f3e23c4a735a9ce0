"""Who gets the gesture and who is in the comparison group, drawn by a hash.

A hash of play and customer is as good as a coin, never needs storing and gives the same answer in
every process. `arm` decides for one customer at a time, for standing gestures; `assign` draws once
for an audience, in blocks of similar customers, so that the two groups agree in expected value.
"""

import hashlib
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from regulars.stats.errors import StatisticsError
from regulars.stats.histograms import whole

#: Chance of a false alarm of the sample-ratio check: so small that an alarm means a fault.
RATIO_ALARM = 0.001


class Arm(StrEnum):
    """The group that a customer belongs to, whatever then happens."""

    TREATED = "treated"
    HELD_OUT = "held_out"


@dataclass(frozen=True)
class RatioCheck:
    """Whether the groups have the sizes that were drawn; if not, no result may be shown."""

    treated: int
    held_out: int
    expected_held_out: float
    p_value: float
    suspicious: bool


def draw(play: str, customer: str) -> float:
    """A number in [0, 1) that depends on the play and the customer alone."""
    name = f"{len(play)}:{play}{customer}".encode()
    digest = hashlib.blake2b(name, digest_size=8, person=b"regulars arm").digest()
    return (int.from_bytes(digest, "big") >> 11) * 2.0**-53


def arm(play: str, customer: str, *, held_out: float) -> Arm:
    """The arm of one customer in one play, with the share `held_out` of all in the comparison.

    Never changes while the share stays; with a larger share nobody leaves the comparison group.
    """
    _check_share(held_out)
    return Arm.HELD_OUT if draw(play, customer) < held_out else Arm.TREATED


def assign(
    play: str,
    customers: Sequence[str],
    *,
    held_out: float,
    expected_value: Sequence[float] | None = None,
    strata: Sequence[str] | None = None,
) -> dict[str, Arm]:
    """The arms of an audience that is fixed when the play begins.

    Customers are ordered by stratum and expected value, and from each block of 1/share neighbours
    the hash holds out one; from an incomplete last block with the chance that is its due. Does
    not depend on the order of `customers`. Raises StatisticsError for a customer given twice,
    columns of unequal length, values that are not finite and a share above one half.
    """
    _check_share(held_out)
    if held_out > 0.5:
        raise StatisticsError("at most half of an audience is held out")
    if len(set(customers)) != len(customers):
        raise StatisticsError("a customer is in the audience twice")
    values = [0.0] * len(customers) if expected_value is None else list(expected_value)
    groups = [""] * len(customers) if strata is None else list(strata)
    if not len(values) == len(groups) == len(customers):
        raise StatisticsError("customers, values and strata differ in length")
    if not all(map(math.isfinite, values)):
        raise StatisticsError("an expected value is not a number")
    draws = {customer: draw(play, customer) for customer in customers}
    rows = zip(groups, values, (draws[each] for each in customers), customers, strict=True)
    ordered = [row[3] for row in sorted(rows)]
    arms = dict.fromkeys(customers, Arm.TREATED)
    width = 1 / held_out
    limits = [math.floor(i * width) for i in range(math.ceil(len(ordered) * held_out) + 1)]
    for start, end in itertools.pairwise(limits):
        block = ordered[start:end]
        chosen = min(block, key=lambda each: draws[each])
        if end <= len(ordered) or draw(play, "") < len(block) / (end - start):
            arms[chosen] = Arm.HELD_OUT
    return arms


def sample_ratio(treated: int, held_out: int, *, share: float) -> RatioCheck:
    """Exact binomial test that the held-out group has its share (Fabijan et al. 2019)."""
    _check_share(share)
    total = whole(treated) + whole(held_out)
    if total == 0:
        raise StatisticsError("the groups are empty")
    p_value = float(binomtest(held_out, total, share).pvalue)
    return RatioCheck(treated, held_out, total * share, p_value, p_value < RATIO_ALARM)


def balance(arms: Sequence[Arm], values: npt.ArrayLike) -> float:
    """Difference of the groups' mean values, in standard deviations; 0 if a group is empty."""
    given = np.asarray(values, dtype=np.float64)
    treated = np.array([each is Arm.TREATED for each in arms], dtype=bool)
    if given.shape != treated.shape:
        raise StatisticsError("arms and values differ in length")
    spread = float(given.std()) if len(given) else 0.0
    if treated.all() or not treated.any() or spread == 0:
        return 0.0
    return float(given[treated].mean() - given[~treated].mean()) / spread


def _check_share(share: float) -> None:
    if not 0 < share < 1:
        raise StatisticsError("the share held out lies between 0 and 1")
