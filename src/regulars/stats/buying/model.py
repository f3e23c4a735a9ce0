"""What every fitted model of visits can say, in weeks, row by row of `Histories`."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, Self

import numpy as np
from scipy.special import gammaln, polygamma, psi

from regulars.stats.buying.maximum import Maximum, Terms, maximise
from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import Floats, Histories, Integers

#: Rows worked on at once: few enough for the processor's cache, and below the length from which
#: OpenBLAS splits a dot product among threads, which on a busy machine costs fifty times as much.
CHUNK = 1 << 13


class BuyingModel(Protocol):
    """A fitted model of visits."""

    @property
    def estimate(self) -> "Estimate": ...

    def at(self, theta: Floats) -> Self:
        """The same model with other parameters, given as logarithms."""
        ...

    def chance_alive(self, histories: Histories) -> Floats:
        """Probability that the customer has not silently left; see the trap in `forecast`."""
        ...

    def expected_purchases(self, histories: Histories, weeks: float) -> Floats:
        """Expected number of visits in the next `weeks`."""
        ...

    def chance_of_purchase(self, histories: Histories, weeks: float) -> Floats:
        """Probability of at least one visit in the next `weeks`."""
        ...

    def expected_from_start(self, weeks: Floats) -> Floats:
        """Expected repeat visits of a new customer within so many weeks of the first one."""
        ...

    def simulated_purchases(
        self, histories: Histories, weeks: float, random: np.random.Generator
    ) -> Integers:
        """One possible number of visits in the next `weeks`, for each row."""
        ...


@dataclass(frozen=True)
class Estimate:
    """Maximum-likelihood estimate: logarithms of the parameters and their covariance."""

    theta: Floats
    covariance: Floats
    log_likelihood: float
    customers: int
    repeat_buyers: int

    @staticmethod
    def of(maximum: Maximum, histories: Histories) -> "Estimate":
        """From the maximum of the mean log-likelihood per customer."""
        total = float(histories.weights.sum())
        return Estimate(
            theta=maximum.theta,
            covariance=maximum.covariance / total,
            log_likelihood=maximum.value * total,
            customers=histories.customers,
            repeat_buyers=histories.repeat_buyers,
        )

    @property
    def standard_errors(self) -> Floats:
        """Of the parameters themselves, by the delta method."""
        return np.asarray(np.exp(self.theta) * np.sqrt(np.diag(self.covariance)))


@dataclass(frozen=True)
class FittedModel:
    """The part that the models share: parameters that are exponentials of `estimate.theta`."""

    estimate: Estimate

    def at(self, theta: Floats) -> Self:
        """The same model with other parameters, given as logarithms."""
        return replace(self, estimate=replace(self.estimate, theta=theta))

    def _parameter(self, index: int) -> float:
        return float(np.exp(self.estimate.theta[index]))


@dataclass(frozen=True)
class VisitingModel(FittedModel):
    """Visits at rate λ ~ Gamma(r, α), the first two parameters, while one is a customer."""

    @property
    def r(self) -> float:
        return self._parameter(0)

    @property
    def alpha(self) -> float:
        return self._parameter(1)

    def drawn_rates(self, histories: Histories, random: np.random.Generator) -> Floats:
        """One possible rate of each customer, given the visits so far."""
        return random.gamma(self.r + histories.x) / (self.alpha + histories.T)


@dataclass(frozen=True)
class Rows:
    """Histories as floats, with their totals, as the likelihoods want them."""

    x: Floats
    t_x: Floats
    T: Floats
    weights: Floats
    total: float = field(init=False)
    by_count: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", float(self.weights.sum()))
        by_count = np.bincount(self.x.astype(np.int64), self.weights)
        object.__setattr__(self, "by_count", by_count)

    @staticmethod
    def of(histories: Histories) -> "Rows":
        return Rows(histories.x.astype(np.float64), histories.t_x, histories.T, histories.weights)

    @property
    def counts(self) -> tuple[Floats, Floats]:
        """Distinct x and the customers with it."""
        found = np.flatnonzero(self.by_count)
        return found.astype(np.float64), self.by_count[found]

    def chunks(self, size: int = CHUNK) -> list[tuple[Floats, Floats, Floats, Floats]]:
        """(x, t_x, T, weights) in pieces of `size` rows."""
        return [
            (
                self.x[i : i + size],
                self.t_x[i : i + size],
                self.T[i : i + size],
                self.weights[i : i + size],
            )
            for i in range(0, len(self.x), size)
        ]


def fittable(histories: Histories) -> None:
    """Raises StatisticsError when there is nothing to fit."""
    if histories.customers == 0:
        raise StatisticsError("no customers to fit")
    if histories.repeat_buyers == 0:
        raise StatisticsError("nobody came back: there is no rhythm to fit")


def start_of_rate(histories: Histories) -> tuple[float, float]:
    """A first guess of (r, α): purchases per week in the mean, widely spread."""
    weeks = float(histories.weights @ histories.T)
    return 0.5, 0.5 * max(weeks, 1e-6) / histories.repeat_purchases


def stages(histories: Histories, rows: int = 20_000) -> list[Histories]:
    """What to fit in turn: every k-th row, about `rows` of them, for a first guess; then all."""
    step = len(histories) // rows
    if step < 2:
        return [histories]
    sample = histories.selected(slice(None, None, step))
    return [sample, histories] if sample.repeat_buyers else [histories]


class Likelihood(Protocol):
    """The mean log-likelihood per customer at logarithms of the parameters."""

    def __call__(self, theta: Floats, rows: Rows) -> Terms: ...


def fit_in_stages(likelihood: Likelihood, histories: Histories, start: Floats) -> Estimate:
    """The maximum of a mean log-likelihood, from a sample of the rows to all of them."""
    theta = start
    for sample in stages(histories):
        found = maximise(partial(likelihood, rows=Rows.of(sample)), theta)
        theta = found.theta
    return Estimate.of(found, histories)


def visit_terms(r: float, alpha: float, rows: Rows) -> Terms:
    """log Γ(r+x) α^r / Γ(r) summed over customers, once for each distinct x, with derivatives.

    Gradient and Hessian are by all four parameters of the model, 0 where it has no part.
    """
    x, weights = rows.counts
    gradient, hessian = np.zeros(4), np.zeros((4, 4))
    value = weights @ (gammaln(r + x) - gammaln(r) + r * np.log(alpha))
    gradient[0] = weights @ (psi(r + x) - psi(r) + np.log(alpha))
    gradient[1] = rows.total * r / alpha
    hessian[0, 0] = weights @ (polygamma(1, r + x) - polygamma(1, r))
    hessian[0, 1] = hessian[1, 0] = rows.total / alpha
    hessian[1, 1] = -rows.total * r / alpha**2
    return float(value), gradient, hessian


def by_logarithms(parameters: Floats, terms: Terms, total: float) -> Terms:
    """Sums over customers as means, with derivatives by the parameters' logarithms."""
    value, gradient, hessian = terms
    scaled = parameters * gradient
    curved = np.outer(parameters, parameters) * hessian + np.diag(scaled)
    return value / total, scaled / total, curved / total


def time_to_leave(excess: float, log_shrunk: Floats) -> Floats:
    """(1 − shrunk^excess) / excess, which is −log shrunk at excess 0."""
    if abs(excess) > 1e-9:
        return np.asarray(-np.expm1(excess * log_shrunk) / excess)
    return -log_shrunk


def checked_weeks(weeks: float) -> float:
    """A horizon; raises StatisticsError unless it is a non-negative number."""
    if not (np.isfinite(weeks) and weeks >= 0):
        raise StatisticsError("the horizon is a non-negative number of weeks")
    return float(weeks)
