"""What a fitted model of visits lets the product say, and how sure it is.

The probability of being "alive" is deliberately not among it: BG/NBD gives 1 to everyone who never
came back, so that it ranks customers worse than a coin. The chance of at least one visit in the
next weeks and the expected number of visits say what the owner wants to know.

Intervals carry the uncertainty of the estimated parameters (delta method on a scale where the
result cannot leave its range); the interval of a total also carries the chance in the visits
themselves, because it is compared with what then happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

from regulars.stats.buying import bgnbd, mbgnbd, paretonbd
from regulars.stats.buying.gammagamma import GammaGamma
from regulars.stats.buying.maximum import NoMaximumError
from regulars.stats.buying.model import BuyingModel, checked_weeks
from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import (
    DAYS_PER_YEAR,
    CustomerHistories,
    Floats,
    Granularity,
    Histories,
    customer_histories,
)

#: Below this many repeat buyers the parameters are too uncertain to rank or promise anything.
REPEAT_BUYERS_NEEDED = 100
WEEKS_PER_YEAR = DAYS_PER_YEAR / 7

_SIMULATIONS = 100
_SIMULATED_ROWS = 20_000


class Kind(StrEnum):
    """The models of visits."""

    BG_NBD = "bg_nbd"
    MBG_NBD = "mbg_nbd"
    PARETO_NBD = "pareto_nbd"


class Reason(StrEnum):
    """Why there is a model, or why only plain recency, frequency and money can be shown."""

    MODEL = "model"
    FEW_REPEAT_BUYERS = "few_repeat_buyers"
    NO_MAXIMUM = "no_maximum"


FITS: dict[Kind, Callable[[Histories], BuyingModel]] = {
    Kind.BG_NBD: bgnbd.fit,
    Kind.MBG_NBD: mbgnbd.fit,
    Kind.PARETO_NBD: paretonbd.fit,
}


@dataclass(frozen=True)
class Choice:
    """A model, or None and the reason; `missing` repeat buyers are still needed for one."""

    model: BuyingModel | None
    kind: Kind | None
    reason: Reason
    repeat_buyers: int
    missing: int


@dataclass(frozen=True)
class Estimates:
    """One value with its interval per customer."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class TotalForecast:
    """Visits of all customers together in the next `weeks`, with a prediction interval."""

    expected: float
    low: float
    high: float
    weeks: float


@dataclass(frozen=True)
class BackTest:
    """What the model would have said at a past day against what came true.

    `ranking` is the chance that a customer who came back was ranked above one who did not (AUC),
    None when all or none came back; `error` is relative, None when nobody came back.
    """

    forecast: TotalForecast
    actual: int
    error: float | None
    inside: bool
    ranking: float | None
    customers: int


def choose(
    histories: Histories,
    kinds: tuple[Kind, ...] = (Kind.BG_NBD,),
    *,
    needed: int = REPEAT_BUYERS_NEEDED,
) -> Choice:
    """The model with the highest likelihood among `kinds` (all have four parameters), if any.

    Never raises for few or odd customers: it says why there is no model.
    """
    repeat_buyers = histories.repeat_buyers
    if repeat_buyers < max(needed, 1):
        missing = max(needed, 1) - repeat_buyers
        return Choice(None, None, Reason.FEW_REPEAT_BUYERS, repeat_buyers, missing)
    fitted: list[tuple[float, Kind, BuyingModel]] = []
    for kind in kinds:
        try:
            model = FITS[kind](histories)
        except NoMaximumError:
            continue
        fitted.append((model.estimate.log_likelihood, kind, model))
    if not fitted:
        return Choice(None, None, Reason.NO_MAXIMUM, repeat_buyers, 0)
    _, kind, model = max(fitted, key=lambda each: each[0])
    return Choice(model, kind, Reason.MODEL, repeat_buyers, 0)


def expected_purchases(
    model: BuyingModel, histories: Histories, weeks: float, *, confidence: float = 0.95
) -> Estimates:
    """Expected visits of each customer in the next `weeks`."""

    def logs(theta: Floats) -> Floats:
        return _log(model.at(theta).expected_purchases(histories, weeks))

    middle, spread = _delta(model, logs)
    return _estimates(np.exp, middle, spread, confidence)


