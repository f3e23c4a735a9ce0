"""Gamma-Gamma: what a customer spends per visit, shrunk towards what all customers spend.

Colombo & Jiang (1999); Fader, Hardie & Lee (2005), "RFM and CLV", J. of Marketing Research 42(4);
Fader & Hardie (2013), note 25. The amount of a visit varies around the customer's own mean with
shape p; the means vary between customers with shape q and scale γ. How much is assumed not to
depend on how often: check the correlation of the two before use.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import gammaln, polygamma, psi

from regulars.stats.buying.maximum import Terms, maximise
from regulars.stats.buying.model import Estimate, FittedModel, by_logarithms
from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import CustomerHistories, Floats


@dataclass(frozen=True)
class Spending:
    """`weights` customers with `x` repeat visits of `mean` each (in money), all positive."""

    x: Floats
    mean: Floats
    weights: Floats

    def __post_init__(self) -> None:
        if not self.x.shape == self.mean.shape == self.weights.shape or self.x.ndim != 1:
            raise StatisticsError("x, mean and weights differ in length")
        for column in (self.x, self.mean, self.weights):
            if not np.all(np.isfinite(column) & (column > 0)):
                raise StatisticsError("visits, amounts and weights are positive numbers")

    @staticmethod
    def of(histories: CustomerHistories) -> "Spending":
        """Of the customers who came back and paid something, equal rows merged."""
        if histories.mean_amount is None:
            raise StatisticsError("the purchases have no amounts")
        paying = (histories.x > 0) & (histories.mean_amount > 0)
        pairs = np.column_stack((histories.x[paying] * 1.0, histories.mean_amount[paying]))
        rows, weights = np.unique(pairs, axis=0, return_counts=True)
        return Spending(rows[:, 0], rows[:, 1], weights.astype(np.float64))

    @property
    def total(self) -> float:
        return float(self.weights.sum())


@dataclass(frozen=True)
class GammaGamma(FittedModel):
    """A fitted Gamma-Gamma model; p and q have no unit, γ is in money."""

    @property
    def p(self) -> float:
        return self._parameter(0)

    @property
    def q(self) -> float:
        return self._parameter(1)

    @property
    def gamma(self) -> float:
        return self._parameter(2)

    def expected_spending(self, x: Floats, mean: Floats) -> Floats:
        """Expected amount per future visit, after x repeat visits of `mean` each (eq. 5).

        For x = 0 it is the mean over all customers, which is infinite when q ≤ 1 (StatisticsError).
        """
        weight = self.p * x + self.q - 1
        if np.any(weight <= 0):
            raise StatisticsError("the mean of all customers' spending is not finite (q ≤ 1)")
        return np.asarray(self.p * (self.gamma + x * mean) / weight)


def fit(spending: Spending) -> GammaGamma:
    """Maximum likelihood; raises StatisticsError without customers, NoMaximumError if none."""
    if not len(spending.x):
        raise StatisticsError("nobody came back and paid: there are no amounts to fit")
    unit = float(spending.weights @ spending.mean) / spending.total
    scaled = Spending(spending.x, spending.mean / unit, spending.weights)
    found = maximise(partial(likelihood, spending=scaled), np.log([4.0, 3.0, 1.0]))
    theta = found.theta + np.array([0.0, 0.0, np.log(unit)])
    return GammaGamma(
        Estimate(
            theta=theta,
            covariance=found.covariance / spending.total,
            log_likelihood=(found.value - np.log(unit)) * spending.total,
            customers=round(spending.total),
            repeat_buyers=round(spending.total),
        )
    )


def likelihood(theta: Floats, spending: Spending) -> Terms:
    """Mean log-likelihood per customer, its gradient and Hessian in log p, log q, log γ."""
    p, q, gamma = parameters = np.exp(theta)
    x, mean, share = spending.x, spending.mean, spending.weights / spending.total
    px, money = p * x, gamma + spending.mean * x
    value = share @ (
        gammaln(px + q)
        - gammaln(px)
        - gammaln(q)
        + q * np.log(gamma / money)
        + px * np.log(mean * x / money)
        - np.log(mean)
    )
    both = psi(px + q)
    gradient = np.array(
        [
            share @ (x * (both - psi(px) + np.log(mean * x / money))),
            share @ (both - psi(q) + np.log(gamma / money)),
            share @ (q / gamma - (px + q) / money),
        ]
    )
    both2 = polygamma(1, px + q)
    hessian = np.zeros((3, 3))
    hessian[0, 0] = share @ (x**2 * (both2 - polygamma(1, px)))
    hessian[0, 1] = share @ (x * both2)
    hessian[0, 2] = -share @ (x / money)
    hessian[1, 1] = share @ both2 - polygamma(1, q)
    hessian[1, 2] = share @ (1 / gamma - 1 / money)
    hessian[2, 2] = share @ ((px + q) / money**2) - q / gamma**2
    hessian = hessian + np.triu(hessian, 1).T
    return by_logarithms(parameters, (float(value), gradient, hessian), 1.0)
