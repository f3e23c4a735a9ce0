"""Trend or noise: alerts that ring as rarely as the owner accepts, and when a change happened.

`watch` follows one stream of scores (a department's week by week) with an EWMA of standardised
residuals against a frozen baseline. `change_point` dates a step.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from regulars.stats.errors import LARGEST, StatisticsError
from regulars.stats.intervals import normal_quantile
from regulars.stats.measures import Score, require_same
from regulars.stats.run_lengths import cusum_limit, ewma_width

LEARNING_PERIODS = 20
LEARNING_ANSWERS = 200
PERIODS_A_YEAR = 52


class Signal(StrEnum):
    """What one period says. LEARNING periods make the baseline and never alarm."""

    LEARNING = "learning"
    QUIET = "quiet"
    UP = "up"
    DOWN = "down"
    NO_ANSWERS = "no_answers"


@dataclass(frozen=True, slots=True)
class Watched:
    """One period on the chart: the statistic and its limits in standard deviations.

    For the EWMA `upper` and `lower` are one statistic twice; for the CUSUM they are the sums
    upwards (≥ 0) and downwards (≤ 0). While learning all are 0.
    """

    signal: Signal
    upper: float
    lower: float
    limit: float


@dataclass(frozen=True, slots=True)
class Watch:
    """A whole stream watched: its frozen baseline and every period.

    `baseline` and `deviation` (of one answer) are in the measure's unit and None while still
    learning; `spread` ≥ 1 is how much wider the weeks scatter than their answers explain.
    """

    baseline: float | None
    deviation: float | None
    spread: float
    learned_from: tuple[int, int]
    periods: tuple[Watched, ...]

    @property
    def is_learning(self) -> bool:
        return self.baseline is None

    @property
    def alarms(self) -> tuple[int, ...]:
        """Positions of the periods that rang."""
        rung = {Signal.UP, Signal.DOWN}
        return tuple(i for i, period in enumerate(self.periods) if period.signal in rung)


def watch(
    periods: Sequence[Score],
    *,
    streams: int = 1,
    false_alarms_a_year: float = 1.0,
    weight: float = 0.1,
) -> Watch:
    """EWMA alerts on scores period by period (weeks), oldest first.

    The first 20 periods with answers, or the first 200 answers, whichever comes sooner, are the
    frozen baseline. The limit follows from the false alarms accepted in a year over all `streams`
    together: ARL = 52 · streams / false alarms, Lucas & Saccucci (1990); it is widened for the
    baseline's own uncertainty, var(EWMA of √n) / N. Periods without answers neither add nor alarm.
    """
    width = ewma_width(_accepted_arl(streams, false_alarms_a_year), weight=weight)
    learnt = _learn(periods)
    if learnt is None:
        return _still_learning(periods)
    statistic = drift = 0.0
    watched = list(learnt.shown(periods))
    for period in periods[learnt.length :]:
        if period.value is None:
            watched.append(Watched(Signal.NO_ANSWERS, statistic, statistic, 0.0))
            continue
        statistic += weight * (learnt.residual(period) - statistic)
        drift += weight * (math.sqrt(period.effective_n) - drift)
        limit = width * math.sqrt(weight / (2 - weight) + drift**2 / learnt.answers)
        watched.append(Watched(_signal(statistic, statistic, limit), statistic, statistic, limit))
    return learnt.watch(watched)


def watch_cusum(
    periods: Sequence[Score],
    *,
    streams: int = 1,
    false_alarms_a_year: float = 1.0,
    reference: float = 0.5,
) -> Watch:
    """The same stream by a two-sided CUSUM (Page 1954), which sums residuals beyond `reference`.

    The limit comes from the accepted false alarms too (Brook & Evans 1972). The baseline's
    uncertainty is not added: prefer `watch` for alerts.
    """
    limit = cusum_limit(_accepted_arl(streams, false_alarms_a_year), reference=reference)
    learnt = _learn(periods)
    if learnt is None:
        return _still_learning(periods)
    up = down = 0.0
    watched = list(learnt.shown(periods))
    for period in periods[learnt.length :]:
        if period.value is None:
            watched.append(Watched(Signal.NO_ANSWERS, up, down, limit))
            continue
        residual = learnt.residual(period)
        up, down = max(0.0, up + residual - reference), min(0.0, down + residual + reference)
        watched.append(Watched(_signal(up, down, limit), up, down, limit))
    return learnt.watch(watched)


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the level: `at` is the first period after it.

    `earliest` and `latest` bound the date; `gain` is by how much log-likelihood the step beats a
    constant level (in nats).
    """

    at: int
    earliest: int
    latest: int
    before: float
    after: float
    gain: float


