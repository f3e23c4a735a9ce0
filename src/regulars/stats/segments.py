"""Segments against the rest, and small departments drawn towards the whole.

Many comparisons at once are held together by Benjamini & Hochberg; small groups' scores are shown
shrunk beside their raw value, n and interval. No league tables by point score.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.stats.comparisons import Comparison, compare
from regulars.stats.errors import StatisticsError
from regulars.stats.measures import Score, Unit, require_same

Floats = NDArray[np.float64]
_LARGEST_PRECISION = 1e6


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment against all others: `stands_out` after correction for looking at many."""

    comparison: Comparison
    p_value: float
    stands_out: bool


def against_the_rest(scores: Sequence[Score], *, rate: float = 0.05) -> tuple[Segment, ...]:
    """Compare each segment with the others together; at most `rate` of those that stand out are
    expected to be noise (Benjamini & Hochberg 1995). Segments share no people.
    """
    from regulars.stats.scores import pooled

    if len(scores) < 2:
        raise StatisticsError("a segment needs a rest to be compared with")
    rests = [pooled([*scores[:i], *scores[i + 1 :]]) for i in range(len(scores))]
    pairs = list(zip(scores, rests, strict=True))
    p_values = [difference_p_value(score, rest) for score, rest in pairs]
    found = benjamini_hochberg(p_values, rate=rate)
    return tuple(
        Segment(compare(*pair), p, out) for pair, p, out in zip(pairs, p_values, found, strict=True)
    )


def difference_p_value(first: Score, second: Score) -> float:
    """Two-sided p of equal scores: z with the variance of both groups pooled (score test).

    1 when a group is empty or when nobody differs from anybody.
    """
    require_same(first.measure, second.measure)
    if first.value is None or second.value is None:
        return 1.0
    a, b = first.effective_n, second.effective_n
    level = (a * first.value + b * second.value) / (a + b)
    squares = a * (first.variance + (first.value - level) ** 2)
    squares += b * (second.variance + (second.value - level) ** 2)
    error = math.sqrt(squares / (a + b) * (1 / a + 1 / b))
    return math.erfc(abs(first.value - second.value) / error / math.sqrt(2)) if error > 0 else 1.0


def benjamini_hochberg(p_values: Sequence[float], *, rate: float = 0.05) -> tuple[bool, ...]:
    """Which hypotheses are rejected at false-discovery `rate` (Benjamini & Hochberg 1995, (1))."""
    if not all(0 <= p <= 1 for p in p_values):
        raise StatisticsError("p-values lie between 0 and 1")
    if not 0 < rate < 1:
        raise StatisticsError(f"the rate lies between 0 and 1, not {rate}")
    m = len(p_values)
    passing = [p for rank, p in enumerate(sorted(p_values), start=1) if p <= rank * rate / m]
    threshold = max(passing, default=-1.0)
    return tuple(p <= threshold for p in p_values)


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A small group's score drawn towards the whole, in the measure's unit.

    `own_weight` (0…1) is how much of it is the group's own answers. The interval is that of the
    posterior at the fitted prior; the prior's own uncertainty is not in it.
    """

    raw: float | None
    value: float
    low: float
    high: float
    n: int
    own_weight: float


def shrink(scores: Sequence[Score]) -> tuple[Shrunk, ...]:
    """Empirical Bayes for shares (beta-binomial) and points (Dirichlet-multinomial).

    The prior is fitted to all groups by maximum marginal likelihood, never knows more than all
    answers together, and never rules a category out. Groups that scatter no more than chance
    makes them get nearly the common value. Raises on means and without any answer.
    """
    if not scores:
        return ()
    require_same(*(score.measure for score in scores))
    if scores[0].measure.unit is Unit.GRADE:
        raise StatisticsError("shrinkage is offered for shares and points")
    bounds = scores[0].measure.bounds
    worths = sorted({worth for score in scores for worth, _ in score.tally} | set(bounds))
    counts = np.array([[score.count(worth) for worth in worths] for score in scores])
    prior = _modest(dirichlet_prior(counts), counts)
    return tuple(
        _shrunk(score, row, prior, np.array(worths), score.confidence)
        for score, row in zip(scores, counts, strict=True)
    )


def dirichlet_prior(counts: Floats) -> Floats:
    """Dirichlet parameters that make counts of shape (groups, categories) likeliest.

    Minka (2000), "Estimating a Dirichlet distribution", for the Dirichlet-multinomial; two
    categories are the beta-binomial. The sum of parameters is held below a million, which stands
    for groups that do not differ, also where the data cannot tell (one group, or all alike).
    Categories that nobody chose get (almost) nothing.
    """
    from scipy.optimize import minimize

    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or not np.all(np.isfinite(table) & (table >= 0)):
        raise StatisticsError("counts are a table of groups and categories")
    if table.sum() == 0:
        raise StatisticsError("nobody answered in any group")
    totals = table.sum(axis=0) + 0.5
    start = np.concatenate([np.log(totals / totals.sum()), [math.log(10.0)]])
    limits = [(-12.0, 12.0)] * table.shape[1] + [(-3.0, math.log(_LARGEST_PRECISION))]
    fit = minimize(_negative_evidence, start, args=(table,), jac=True, bounds=limits)
    alike = np.append(fit.x[:-1], math.log(_LARGEST_PRECISION))
    found = alike if _negative_evidence(alike, table)[0] - fit.fun < 1e-3 else fit.x
    shares = np.exp(found[:-1] - np.max(found[:-1]))
    return np.asarray(math.exp(found[-1]) * shares / shares.sum())


def _modest(prior: Floats, counts: Floats) -> Floats:
    """The prior at no more than the answers' own strength, half an answer in each category."""
    answers, precision = counts.sum(), prior.sum()
    shares = (answers * prior / precision + 0.5) / (answers + 0.5 * len(prior))
    return np.asarray(min(precision, answers) * shares)


def _negative_evidence(parameters: Floats, table: Floats) -> tuple[float, Floats]:
    from scipy.special import digamma, gammaln

    shares = np.exp(parameters[:-1] - np.max(parameters[:-1]))
    shares /= shares.sum()
    precision = math.exp(parameters[-1])
    alpha = precision * shares
    sizes = table.sum(axis=1)
    evidence = np.sum(gammaln(table + alpha) - gammaln(alpha))
    evidence += np.sum(gammaln(precision) - gammaln(sizes + precision))
    by_alpha = np.sum(digamma(table + alpha) - digamma(alpha), axis=0)
    by_precision = np.sum(digamma(precision) - digamma(sizes + precision))
    by_share = alpha * (by_alpha - by_alpha @ shares)
    by_log_precision = alpha @ by_alpha + precision * by_precision
    return -float(evidence), -np.append(by_share, by_log_precision)


def _shrunk(score: Score, row: Floats, prior: Floats, worths: Floats, confidence: float) -> Shrunk:
    """The posterior's mean, and the interval of the beta law with its mean and variance."""
    from scipy.special import betaincinv

    low, high = score.measure.bounds
    posterior = prior + row
    total = posterior.sum()
    mean = float(posterior @ worths / total)
    variance = float(posterior @ (worths - mean) ** 2 / total / (total + 1))
    share = (mean - low) / (high - low)
    strength = (mean - low) * (high - mean) / variance - 1
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    ends = low + (high - low) * betaincinv(share * strength, (1 - share) * strength, tails)
    own = float(row.sum() / total)
    return Shrunk(score.value, mean, float(ends[0]), float(ends[1]), score.n, own)
