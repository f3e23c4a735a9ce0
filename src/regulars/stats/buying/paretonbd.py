"""Pareto/NBD: customers leave silently at any time, not only at a visit.

Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they and what will they
do next?", Management Science 33(1). Visits come at rate λ ~ Gamma(r, α), leaving at rate
μ ~ Gamma(s, β). The likelihood is written as the integral that it comes from,

    Γ(r+x) α^r β^s / Γ(r) · [(α+T)^-(r+x) (β+T)^-s + s ∫ (α+τ)^-(r+x) (β+τ)^-(s+1) dτ],

τ from t_x to T, which has derivatives of the same kind; the hypergeometric functions of the usual
form have none that one can compute.
"""

from dataclasses import dataclass

import numpy as np

from regulars.stats.buying.maximum import Terms
from regulars.stats.buying.model import (
    CHUNK,
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

NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)


@dataclass(frozen=True)
class ParetoNBD(VisitingModel):
    """A fitted Pareto/NBD; parameters r, α, s, β with time in weeks."""

    @property
    def s(self) -> float:
        return self._parameter(2)

    @property
    def beta(self) -> float:
        return self._parameter(3)

    def chance_alive(self, histories: Histories) -> Floats:
        """Probability that the customer has not left yet."""
        rows = Rows.of(histories)
        parameters = np.exp(self.estimate.theta)
        return np.concatenate(
            [_fates(parameters, *chunk[:3]).share[:, 0] for chunk in rows.chunks(CHUNK // 8)]
            or [np.zeros(0)]
        )

    def expected_purchases(self, histories: Histories, weeks: float) -> Floats:
        """Expected number of visits in the next `weeks` (Fader & Hardie 2005, note 9, eq. 22)."""
        rate = (self.r + histories.x) / (self.alpha + histories.T)
        span = _time_alive(self.s, self.beta + histories.T, np.asarray(checked_weeks(weeks)))
        return self.chance_alive(histories) * rate * span

    def chance_of_purchase(self, histories: Histories, weeks: float) -> Floats:
        """Probability of at least one visit in the next `weeks`."""
        k = self.r + histories.x.astype(np.float64)
        age, stay = self.alpha + histories.T, self.beta + histories.T
        start, end = np.zeros(len(k)), np.full(len(k), checked_weeks(weeks))
        tau, log_step = _nodes(k + 1 + self.s, age, stay, start, end)
        density = (
            np.log(k / age)[:, None]
            - (k + 1)[:, None] * np.log1p(tau / age[:, None])
            - self.s * np.log1p(tau / stay[:, None])
        )
        within = np.exp(density + log_step).sum(axis=1)
        return np.asarray(self.chance_alive(histories) * within)

    def expected_from_start(self, weeks: Floats) -> Floats:
        """Expected repeat visits of a new customer (Schmittlein et al. 1987, eq. 17)."""
        return self.r / self.alpha * _time_alive(self.s, np.full(len(weeks), self.beta), weeks)

    def simulated_purchases(
        self, histories: Histories, weeks: float, random: np.random.Generator
    ) -> Integers:
        """One possible number of visits in the next `weeks`, for each row."""
        alive = random.random(len(histories)) < self.chance_alive(histories)
        rates = self.drawn_rates(histories, random)
        leaving = random.gamma(self.s, size=len(histories)) / (self.beta + histories.T)
        lifetime = random.exponential(size=len(histories)) / np.maximum(leaving, 1e-12)
        return np.asarray(alive * random.poisson(rates * np.minimum(lifetime, weeks)))


def fit(histories: Histories) -> ParetoNBD:
    """Maximum likelihood on deduplicated rows.

    Raises StatisticsError without a repeat buyer and NoMaximumError when the likelihood has no
    maximum inside the parameter space.
    """
    fittable(histories)
    r, alpha = start_of_rate(histories)
    return ParetoNBD(fit_in_stages(likelihood, histories, np.log([r, alpha, 0.5, alpha])))


def likelihood(theta: Floats, rows: Rows) -> Terms:
    """Mean log-likelihood per customer, its gradient and Hessian in log r, log α, log s, log β."""
    parameters = np.exp(theta)
    value, gradient, hessian = _count_terms(parameters, rows)
    for x, t_x, age, weights in rows.chunks(CHUNK // 8):
        more = _time_terms(parameters, _fates(parameters, x, t_x, age), x, weights)
        value += more[0]
        gradient += more[1]
        hessian += more[2]
    return by_logarithms(parameters, (value, gradient, hessian), rows.total)


def _count_terms(parameters: Floats, rows: Rows) -> Terms:
    """Γ(r+x) α^r β^s / Γ(r): once for each distinct x."""
    r, alpha, s, beta = parameters
    value, gradient, hessian = visit_terms(r, alpha, rows)
    value += rows.total * float(s * np.log(beta))
    gradient[2:] = rows.total * np.log(beta), rows.total * s / beta
    hessian[2, 3] = hessian[3, 2] = rows.total / beta
    hessian[3, 3] = -rows.total * s / beta**2
    return value, gradient, hessian


@dataclass(frozen=True)
class _Fates:
    """What may have become of each customer: column 0 still there, the others left at time tau.

    `share` is the posterior probability of each fate, `log_total` the log of the bracket.
    """

    tau: Floats
    share: Floats
    log_total: Floats


def _fates(parameters: Floats, x: Floats, t_x: Floats, age: Floats) -> _Fates:
    r, alpha, s, beta = parameters
    k = r + x
    left_at, log_step = _nodes(k + s + 1, alpha + t_x, beta + t_x, np.zeros(len(x)), age - t_x)
    tau = np.column_stack((age, t_x[:, None] + left_at))
    logs = -k[:, None] * np.log(alpha + tau) - s * np.log(beta + tau)
    logs[:, 1:] += np.log(s) - np.log(beta + tau[:, 1:]) + log_step
    peak = logs.max(axis=1)
    share = np.exp(logs - peak[:, None])
    total = share.sum(axis=1)
    share /= total[:, None]
    return _Fates(tau, share, peak + np.log(total))


def _time_terms(parameters: Floats, fates: _Fates, x: Floats, weights: Floats) -> Terms:
    """The bracket's logarithm and its derivatives: moments of the scores over the fates."""
    r, alpha, s, beta = parameters
    k = (r + x)[:, None]
    left = np.arange(fates.tau.shape[1]) > 0
    u, v = 1 / (alpha + fates.tau), 1 / (beta + fates.tau)
    scores = [np.log(u), -k * u, left / s + np.log(v), -(s + left) * v]
    share = fates.share
    means = [np.einsum("ij,ij->i", share, score) for score in scores]
    gradient = np.array([weights @ mean for mean in means])
    weighted = weights[:, None] * share
    hessian = np.zeros((4, 4))
    for i in range(4):
        spread = weighted * scores[i]
        for j in range(i, 4):
            product = np.einsum("ij,ij->", spread, scores[j])
            hessian[i, j] = hessian[j, i] = product - weights @ (means[i] * means[j])
    hessian[0, 1] = hessian[1, 0] = hessian[0, 1] - np.einsum("ij,ij->", weighted, u)
    hessian[1, 1] += np.einsum("ij,ij->", weighted, k * u * u)
    hessian[2, 2] -= weighted[:, 1:].sum() / s**2
    hessian[2, 3] = hessian[3, 2] = hessian[2, 3] - np.einsum("ij,ij->", weighted, v)
    hessian[3, 3] += np.einsum("ij,ij->", weighted, (s + left) * v * v)
    return float(weights @ fates.log_total), gradient, hessian


def _nodes(
    power: Floats, first: Floats, second: Floats, start: Floats, end: Floats
) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes for ∫ (first+τ)^-i (second+τ)^-j dτ over (start, end), i + j = power.

    Returns τ and log(weight), one row per integral. In ω = ((m+start)/(m+τ))^(q/p), with m the
    smaller base, q = power - 1 and p = min(q, 8), the integrand is close to a polynomial.
    """
    least = np.minimum(first, second)
    bend = np.minimum(power - 1, 8.0) / (power - 1)
    base = least + start
    span = -np.expm1(np.log(base / (least + end)) / bend)
    omega = 1 - span[:, None] * (1 - NODES) / 2
    stretched = omega ** -bend[:, None]
    log_step = (
        np.log(np.maximum(span, 1e-300) / 2 * base * bend)[:, None]
        + np.log(WEIGHTS)
        + np.log(stretched / omega)
    )
    return base[:, None] * stretched - least[:, None], log_step


def _time_alive(s: float, beta: Floats, weeks: Floats) -> Floats:
    """Expected time as a customer within the next `weeks` if leaving has rate Gamma(s, beta)."""
    shrunk = np.log(beta / (beta + weeks))
    return np.asarray(beta * time_to_leave(s - 1, shrunk))