def change_point(
    values: Sequence[float],
    sizes: Sequence[float] | None = None,
    *,
    variance: float | None = None,
    confidence: float = 0.95,
) -> Step | None:
    """Date the one likeliest step in a series of means; None with fewer than 3 periods.

    `sizes` are the answers behind each mean (1 each by default), `variance` that of one answer
    (by default what the two levels leave). The range of dates holds those whose log-likelihood is
    within −log(1 − √confidence) of the best: the law of the greatest of a two-sided Brownian
    motion with drift (Yao 1987; Siegmund 1988).
    """
    weights = [1.0] * len(values) if sizes is None else [float(size) for size in sizes]
    _check_series(values, weights)
    normal_quantile(confidence)
    if variance is not None and not 0 <= variance <= LARGEST:
        raise StatisticsError(f"variance cannot be negative: {variance}")
    kept = [i for i, weight in enumerate(weights) if weight > 0]
    if len(kept) < 3:
        return None
    y, w = [values[i] for i in kept], [weights[i] for i in kept]
    gains, best = _step_gains(y, w)
    noise = variance if variance is not None else _left_over(y, w, best)
    if max(gains) <= 1e-12 * max(1.0, *(abs(value) for value in y)) ** 2:
        return None
    drop = -math.log(1 - math.sqrt(confidence))
    near = [k for k, gain in enumerate(gains, start=1) if (max(gains) - gain) / 2 <= drop * noise]
    return Step(
        kept[best],
        kept[near[0]],
        kept[near[-1]],
        _average(y[:best], w[:best]),
        _average(y[best:], w[best:]),
        max(gains) / (2 * noise) if noise > 0 else math.inf,
    )


def _step_gains(y: Sequence[float], w: Sequence[float]) -> tuple[list[float], int]:
    """The sum of squares that a step before each position explains, and the best position."""
    total_weight, level = math.fsum(w), _average(y, w)
    left_weight = left_sum = 0.0
    gains = []
    for value, weight in zip(y[:-1], w[:-1], strict=True):
        left_weight += weight
        left_sum += weight * (value - level)
        gains.append(left_sum**2 * total_weight / (left_weight * (total_weight - left_weight)))
    return gains, 1 + max(range(len(gains)), key=gains.__getitem__)


def _left_over(y: Sequence[float], w: Sequence[float], at: int) -> float:
    squares = 0.0
    for part in (slice(None, at), slice(at, None)):
        level = _average(y[part], w[part])
        squares += math.fsum(
            weight * (value - level) ** 2 for value, weight in zip(y[part], w[part], strict=True)
        )
    return squares / len(y)


def _average(y: Sequence[float], w: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(y, w, strict=True)) / math.fsum(w)


def _check_series(values: Sequence[float], weights: Sequence[float]) -> None:
    if len(values) != len(weights):
        raise StatisticsError(f"{len(values)} values have {len(weights)} sizes")
    if not all(abs(value) <= LARGEST for value in values):
        raise StatisticsError("values must be finite")
    if not all(weight == 0 or 1 / LARGEST <= weight <= LARGEST for weight in weights):
        raise StatisticsError("sizes must be finite and not negative")


def _accepted_arl(streams: int, false_alarms_a_year: float) -> float:
    if streams < 1 or not (math.isfinite(false_alarms_a_year) and false_alarms_a_year > 0):
        raise StatisticsError("at least one stream, and more than no false alarms, are needed")
    return PERIODS_A_YEAR * streams / false_alarms_a_year


@dataclass(frozen=True, slots=True)
class _Learnt:
    length: int
    level: float
    deviation: float
    answers: int
    weeks: int
    spread: float

    def residual(self, period: Score) -> float:
        if period.value is None:
            raise StatisticsError("a period without answers has no residual")
        error = self.deviation / math.sqrt(period.effective_n)
        return (period.value - self.level) / (error * self.spread)

    def shown(self, periods: Sequence[Score]) -> Sequence[Watched]:
        return [_learning(period) for period in periods[: self.length]]

    def watch(self, watched: Sequence[Watched]) -> Watch:
        learned_from = (self.weeks, self.answers)
        return Watch(self.level, self.deviation, self.spread, learned_from, tuple(watched))


def _learn(periods: Sequence[Score]) -> _Learnt | None:
    if periods:
        require_same(*(period.measure for period in periods))
    weeks = answers = 0
    for position, period in enumerate(periods, start=1):
        weeks += period.n > 0
        answers += period.n
        if weeks >= LEARNING_PERIODS or answers >= LEARNING_ANSWERS:
            return _baseline(periods[:position], weeks, answers)
    return None


def _baseline(periods: Sequence[Score], weeks: int, answers: int) -> _Learnt:
    """Level and deviation of one answer, with one imagined answer at either end of the scale."""
    low, high = periods[0].measure.bounds
    pairs = [pair for period in periods for pair in period.tally]
    n = math.fsum(count for _, count in pairs)
    level = math.fsum(worth * count for worth, count in pairs) / n
    squares = math.fsum(count * (worth - level) ** 2 for worth, count in pairs)
    imagined = (low - level) ** 2 + (high - level) ** 2
    deviation = math.sqrt((squares + imagined) / (n + 2))
    plain = _Learnt(len(periods), level, deviation, answers, weeks, 1.0)
    if weeks < LEARNING_PERIODS:
        return plain
    residuals = [plain.residual(period) for period in periods if period.value is not None]
    ranges = [abs(b - a) for a, b in itertools.pairwise(residuals)]
    spread = max(1.0, math.fsum(ranges) / len(ranges) / 1.128)
    return _Learnt(len(periods), level, deviation, answers, weeks, spread)


def _still_learning(periods: Sequence[Score]) -> Watch:
    answered = sum(period.n > 0 for period in periods)
    answers = sum(period.n for period in periods)
    shown = tuple(_learning(period) for period in periods)
    return Watch(None, None, 1.0, (answered, answers), shown)


def _learning(period: Score) -> Watched:
    return Watched(Signal.LEARNING if period.n else Signal.NO_ANSWERS, 0.0, 0.0, 0.0)


def _signal(up: float, down: float, limit: float) -> Signal:
    if up > limit:
        return Signal.UP
    return Signal.DOWN if down < -limit else Signal.QUIET
