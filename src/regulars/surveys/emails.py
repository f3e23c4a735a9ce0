"""The messages that surveys send."""

from __future__ import annotations

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.business.queries import the_business
from regulars.core import links
from regulars.mailing.content import Choice, Content, Paragraph, Scale
from regulars.mailing.queries import language_for
from regulars.surveys.models import Invitation, Metric
from regulars.surveys.wording import label_of, scores_of, wording_of


def answer_url(token: str, *, score: int | None = None) -> str:
    """The address of the page that a personal link opens, with a score chosen or none."""
    path = reverse("surveys:answer", args=[token])
    return links.absolute(path if score is None else f"{path}?score={score}")


def invitation(asked: Invitation, token: str) -> Content:
    """The question with its scale in the mail; a tap opens the page, a person's act stores it."""
    business = the_business().name
    language = asked.language or language_for(asked.customer)
    wording = wording_of(asked.version, language=language, business=business)
    with translation.override(language):
        subject = _("One question from %(business)s") % {"business": business}
        if asked.case_id is not None:
            subject = _("Did we put it right?")
        intro = _("It takes less than a minute, and somebody reads every answer.")
    choices = tuple(
        Choice(label_of(Metric(asked.survey.metric), score), answer_url(token, score=score))
        for score in scores_of(asked.survey)
    )
    scale = Scale(wording.question, choices, low=wording.low, high=wording.high)
    return Content(subject=subject, pieces=(scale, Paragraph(intro)), preview=wording.question)


def words_to_share(asked: Invitation, token: str) -> str:
    """What staff send by hand (a chat or text message): the question and the personal link."""
    business = the_business().name
    language = asked.language or language_for(asked.customer)
    wording = wording_of(asked.version, language=language, business=business)
    return f"{wording.question}\n{answer_url(token)}"
