"""Scores by place, department, stage and survey, and which of them stand out for certain."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from regulars.business.models import Place, Touchpoint
from regulars.insight.periods import Span
from regulars.insight.queries.scores import EVERYWHERE, MEASURED, Where
from regulars.stats.comparisons import Comparison
from regulars.stats.scores import Score
from regulars.surveys import queries as surveys
from regulars.surveys.models import Metric, Survey
from regulars.surveys.queries import Cell


class Dimension(StrEnum):
    """What the answers are told apart by."""

    PLACE = "place"
    DEPARTMENT = "department"
    STAGE = "stage"
    SURVEY = "survey"


FIELDS = {
    Dimension.PLACE: "place_id",
    Dimension.DEPARTMENT: "touchpoint_id",
    Dimension.STAGE: "touchpoint_id",
    Dimension.SURVEY: "survey_id",
}


@dataclass(frozen=True)
class Part:
    """One place, department, stage or survey: its score, and how it compares with the others.

    `stands_out` is meant after correction for looking at many (Benjamini & Hochberg 1995).
    """

    metric: Metric
    dimension: Dimension
    name: str
    score: Score
    comparison: Comparison | None = None
    stands_out: bool = False


def parts(
    metric: Metric, dimension: Dimension, span: Span, where: Where = EVERYWHERE
) -> list[Part]:
    """The parts that have answers, in their own order, each against all others together.

    Answers that belong to none count among the others and are not shown.
    """
    return everything([metric], [dimension], span, where)[0]


def everything(
    metrics: Collection[Metric],
    dimensions: Iterable[Dimension],
    span: Span,
    where: Where = EVERYWHERE,
) -> list[list[Part]]:
    """All metrics by all dimensions; what stands out is judged over all of them together."""
    cells = surveys.cells(metrics, where.during(span))
    named = [(one, _names(one)) for one in dimensions]
    return compared(
        [_plain_parts(metric, one, names, cells) for metric in metrics for one, names in named]
    )


def compared(groups: list[list[Part]]) -> list[list[Part]]:
    """Groups of parts with their comparisons; parts called "" are left out at last."""
    from regulars.stats import segments

    found = [
        segments.against_the_rest([part.score for part in group]) if len(group) > 1 else ()
        for group in groups
    ]
    p_values = [one.p_value for group in found for one in group]
    outstanding = iter(segments.benjamini_hochberg(p_values) if p_values else ())
    judged = []
    for group, results in zip(groups, found, strict=True):
        whole = [
            Part(part.metric, part.dimension, part.name, part.score, one.comparison, out)
            for part, one, out in zip(group, results, outstanding, strict=False)
        ]
        judged.append([part for part in (whole or group) if part.name])
    return judged


def _plain_parts(
    metric: Metric, dimension: Dimension, names: dict[int, str], cells: list[Cell]
) -> list[Part]:
    merged: dict[str, dict[int, int]] = {}
    for cell in cells:
        if cell.metric == metric:
            total = merged.setdefault(names.get(getattr(cell, FIELDS[dimension]), ""), {})
            total[cell.score] = total.get(cell.score, 0) + cell.times
    order = list(dict.fromkeys([*names.values(), ""]))
    return [
        Part(metric, dimension, name, MEASURED[metric](merged[name]))
        for name in order
        if name in merged
    ]


def _names(dimension: Dimension) -> dict[int, str]:
    match dimension:
        case Dimension.PLACE:
            return dict(Place.objects.order_by("name", "pk").values_list("pk", "name"))
        case Dimension.SURVEY:
            return dict(Survey.objects.order_by("name", "pk").values_list("pk", "name"))
        case Dimension.STAGE:
            stages = Touchpoint.objects.order_by("position", "pk")
            return dict(stages.values_list("pk", "name"))
        case Dimension.DEPARTMENT:
            stages = Touchpoint.objects.exclude(department=None).order_by("department__name", "pk")
            return dict(stages.values_list("pk", "department__name"))
