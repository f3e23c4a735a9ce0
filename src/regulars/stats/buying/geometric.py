"""The family of BG/NBD and MBG/NBD: a coin is tossed at each visit whether it was the last.

Visits of customer i come at rate λ_i ~ Gamma(r, α); after each chance the customer leaves with
probability p_i ~ Beta(a, b). With n chances taken, the likelihood is

    Γ(r+x) α^r / Γ(r) · B(a, b+n) / B(a, b) · [(α+T)^-(r+x) + a/(b+n-1) (α+t_x)^-(r+x)],

where the second term (left at the last visit) falls away for n = 0. BG/NBD has n = x (Fader,
Hardie & Lee 2005, eq. 6), MBG/NBD, where one may leave at the first visit too, n = x + 1 (Batislam,
Denizel & Filiztekin 2007, eq. 4).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
from scipy.special import gammaln, polygamma, psi

from regulars.stats.buying.maximum import Terms
from regulars.stats.buying.model import (
    Rows,
    VisitingModel,
    by_logarithms,
    checked_weeks,
    fit_in_stages,
    fittable,
    start_of_rate,
    time_to_leave,
    visit_terms,
)
from regulars.stats.purchases import Floats, Histories, Integers


@dataclass(frozen=True)
class BetaGeometric(VisitingModel):
    """A fitted BG/NBD (`chances_at_start` = 0) or MBG/NBD (1); parameters r, α, a, b in weeks."""

    chances_at_start: int

    @classmethod
    def fitted(cls, histories: Histories, *, chances_at_start: int) -> Self:
        """Maximum likelihood on deduplicated rows.

        Raises StatisticsError without a repeat buyer and NoMaximumError when the data cannot tell
        the parameters apart.
        """
        fittable(histories)
        start = np.log([*start_of_rate(histories), 1.0, 3.0])
        objective = partial(likelihood, chances_at_start=chances_at_start)
        return cls(fit_in_stages(objective, histories, start), chances_at_start)

    @property
    def a(self) -> float:
        return self._parameter(2)

    @property
    def b(self) -> float:
        return self._parameter(3)

    def chance_alive(self, histories: Histories) -> Floats:
        """Probability of still being a customer; 1 for BG/NBD's who never came back."""
        odds_gone = self._log_odds_gone(histories)
        return np.asarray(np.exp(-np.logaddexp(0.0, odds_gone)))

    def expected_purchases(self, histories: Histories, weeks: float) -> Floats:
        """Fader, Hardie & Lee (2005), eq. 10, in a form that holds at a = 1 too."""
        x = histories.x.astype(np.float64)
        while_alive = purchases_while_alive(
            self.r + x,
            self.alpha + histories.T,
            self.a,
            self.b + x + self.chances_at_start,
            checked_weeks(weeks),
        )
        return np.asarray(self.chance_alive(histories) * while_alive)

    def chance_of_purchase(self, histories: Histories, weeks: float) -> Floats:
        """Probability of at least one visit in the next `weeks`."""
        age = self.alpha + histories.T
        quiet = (self.r + histories.x) * np.log(age / (age + checked_weeks(weeks)))
        return np.asarray(self.chance_alive(histories) * -np.expm1(quiet))

    def expected_from_start(self, weeks: Floats) -> Floats:
        """Expected repeat visits of a new customer (Fader, Hardie & Lee 2005, eq. 9)."""
        stay = self.b / (self.a + self.b) if self.chances_at_start else 1.0
        return stay * purchases_while_alive(
            np.full(len(weeks), self.r),
            np.full(len(weeks), self.alpha),
            self.a,
            np.full(len(weeks), self.b + self.chances_at_start),
            weeks,
        )

    def simulated_purchases(
        self, histories: Histories, weeks: float, random: np.random.Generator
    ) -> Integers:
        """One possible number of visits in the next `weeks`, for each row."""
        chances = histories.x + self.chances_at_start
        alive = random.random(len(histories)) < self.chance_alive(histories)
        rates = self.drawn_rates(histories, random)
        leaving = np.maximum(random.beta(self.a, self.b + chances), 1e-12)
        wanted = random.poisson(rates * checked_weeks(weeks))
        return np.asarray(alive * np.minimum(wanted, random.geometric(leaving)))

    def _log_odds_gone(self, histories: Histories) -> Floats:
        x = histories.x.astype(np.float64)
        chances = x + self.chances_at_start
        stretch = np.log1p((histories.T - histories.t_x) / (self.alpha + histories.t_x))
        odds = np.log(self.a / (self.b + np.maximum(chances, 1) - 1)) + (self.r + x) * stretch
        return np.where(chances > 0, odds, -np.inf)


