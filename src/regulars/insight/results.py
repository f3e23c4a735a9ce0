"""The results page: one metric, in a period, at a place, over time or by its parts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.models import Staff
from regulars.core.charts import Chart
from regulars.core.displays import ShownScore
from regulars.customers.imports.unpack import harmless
from regulars.insight import wording
from regulars.insight.choices import Choice, Option, address, choice
from regulars.insight.queries import breakdown, scores
from regulars.insight.queries.breakdown import Dimension, Part
from regulars.insight.queries.scores import Point
from regulars.stats.scores import Score
from regulars.surveys.models import Metric

DIMENSIONS: Final[dict[str, Promise]] = {
    "": gettext_lazy("Over time"),
    Dimension.PLACE.value: gettext_lazy("By place"),
    Dimension.DEPARTMENT.value: gettext_lazy("By department"),
    Dimension.STAGE.value: gettext_lazy("By stage"),
    Dimension.SURVEY.value: gettext_lazy("By survey"),
}


@dataclass(frozen=True)
class Wanted:
    """What the address asks for."""

    metric: Metric
    dimension: Dimension | None
    choice: Choice
    metrics: list[Option]
    dimensions: list[Option]


@dataclass(frozen=True)
class PartLine:
    """A part in the list below the chart."""

    name: str
    score: ShownScore
    compared: str


@dataclass(frozen=True)
class Results:
    """What the page shows."""

    card: ShownScore
    chart: Chart
    distribution: Chart
    lines: list[PartLine]


def wanted(query: QueryDict, staff: Staff) -> Wanted | None:
    """Read `?metric=&by=&period=&place=`; None while nothing was ever asked."""
    known = scores.metrics_in_use()
    if not known:
        return None
    metric = next((one for one in known if one.value == query.get("metric")), known[0])
    by = query.get("by", "")
    dimension = Dimension(by) if by in DIMENSIONS and by else None
    return Wanted(
        metric,
        dimension,
        choice(query, staff),
        [
            Option(wording.NAMES[one], address(query, metric=one.value), one == metric)
            for one in known
        ],
        [
            Option(label, address(query, by=key), key == (dimension or ""))
            for key, label in DIMENSIONS.items()
        ],
    )


def results(asked: Wanted) -> Results:
    """Look it up and put it into words and charts."""
    reading = scores.reading(asked.metric, asked.choice.period, asked.choice.where)
    parts = _parts(asked)
    return Results(
        card=wording.shown(reading),
        chart=_parts_chart(asked, parts) if asked.dimension else _time_chart(asked),
        distribution=wording.distribution_chart(reading),
        lines=[
            PartLine(part.name, wording.plain(part), wording.against_others(part)) for part in parts
        ],
    )


def _parts(asked: Wanted) -> list[Part]:
    if asked.dimension is None:
        return []
    where, span = asked.choice.where, asked.choice.period.now
    return breakdown.parts(asked.metric, asked.dimension, span, where)


def _points(asked: Wanted) -> list[Point]:
    return scores.trend(asked.metric, asked.choice.period, asked.choice.where)


def _time_chart(asked: Wanted) -> Chart:
    return wording.trend_chart(asked.metric, _points(asked))


def _parts_chart(asked: Wanted, parts: list[Part]) -> Chart:
    return Chart(
        "intervals",
        wording.NAMES[asked.metric],
        [wording.row(part.name, part.score) for part in parts],
        wording.columns(_("Name")),
        summary=_("Where two bars overlap widely, the difference may be chance."),
    )


def as_csv(asked: Wanted) -> str:
    """The figures behind the page: name, score, interval, number of answers.

    Text cells are made harmless for spreadsheet programs; numbers have a point.
    """
    if asked.dimension is None:
        rows = [(point.span.since.isoformat(), point.score) for point in _points(asked)]
    else:
        rows = [(part.name, part.score) for part in _parts(asked)]
    return _written([_HEADER, *(_csv_row(name, score) for name, score in rows)])


_HEADER = ("name", "score", "low", "high", "answers", "unit")


def _csv_row(name: str, score: Score) -> Sequence[str]:
    shown = [
        "" if one is None else f"{wording.scaled(score, one):.1f}"
        for one in (score.value, score.low, score.high)
    ]
    return [harmless(name), *shown, str(score.n), score.measure.unit.value]


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
