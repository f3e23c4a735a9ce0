"""What the home page shows, gathered from the packages below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.console.navigation import first_url
from regulars.core.charts import Chart
from regulars.core.displays import ShownScore
from regulars.customers.models import Customer, Purchase
from regulars.feedback.models import Feedback
from regulars.insight import wording
from regulars.insight.periods import Period
from regulars.insight.queries import breakdown, people, scores
from regulars.insight.queries.breakdown import Dimension, Part
from regulars.insight.queries.scores import Reading, Where
from regulars.insight.results import DIMENSIONS
from regulars.surveys.models import Invitation, Response, Survey

PARTS_SHOWN: Final = 6  # of each kind


@dataclass(frozen=True)
class FirstStep:
    """Something a new installation still has to do."""

    title: str | Promise
    text: str | Promise
    href: str
    is_done: bool


@dataclass(frozen=True)
class PartLine:
    """A place, department or stage: what was measured there, and the score."""

    name: str
    metric: str | Promise
    score: ShownScore


@dataclass(frozen=True)
class Parts:
    """The scores of all places, departments or stages, or of those with the most answers."""

    title: str | Promise
    lines: list[PartLine]


@dataclass(frozen=True)
class Home:
    """Everything on the home page; empty parts are not shown."""

    cards: list[ShownScore]
    sentence: str
    differences: list[str]
    parts: list[Parts]
    trend: Chart | None
    distribution: Chart | None
    voices: list[Feedback]


def home(period: Period, where: Where, staff: Staff) -> Home:
    """The scores of the metrics in use, and what was said."""
    readings = scores.readings(scores.metrics_in_use(), period, where)
    first = next((one for one in readings if not one.is_empty), None)
    groups = _groups(readings, period, where)
    return Home(
        cards=[wording.shown(one) for one in readings],
        sentence=wording.all_in_a_sentence(readings),
        differences=[
            wording.difference(part) for group in groups for part in group if part.stands_out
        ],
        parts=_parts(groups),
        trend=_trend(first, period, where),
        distribution=wording.distribution_chart(first) if first else None,
        voices=people.voices(staff, where),
    )


def _trend(reading: Reading | None, period: Period, where: Where) -> Chart | None:
    if reading is None:
        return None
    return wording.trend_chart(reading.metric, scores.trend(reading.metric, period, where))


def _groups(readings: list[Reading], period: Period, where: Where) -> list[list[Part]]:
    dimensions = [Dimension.DEPARTMENT, Dimension.STAGE]
    if where.place_id is None:
        dimensions.insert(0, Dimension.PLACE)
    metrics = [one.metric for one in readings if not one.is_empty]
    return breakdown.everything(metrics, dimensions, period.now, where)


def _parts(groups: list[list[Part]]) -> list[Parts]:
    """By place, department and stage, where there is more than one score to look at."""
    shown = []
    for dimension, title in DIMENSIONS.items():
        found = [part for group in groups for part in group if part.dimension == dimension]
        most = sorted(found, key=lambda part: -part.score.n)[:PARTS_SHOWN]
        lines = [
            PartLine(part.name, wording.NAMES[part.metric], wording.plain(part))
            for part in found
            if part in most
        ]
        if len(lines) > 1:
            shown.append(Parts(title, lines))
    return shown


def first_steps() -> list[FirstStep]:
    """The way from an empty installation to the first score."""
    imported = Customer.objects.exists() or Purchase.objects.exists()
    return [
        FirstStep(
            _("Bring in your sales and customers"),
            _("A file from your till, web shop or a spreadsheet is enough. Nobody is written to."),
            first_url("customers:imports", "customers:import", "customers:customers"),
            imported,
        ),
        FirstStep(
            _("Make a survey"),
            _("One question and room for a few words: ready in five languages."),
            first_url("surveys:new", "surveys:surveys"),
            Survey.objects.exists(),
        ),
        FirstStep(
            _("Ask the first customers"),
            _("By mail, by a link you send yourself, or by a QR code at the counter."),
            first_url("surveys:surveys"),
            Invitation.objects.exists() or Response.objects.exists(),
        ),
    ]