def chance_of_purchase(
    model: BuyingModel, histories: Histories, weeks: float, *, confidence: float = 0.95
) -> Estimates:
    """Probability that each customer comes at least once in the next `weeks`."""

    def logits(theta: Floats) -> Floats:
        chance = model.at(theta).chance_of_purchase(histories, weeks)
        return np.asarray(logit(np.clip(chance, 1e-300, 1 - 1e-16)))

    middle, spread = _delta(model, logits)
    return _estimates(expit, middle, spread, confidence)


def total_purchases(
    model: BuyingModel,
    histories: Histories,
    weeks: float,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> TotalForecast:
    """Visits of all these customers in the next `weeks`; new customers are not counted."""
    checked_weeks(weeks)

    def total(theta: Floats) -> Floats:
        expected = model.at(theta).expected_purchases(histories, weeks)
        return np.array([histories.weights @ expected])

    middle, spread = _delta(model, total)
    expected = float(middle[0])
    deviation = np.sqrt(spread[0] ** 2 + _outcome_variance(model, histories, weeks, seed))
    reach = _quantile(confidence) * float(deviation)
    return TotalForecast(expected, max(0.0, expected - reach), expected + reach, weeks)


def lifetime_value(
    model: BuyingModel,
    spending: GammaGamma,
    histories: CustomerHistories,
    *,
    weeks: float = 3 * WEEKS_PER_YEAR,
    yearly_discount: float = 0.1,
    margin: float = 1.0,
    confidence: float = 0.95,
) -> Estimates:
    """Money that each customer is expected to bring in the next `weeks`, in today's money.

    Visits of the future, four weeks at a time and discounted from the middle, times the expected
    amount per visit and the `margin` (share of an amount that is profit). The model of visits and
    the one of amounts are estimated apart, so that their uncertainties add.
    """
    if not yearly_discount > -1 or not np.isfinite(yearly_discount):
        raise StatisticsError("the yearly discount is above -1")
    if not 0 < margin <= 1:
        raise StatisticsError("the margin is a share above zero")
    if histories.mean_amount is None:
        raise StatisticsError("the purchases have no amounts")
    rows, place = _distinct(histories)
    edges = np.linspace(0, checked_weeks(weeks), max(1, int(np.ceil(weeks / 4))) + 1)
    discount = (1 + yearly_discount) ** (-(edges[1:] + edges[:-1]) / 2 / WEEKS_PER_YEAR)
    x, mean = histories.x.astype(np.float64), histories.mean_amount

    def visits(theta: Floats) -> Floats:
        fitted = model.at(theta)
        running = np.stack([fitted.expected_purchases(rows, float(edge)) for edge in edges])
        return _log(discount @ np.diff(running, axis=0))[place]

    def amounts(theta: Floats) -> Floats:
        return _log(spending.at(theta).expected_spending(x, mean))

    log_visits, visits_spread = _delta(model, visits)
    log_amounts, amounts_spread = _delta(spending, amounts)
    middle = log_visits + log_amounts + np.log(margin)
    return _estimates(np.exp, middle, np.hypot(visits_spread, amounts_spread), confidence)


def expected_cumulative_purchases(
    model: BuyingModel, weeks_of_first: npt.ArrayLike, weeks: npt.ArrayLike
) -> Floats:
    """Repeat visits by the end of each of `weeks`, of customers who first came at those weeks.

    This is the tracking plot of the literature: `weeks_of_first` are the times of the first visits
    on the same clock as `weeks`; customers count from then on.
    """
    births, counts = np.unique(np.asarray(weeks_of_first, dtype=np.float64), return_counts=True)
    totals = []
    for week in np.atleast_1d(np.asarray(weeks, dtype=np.float64)):
        known = np.maximum(week - births, 0.0)
        totals.append(counts @ model.expected_from_start(known))
    return np.array(totals)


def back_test(
    customers: npt.ArrayLike,
    days: npt.ArrayLike,
    *,
    cut: Any,
    until: Any,
    kind: Kind = Kind.BG_NBD,
    granularity: Granularity = Granularity.DAY,
    confidence: float = 0.95,
    seed: int = 0,
) -> BackTest | Choice:
    """Fits on purchases up to the day `cut` and compares with those after it up to `until`.

    Returns the Choice that says why when no model can be fitted at `cut`.
    """
    then = customer_histories(customers, days, cut, granularity=granularity)
    later = customer_histories(customers, days, until, granularity=granularity)
    span = float((np.datetime64(until, "D") - np.datetime64(cut, "D")) / np.timedelta64(7, "D"))
    if span <= 0:
        raise StatisticsError("the back-test ends before it begins")
    choice = choose(then.deduplicated(), (kind,))
    if choice.model is None:
        return choice
    rows = then.histories()
    came = later.x[np.searchsorted(later.customers, then.customers)] - then.x
    forecast = total_purchases(choice.model, rows, span, confidence=confidence, seed=seed)
    actual = int(came.sum())
    return BackTest(
        forecast=forecast,
        actual=actual,
        error=(forecast.expected - actual) / actual if actual else None,
        inside=forecast.low <= actual <= forecast.high,
        ranking=ranking(choice.model.chance_of_purchase(rows, span), came > 0),
        customers=len(then),
    )


def ranking(scores: Floats, came: npt.NDArray[np.bool_]) -> float | None:
    """Chance that one who came has a higher score than one who did not (ties count half)."""
    positives = int(came.sum())
    if positives in (0, len(came)):
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    midranks = np.cumsum(counts) - (counts - 1) / 2
    total = float(midranks[inverse][came].sum())
    above = total - positives * (positives + 1) / 2
    return above / (positives * (len(came) - positives))


def _delta(
    model: BuyingModel | GammaGamma, function: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    """A function of the parameters' logarithms, and its standard errors."""
    theta, covariance = model.estimate.theta, model.estimate.covariance
    columns = []
    for unit in np.eye(len(theta)) * 1e-4:
        columns.append((function(theta + unit) - function(theta - unit)) / 2e-4)
    slopes = np.stack(columns)
    variance = np.einsum("in,ij,jn->n", slopes, covariance, slopes)
    return function(theta), np.sqrt(np.maximum(variance, 0.0))


def _estimates(
    unscaled: Callable[[Floats], Floats], middle: Floats, spread: Floats, confidence: float
) -> Estimates:
    reach = _quantile(confidence) * spread
    return Estimates(unscaled(middle), unscaled(middle - reach), unscaled(middle + reach))


def _distinct(histories: CustomerHistories) -> tuple[Histories, npt.NDArray[np.int64]]:
    """The distinct histories, and which of them each customer has."""
    keys = np.column_stack((histories.x, histories.t_x, histories.age))
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return histories.histories().selected(first), place


def _outcome_variance(model: BuyingModel, histories: Histories, weeks: float, seed: int) -> float:
    """Variance of the total for known parameters, simulated on at most _SIMULATED_ROWS rows."""
    if not len(histories):
        return 0.0
    random = np.random.default_rng(seed)
    chosen = histories
    if len(histories) > _SIMULATED_ROWS:
        chosen = histories.selected(random.choice(len(histories), _SIMULATED_ROWS, replace=False))
    sums, squares = np.zeros(len(chosen)), np.zeros(len(chosen))
    for _ in range(_SIMULATIONS):
        visits = model.simulated_purchases(chosen, weeks, random).astype(np.float64)
        sums += visits
        squares += visits**2
    variances = (squares - sums**2 / _SIMULATIONS) / (_SIMULATIONS - 1)
    scale = float(histories.weights.sum()) / float(chosen.weights.sum())
    return float(chosen.weights @ variances) * scale


def _log(values: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(values, 1e-300)))


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise StatisticsError("the confidence lies between 0 and 1")
    return float(ndtri(0.5 + confidence / 2))
