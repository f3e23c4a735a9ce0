"""The Monday mail: how it went, cases due, whom to thank and call, birthdays, what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.business.queries import the_business
from regulars.core import links
from regulars.core.clock import local_day
from regulars.feedback.models import Case, Feedback
from regulars.insight import wording
from regulars.insight.queries.people import Birthday
from regulars.insight.queries.scores import Reading
from regulars.mailing.content import Button, Content, Facts, Heading, Paragraph, Piece, Quote
from regulars.surveys.models import SCALES, Metric, Response


@dataclass(frozen=True)
class Week:
    """What the mail tells about."""

    place: str
    monday: date
    readings: list[Reading]
    cases_due: list[Case]
    to_thank: list[Response]
    to_call: list[Response]
    birthdays: list[Birthday]
    voices: list[Feedback]


def monday(week: Week, *, business: str) -> Content:
    """Written in the active language."""
    name = f"{business}, {week.place}" if week.place else business
    sentence = wording.all_in_a_sentence(week.readings)
    pieces: list[Piece] = [
        Heading(_("The week at %(name)s") % {"name": name}),
        Paragraph(sentence),
    ]
    told = [one for one in week.readings if not one.is_empty]
    if told:
        pieces.append(Paragraph(_("The last 30 days, compared with the 30 days before:")))
        pieces.append(Facts(tuple(_score_line(one) for one in told)))
    if week.cases_due:
        pieces.append(Heading(_("To put right")))
        for one in week.cases_due:
            pieces.append(Facts(((_who(one), _due(one, week.monday)),)))
            pieces += _quoted(one.feedback.text)
    pieces += _people(_("To thank"), week.to_thank)
    pieces += _people(_("To call"), week.to_call)
    if week.birthdays:
        pieces.append(Heading(_("Birthdays this week")))
        pieces.append(Facts(tuple((str(one.customer), _day(one.on)) for one in week.birthdays)))
    if week.voices:
        pieces.append(Heading(_("What customers said")))
        pieces += [Quote(one.text[:400]) for one in week.voices]
    pieces.append(Button(_("See it all"), links.to("insight:results")))
    pieces.append(
        Paragraph(
            _("You can switch this mail off: %(link)s") % {"link": links.to("insight:monday_mail")}
        )
    )
    subject = _("Your week: %(sentence)s") % {"sentence": sentence}
    return Content(subject=subject, pieces=tuple(pieces), preview=sentence)


def _score_line(reading: Reading) -> tuple[str, str]:
    said = str(wording.shown(reading).verdict_text)
    value = wording.value_and_range(reading.score)
    answers = _("answers: %(count)s") % {"count": wording.number(reading.score.n)}
    return str(wording.NAMES[reading.metric]), ", ".join(filter(None, [value, answers, said]))


def _people(title: str, answers: list[Response]) -> list[Piece]:
    pieces: list[Piece] = [Heading(title)] if answers else []
    for one in answers:
        pieces.append(Facts(((str(one.customer), _gave(one)),)))
        pieces += _quoted(one.comment)
    return pieces


def _quoted(words: str) -> list[Piece]:
    return [Quote(words[:200])] if words else []


def _gave(answer: Response) -> str:
    most = SCALES[Metric(answer.metric)][1]
    return _("gave %(score)s of %(most)s") % {"score": answer.score, "most": most}


def _who(case: Case) -> str:
    return str(case.feedback.who or _("Somebody without a name"))


def _due(case: Case, monday: date) -> str:
    on = local_day(case.due_at, the_business().time_zone)
    said = _("was due %(day)s") if on < monday else _("due %(day)s")
    return said % {"day": _day(on)}


def _day(on: date) -> str:
    locale = (get_language() or "en").replace("-", "_")
    return format_skeleton("MMMEd", on, locale=locale)