def likelihood(theta: Floats, rows: Rows, chances_at_start: int) -> Terms:
    """Mean log-likelihood per customer, its gradient and Hessian in log r, log α, log a, log b."""
    parameters = np.exp(theta)
    value, gradient, hessian = _count_terms(parameters, rows, chances_at_start)
    for x, t_x, age, weights in rows.chunks():
        more = _time_terms(parameters, x, t_x, age, weights, chances_at_start)
        value += more[0]
        gradient += more[1]
        hessian += more[2]
    return by_logarithms(parameters, (value, gradient, hessian), rows.total)


def _count_terms(parameters: Floats, rows: Rows, chances_at_start: int) -> Terms:
    """The factors that depend on x alone, once for each distinct x."""
    r, alpha, a, b = parameters
    x, weights = rows.counts
    n = x + chances_at_start
    both = a + b
    value, gradient, hessian = visit_terms(r, alpha, rows)
    value += float(weights @ (gammaln(b + n) - gammaln(b) + gammaln(both) - gammaln(both + n)))
    left = psi(both) - psi(both + n)
    left2 = polygamma(1, both) - polygamma(1, both + n)
    gradient[2:] = weights @ left, weights @ (left + psi(b + n) - psi(b))
    hessian[2, 2] = hessian[2, 3] = hessian[3, 2] = weights @ left2
    hessian[3, 3] = weights @ (left2 + polygamma(1, b + n) - polygamma(1, b))
    return value, gradient, hessian


def _time_terms(
    parameters: Floats, x: Floats, t_x: Floats, age: Floats, weights: Floats, chances_at_start: int
) -> Terms:
    """log[(α+T)^-(r+x) + a/(b+n-1) (α+t_x)^-(r+x)] and its derivatives, summed over rows."""
    r, alpha, a, b = parameters
    k = r + x
    chances = x + chances_at_start
    m = 1 / (b + np.maximum(chances, 1) - 1)
    log_age = np.log(alpha + age)
    u, v = 1 / (alpha + age), 1 / (alpha + t_x)
    stretch = log_age - np.log(alpha + t_x)
    odds = np.where(chances > 0, np.log(a * m) + k * stretch, -np.inf)
    small = np.exp(-np.abs(odds))
    gone = np.where(odds > 0, 1.0, small) / (1 + small)
    value = weights @ (np.maximum(odds, 0) + np.log1p(small) - k * log_age)
    e = k * (u - v)
    wg = weights * gone
    gradient = np.array(
        [
            wg @ stretch - weights @ log_age,
            wg @ e - weights @ (k * u),
            wg.sum() / a,
            -(wg @ m),
        ]
    )
    ws = wg * (1 - gone)
    wl, we, wm = ws * stretch, ws * e, ws * m
    hessian = np.zeros((4, 4))
    hessian[0, 0] = wl @ stretch
    hessian[0, 1] = wl @ e + wg @ (u - v) - weights @ u
    hessian[0, 2] = wl.sum() / a
    hessian[0, 3] = -(wl @ m)
    hessian[1, 1] = we @ e + weights @ (k * u * u) + (wg * k) @ (v * v - u * u)
    hessian[1, 2] = we.sum() / a
    hessian[1, 3] = -(we @ m)
    hessian[2, 2] = (ws.sum() - wg.sum()) / a**2
    hessian[2, 3] = -wm.sum() / a
    hessian[3, 3] = wm @ m + (wg * m) @ m
    return float(value), gradient, hessian + np.triu(hessian, 1).T


def purchases_while_alive(k: Floats, age: Floats, a: float, b: Floats, weeks: Any) -> Floats:
    """E[(1 - exp(-λ p h)) / p] for λ ~ Gamma(k, age), p ~ Beta(a, b) and h = `weeks`.

    Euler's transformation of the hypergeometric function in Fader, Hardie & Lee (2005), eq. 10,
    with the division by a - 1 carried out term by term, so that a = 1 is an ordinary value.
    """
    z = np.asarray(weeks / (age + weeks), dtype=np.float64)
    c, excess = a + b - 1, a - 1
    shrunk = np.log1p(-z)
    growth = time_to_leave(excess, shrunk)
    term = (c - k) * z
    total = term.copy()
    for j in range(1, 1_000_000):
        term = term * ((c - k + j) * (a + j - 1) / ((c + j) * (j + 1))) * z
        total += term
        if np.all(np.abs(term) <= 1e-16 * (np.abs(total) + 1e-300) * (1 - z)):
            break
    return np.asarray(c * growth - np.exp(excess * shrunk) * total)
