"""What programs read about scores."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema

from regulars.accounts.authentication import needs
from regulars.accounts.models import Scope
from regulars.business.queries import places_in_use
from regulars.core.api import Problem, RefusedError
from regulars.insight import wording
from regulars.insight.periods import PeriodKey, period
from regulars.insight.queries import scores
from regulars.insight.queries.scores import Reading, Where

router = Router(tags=["Scores"])

MetricName = Literal["nps", "nps_1_10", "csat", "csat_stars", "csat_1_7", "csat_1_10", "ces"]


class ScoreOut(Schema):
    """A score: points −100…100 for recommendation, per cent 0…100 for the others.

    `low` and `high` are the ends of the 95% interval. `change` compares with as many days before;
    `not_enough_answers` comes with about how many more would tell. `response_rate` is AAPOR's RR1
    in per cent, null where nobody was asked personally.
    """

    metric: MetricName
    unit: Literal["points", "share"]
    value: float | None
    low: float
    high: float
    answers: int
    histogram: dict[str, int]
    change: Literal["higher", "lower", "no_real_change", "not_enough_answers"]
    more_answers_needed: int | None
    asked: int
    response_rate: float | None
    since: str
    until: str


class ScoreFilter(Schema):
    """The days to look at, and the public id of a place."""

    period: Literal["month", "quarter", "year"] = "month"
    place: Annotated[str, Field(max_length=22)] = ""


@router.get(
    "/scores",
    response={200: list[ScoreOut], 404: Problem},
    auth=needs(Scope.SCORES_READ),
    summary="The scores in use",
)
def list_scores(request: HttpRequest, filters: Query[ScoreFilter]) -> list[ScoreOut]:
    """Each metric that is asked, over the last 30, 91 or 364 days; with `place` (its public id)
    only the answers of that place.
    """
    chosen: PeriodKey = filters.period
    span = period(chosen)
    where = _where(filters.place)
    readings = scores.readings(scores.metrics_in_use(), span, where)
    return [_out(one, span.now.since.isoformat(), span.now.until.isoformat()) for one in readings]


def _where(place: str) -> Where:
    if not place:
        return scores.EVERYWHERE
    found = places_in_use().filter(public_id=place).first()
    if found is None:
        raise RefusedError(_("There is no such place."), code="unknown_place", status=404)
    return Where(place_id=found.pk)


def _out(reading: Reading, since: str, until: str) -> ScoreOut:
    score, rate = reading.score, reading.rate
    return ScoreOut(
        metric=cast("MetricName", reading.metric.value),
        unit="share" if wording.unit(score) else "points",
        value=None if score.value is None else round(wording.scaled(score, score.value), 2),
        low=round(wording.scaled(score, score.low), 2),
        high=round(wording.scaled(score, score.high), 2),
        answers=score.n,
        histogram={str(grade): count for grade, count in sorted(reading.histogram.items())},
        change=reading.comparison.verdict.value,
        more_answers_needed=reading.comparison.more_needed,
        asked=reading.asked,
        response_rate=None if rate is None or rate.value is None else round(100 * rate.value, 2),
        since=since,
        until=until,
    )
