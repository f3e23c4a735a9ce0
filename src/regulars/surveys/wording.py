"""The ready wordings of the surveys, in the five languages (the catalogues hold the others).

NPS asks what Reichheld (2003) asked, on 0–10; the 1–10 form is the one many articles print. CSAT
asks about one interaction on 1–5 (faces or stars), 1–7 or 1–10; CES is the agreement form (CES 2.0,
2013) on seven steps. Both speak of the stage of the journey that the survey is about: of the
delivery, the booking or the stay, and of the visit where it is about none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from regulars.business.models import Touchpoint, Trade
from regulars.business.queries import the_business
from regulars.core.widgets import Look
from regulars.surveys.models import (
    RECOMMENDATION,
    SATISFACTION,
    Metric,
    Survey,
    SurveyVersion,
)

MAX_TEXT = 400
ORDER = "order"
MENDED = "mended"
PARTS = ("question", "low", "high", "follow_up", "thanks")


# Two forms of each question: with the business's name, and without one.
Forms = tuple[str, str]

_RECOMMENDED: Final[Forms] = (
    _("How likely are you to recommend %(business)s to a friend or colleague?"),
    _("How likely are you to recommend us to a friend or colleague?"),
)
_VISIT: Final[Forms] = (
    _("How satisfied were you with your last visit to %(business)s?"),
    _("How satisfied were you with your last visit?"),
)
_CAME_FOR: Final[Forms] = (
    _("%(business)s made it easy for me to get what I came for."),
    _("It was easy for me to get what I came for."),
)
_RECEIVED: Final[Forms] = (
    _("How satisfied were you with the way you were received at %(business)s?"),
    _("How satisfied were you with the way we received you?"),
)
# The slugs are those of `business.trades`.
SATISFIED_WITH: Final[dict[str, Forms]] = {
    ORDER: (
        _("How satisfied were you with your last order from %(business)s?"),
        _("How satisfied were you with your last order?"),
    ),
    MENDED: (
        _("How satisfied are you with how %(business)s put it right?"),
        _("How satisfied are you with how we put it right?"),
    ),
    "ordering": (
        _("How satisfied were you with ordering on the website of %(business)s?"),
        _("How satisfied were you with ordering on our website?"),
    ),
    "delivery": (
        _("How satisfied were you with the delivery of your order from %(business)s?"),
        _("How satisfied were you with the delivery of your order?"),
    ),
    "food": (
        _("How satisfied were you with the food and drinks at %(business)s?"),
        _("How satisfied were you with our food and drinks?"),
    ),
    "welcome": _RECEIVED,
    "arrival": _RECEIVED,
    "advice": (
        _("How satisfied were you with the help you got at %(business)s?"),
        _("How satisfied were you with the help you got from us?"),
    ),
    "paying": (
        _("How satisfied were you with how paying went at %(business)s?"),
        _("How satisfied were you with how paying went?"),
    ),
    "booking": (
        _("How satisfied were you with booking at %(business)s?"),
        _("How satisfied were you with booking with us?"),
    ),
    "work": (
        _("How satisfied were you with the work of %(business)s?"),
        _("How satisfied were you with our work?"),
    ),
    "stay": (
        _("How satisfied were you with your stay at %(business)s?"),
        _("How satisfied were you with your stay?"),
    ),
    "after": (
        _("How satisfied were you with how %(business)s looked after you afterwards?"),
        _("How satisfied were you with how we looked after you afterwards?"),
    ),
}
_ORDERED: Final[Forms] = (
    _("%(business)s made it easy for me to order."),
    _("It was easy for me to order."),
)
_EASY: Final[dict[str, Forms]] = {
    ORDER: _ORDERED,
    "ordering": _ORDERED,
    "delivery": (
        _("%(business)s made it easy for me to get my order."),
        _("It was easy for me to get my order."),
    ),
    "paying": (
        _("%(business)s made it easy for me to pay."),
        _("It was easy for me to pay."),
    ),
    "booking": (
        _("%(business)s made it easy for me to book."),
        _("It was easy for me to book."),
    ),
}


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
    ready = ready_wording(
        Metric(version.survey.metric), language=language, business=business, about=version.about
    )
    own = version.texts.get(language, {})
    parts = {part: own.get(part) or getattr(ready, part) for part in PARTS}
    parts["question"] = parts["question"].replace("{business}", business)
    return Wording(**parts)


def subject_of(stage: Touchpoint | None, trigger: str = "") -> str:
    """What a survey speaks of: a key of the tables below, or "" for the visit.

    What was put right, where it is asked after that; else its stage. Stages that an owner adds have
    no ready words of their own. Who has only a web shop is never visited.
    """
    if trigger == Survey.Trigger.AFTER_CASE:
        return MENDED
    if stage is not None and stage.slug in SATISFIED_WITH:
        return stage.slug
    return ORDER if the_business().trade == Trade.WEB_SHOP else ""


def ready_wording(metric: Metric, *, language: str, business: str, about: str = "") -> Wording:
    """The wording that comes with the product; without a name the question speaks of “us”.

    `about` is what `subject_of` gave.
    """
    with translation.override(language):
        question = _question(metric, about, business)
        thanks = gettext("Your answer has been saved, and we read every one.")
        if metric in RECOMMENDATION:
            return Wording(
                question,
                gettext("not at all likely"),
                gettext("extremely likely"),
                gettext("What is the main reason for your score?"),
                thanks,
            )
        if metric in SATISFACTION:
            return Wording(
                question,
                gettext("very dissatisfied"),
                gettext("very satisfied"),
                gettext("Is there anything left for us to do?")
                if about == MENDED
                else gettext("What did you like, and what could be better?"),
                thanks,
            )
        return Wording(
            question,
            gettext("strongly disagree"),
            gettext("strongly agree"),
            gettext("What would have made it easier?"),
            thanks,
        )


def _question(metric: Metric, about: str, business: str) -> str:
    named, nameless = _RECOMMENDED
    if metric in SATISFACTION:
        named, nameless = SATISFIED_WITH.get(about, _VISIT)
    elif metric == Metric.CES:
        named, nameless = _EASY.get(about, _CAME_FOR)
    return gettext(named) % {"business": business} if business else gettext(nameless)


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
