"""The ready wordings of the surveys, in the five languages (the catalogues hold the others).

NPS asks what Reichheld (2003) asked, on 0–10; the 1–10 form is the one many articles print. CSAT
asks about one visit on 1–5 (faces or stars), 1–7 or 1–10; CES is the agreement form (CES 2.0,
2013) on seven steps.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.core.widgets import Look
from regulars.surveys.models import (
    RECOMMENDATION,
    SATISFACTION,
    Metric,
    Survey,
    SurveyVersion,
)

MAX_TEXT = 400
PARTS = ("question", "low", "high", "follow_up", "thanks")


@dataclass(frozen=True)
class Wording:
    """What somebody reads: the question, what the ends of its scale mean, what follows."""

    question: str
    low: str
    high: str
    follow_up: str
    thanks: str


def wording_of(version: SurveyVersion, *, language: str, business: str) -> Wording:
    """The wording of a version in a language: the owner's own texts, else the ready ones."""
    ready = ready_wording(Metric(version.survey.metric), language=language, business=business)
    own = version.texts.get(language, {})
    parts = {part: own.get(part) or getattr(ready, part) for part in PARTS}
    parts["question"] = parts["question"].replace("{business}", business)
    return Wording(**parts)


def ready_wording(metric: Metric, *, language: str, business: str) -> Wording:
    """The wording that comes with the product; without a name the question speaks of “us”."""
    with translation.override(language):
        question = _named_question(metric, business) if business else _nameless_question(metric)
        thanks = _("Your answer has been saved, and we read every one.")
        if metric in RECOMMENDATION:
            return Wording(
                question,
                _("not at all likely"),
                _("extremely likely"),
                _("What is the main reason for your score?"),
                thanks,
            )
        if metric in SATISFACTION:
            return Wording(
                question,
                _("very dissatisfied"),
                _("very satisfied"),
                _("What did you like, and what could be better?"),
                thanks,
            )
        return Wording(
            question,
            _("strongly disagree"),
            _("strongly agree"),
            _("What would have made it easier?"),
            thanks,
        )


def _named_question(metric: Metric, business: str) -> str:
    name = {"business": business}
    if metric in RECOMMENDATION:
        return _("How likely are you to recommend %(business)s to a friend or colleague?") % name
    if metric in SATISFACTION:
        return _("How satisfied were you with your last visit to %(business)s?") % name
    return _("%(business)s made it easy for me to get what I came for.") % name


def _nameless_question(metric: Metric) -> str:
    if metric in RECOMMENDATION:
        return _("How likely are you to recommend us to a friend or colleague?")
    if metric in SATISFACTION:
        return _("How satisfied were you with your last visit?")
    return _("It was easy for me to get what I came for.")


def look_of(metric: Metric) -> Look:
    """How the scale is drawn."""
    if metric == Metric.CSAT:
        return "faces"
    return "stars" if metric == Metric.CSAT_STARS else "numbers"


def label_of(metric: Metric, score: int) -> str:
    """A score as the mail writes it."""
    return f"{score} ★" if look_of(metric) == "stars" else str(score)


def scores_of(survey: Survey) -> range:
    """Every score of the survey's scale, from the lowest."""
    low, high = survey.scale
    return range(low, high + 1)
