"""Scores: always value, interval, number of answers, response rate and a verdict.

Everything is read from the kept histograms, so it costs the same whatever the number of answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from regulars.accounts.models import Staff
from regulars.accounts.queries import places_where
from regulars.business.models import Place
from regulars.business.queries import time_zone
from regulars.core.access import Permission
from regulars.insight.periods import Period, Span
from regulars.stats import scores as stats
from regulars.stats.comparisons import Comparison
from regulars.stats.scores import ResponseRate, Score
from regulars.surveys import queries as surveys
from regulars.surveys.models import SATISFACTION, SCALES, Invitation, Metric
from regulars.surveys.queries import Slice

Histogram = Mapping[int, int]


def _csat(metric: Metric) -> Callable[[Histogram], Score]:
    """The two highest grades of the scale: 4–5 of 5, 6–7 of 7, 9–10 of 10."""
    return partial(stats.csat, scale=SCALES[metric])


MEASURED: Final[dict[Metric, Callable[[Histogram], Score]]] = {
    Metric.NPS: stats.nps,
    Metric.NPS_1_10: stats.nps_1_10,
    **{metric: _csat(metric) for metric in SATISFACTION},
    Metric.CES: partial(stats.ces, scale=SCALES[Metric.CES]),
}


@dataclass(frozen=True)
class Where:
    """The part of the answers that is looked at, without its days."""

    place_id: int | None = None
    touchpoint_ids: tuple[int, ...] | None = None
    survey_id: int | None = None

    def during(self, span: Span) -> Slice:
        """The part in some days."""
        return Slice(span.since, span.until, self.place_id, self.touchpoint_ids, self.survey_id)


EVERYWHERE: Final = Where()


@dataclass(frozen=True)
class Reading:
    """A metric in a period, against the period before.

    `rate` is AAPOR's RR1 of the personal invitations made in the period; None where nobody was
    asked personally.
    """

    metric: Metric
    histogram: dict[int, int]
    score: Score
    before: Score
    comparison: Comparison
    rate: ResponseRate | None
    asked: int

    @property
    def is_empty(self) -> bool:
        """Whether nobody answered."""
        return self.score.n == 0


def readings(
    metrics: Collection[Metric], period: Period, where: Where = EVERYWHERE
) -> list[Reading]:
    """Read metrics in four queries, whatever the number of metrics and of answers."""
    now = surveys.histograms(metrics, where.during(period.now))
    before = surveys.histograms(metrics, where.during(period.before))
    asked = _asked_and_answered(metrics, period.now, where)
    return [_reading(one, now[one], before[one], *asked.get(one, (0, 0))) for one in metrics]


def _reading(
    metric: Metric, now: dict[int, int], before: dict[int, int], sent: int, answered: int
) -> Reading:
    score, earlier = MEASURED[metric](now), MEASURED[metric](before)
    rate = stats.response_rate(answered, no_answer=sent - answered) if sent else None
    return Reading(metric, now, score, earlier, stats.compare(score, earlier), rate, sent)


def reading(metric: Metric, period: Period, where: Where = EVERYWHERE) -> Reading:
    """Read one metric."""
    return readings([metric], period, where)[0]


def _asked_and_answered(
    metrics: Collection[Metric], span: Span, where: Where
) -> dict[Metric, tuple[int, int]]:
    """Personal invitations made in the days, and how many of them were answered.

    Left out are those that were skipped or could not be sent, and the questions whether something
    was put right, which are asked of few and chosen people.
    """
    from django.db.models import Count, Q

    zone = time_zone()
    start = datetime.combine(span.since, time(), zone)
    end = datetime.combine(span.until + timedelta(days=1), time(), zone)
    made = Invitation.objects.not_given_up().filter(
        survey__metric__in=metrics, case_id=None, created_at__gte=start, created_at__lt=end
    )
    if where.place_id is not None:
        made = made.filter(purchase__place_id=where.place_id)
    if where.touchpoint_ids is not None:
        made = made.filter(survey__touchpoint_id__in=where.touchpoint_ids)
    if where.survey_id is not None:
        made = made.filter(survey_id=where.survey_id)
    counted = (
        made.order_by()
        .values_list("survey__metric")
        .annotate(sent=Count("pk"), answered=Count("pk", filter=Q(answered_at__isnull=False)))
    )
    return {Metric(metric): (sent, answered) for metric, sent, answered in counted}


@dataclass(frozen=True)
class Point:
    """A week or a month of a trend."""

    span: Span
    score: Score


def trend(metric: Metric, period: Period, where: Where = EVERYWHERE) -> list[Point]:
    """The metric week by week or month by month up to the period's end; one query."""
    steps = period.steps()
    days = surveys.daily_histograms(metric, where.during(Span(steps[0].since, steps[-1].until)))
    return [Point(step, MEASURED[metric](_sum_of(days, step))) for step in steps]


def _sum_of(days: dict[date, dict[int, int]], span: Span) -> dict[int, int]:
    total: dict[int, int] = {}
    for day, histogram in days.items():
        if span.since <= day <= span.until:
            for grade, count in histogram.items():
                total[grade] = total.get(grade, 0) + count
    return total


def metrics_in_use() -> list[Metric]:
    """The metrics that are asked or were answered, recommendation first.

    Whether something was put right is counted apart, here and in `has_answers`.
    """
    surveys_asked = surveys.surveys_in_use().exclude(pk__in=surveys.counted_apart()).order_by()
    asked = set(surveys_asked.values_list("metric", flat=True))
    answered = set(surveys.pooled().values_list("metric", flat=True).distinct())
    return [metric for metric in Metric if metric in asked | answered]


def has_answers() -> bool:
    """Whether anybody has ever answered anything."""
    return surveys.pooled().filter(count__gt=0).exists()


@dataclass(frozen=True)
class Sight:
    """Which answers somebody may see: those of `places`, and with `everywhere` all of them."""

    everywhere: bool
    places: tuple[Place, ...]

    def narrowed(self, wanted: str) -> tuple[Where, Place | None]:
        """The part to show, given the public id of a place or "" for all that may be seen.

        Whoever works at single places sees one of them at a time.
        """
        chosen = next((place for place in self.places if place.public_id == wanted), None)
        if chosen is None and not self.everywhere:
            chosen = self.places[0] if self.places else None
            return Where(place_id=chosen.pk if chosen else -1), chosen
        return (replace(EVERYWHERE, place_id=chosen.pk) if chosen else EVERYWHERE), chosen


def sight_of(staff: Staff) -> Sight:
    """What `staff` may see of the answers."""
    everywhere = any(role.place_id is None for role in staff.roles_held())
    return Sight(everywhere, tuple(places_where(staff, Permission.SEE)))
