"""Storing answers: committed before anybody is thanked, once per submission."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.business.queries import time_zone
from regulars.core import audit, moments, prepared
from regulars.core.errors import DomainError
from regulars.core.faults import crash_point
from regulars.customers.models import Customer
from regulars.surveys.models import (
    AnswerCount,
    AskChannel,
    Invitation,
    Response,
    Survey,
    SurveyVersion,
)
from regulars.surveys.moments import SurveyAnswered

MAX_COMMENT = 5_000
# Whoever opened the page before the link ran out may still send what they wrote.
STILL_TAKEN = timedelta(days=1)
# Characters that no database takes (NUL, lone surrogates), and those that turn the direction of
# whatever stands after them.
_UNWANTED = re.compile("[\x00\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class AnswerError(DomainError):
    """An answer that cannot be stored."""

    code = "bad_answer"


class AskedFromCasesError(DomainError):
    """Whether something was put right cannot be asked, or answered, without a case."""

    code = "asked_from_cases"

    def __init__(self) -> None:
        super().__init__(_("Whether something was put right is asked from its case."))


class AlreadyAnsweredError(AnswerError):
    """This personal link was used for an answer before."""

    code = "already_answered"

    def __init__(self) -> None:
        super().__init__(_("You have already answered. Thank you."))


@dataclass(frozen=True)
class Answer:
    """What somebody gave: a score on the survey's scale and, perhaps, words."""

    submission_id: str
    score: int
    comment: str = ""
    may_quote: bool = False
    language: str = ""


def submit_invited(invitation: Invitation, answer: Answer) -> tuple[Response, bool]:
    """Store the answer to a personal link; the response and whether it is new.

    The same submission again gives the same response. Raises AlreadyAnsweredError for another
    one, AnswerError for a score that is not on the scale, a closed survey or a link that ran out
    more than a day ago.
    """
    if invitation.expires_at + STILL_TAKEN <= timezone.now():
        raise AnswerError(_("This link has run out."), code="expired")
    return _submit(
        invitation.survey,
        invitation.version,
        answer,
        channel=invitation.channel,
        invitation=invitation,
        customer_id=invitation.customer_id,
        place_id=_place_of(invitation),
    )


def submit_open(
    survey: Survey,
    version: SurveyVersion,
    answer: Answer,
    *,
    place: Place | None = None,
    customer: Customer | None = None,
    channel: str = AskChannel.OPEN,
    typed_by: Staff | None = None,
    is_quarantined: bool = False,
) -> tuple[Response, bool]:
    """Store an answer from an open link, from staff or from a program.

    Raises AnswerError, and AskedFromCasesError for the survey that only a personal link answers.
    """
    if survey.is_about_mending:
        raise AskedFromCasesError
    return _submit(
        survey,
        version,
        answer,
        channel=channel,
        place_id=place.pk if place else None,
        customer_id=customer.pk if customer else None,
        typed_by=typed_by,
        is_quarantined=is_quarantined,
    )


def current_version(survey: Survey) -> SurveyVersion:
    """The wording that is shown now."""
    return survey.versions.select_related("survey").order_by("-number")[0]


def _submit(
    survey: Survey,
    version: SurveyVersion,
    answer: Answer,
    *,
    channel: str,
    invitation: Invitation | None = None,
    customer_id: int | None = None,
    place_id: int | None = None,
    typed_by: Staff | None = None,
    is_quarantined: bool = False,
) -> tuple[Response, bool]:
    _check(survey, answer)
    drafted = Response(
        submission_id=answer.submission_id,
        survey=survey,
        version=version,
        invitation=invitation,
        customer_id=customer_id,
        purchase_id=invitation.purchase_id if invitation else None,
        place_id=place_id,
        touchpoint_id=survey.touchpoint_id,
        metric=survey.metric,
        score=answer.score,
        comment=_clean(answer.comment),
        may_quote=answer.may_quote,
        language=answer.language,
        channel=channel,
        typed_by=typed_by,
        is_quarantined=is_quarantined,
    )
    with transaction.atomic():
        if not prepared.insert_unless_there(drafted):
            return _the_one_before(answer, invitation), False
        crash_point("answers.after_insert")
        _follow_up(drafted)
    crash_point("answers.after_commit")
    return drafted, True


def _place_of(invitation: Invitation) -> int | None:
    """Where the purchase was that the invitation asks about."""
    return invitation.purchase.place_id if invitation.purchase else None


def _follow_up(response: Response) -> None:
    """What belongs to the answer and commits with it."""
    if response.invitation is not None:
        _mark_answered.run(invitation=response.invitation.pk, at=response.answered_at)
    if not response.is_quarantined:
        _tell(response)


def _tell(response: Response) -> None:
    count(response, by=1)
    moments.record(
        SurveyAnswered(
            response_id=response.pk,
            survey_id=response.survey_id,
            metric=response.metric,
            score=response.score,
            is_weak=response.is_weak,
            case_id=response.invitation.case_id if response.invitation else None,
        ),
        customer_id=response.customer_id,
        happened_at=response.answered_at,
    )


_add_to_cell = prepared.Update(
    lambda by, **cell: (AnswerCount.objects.filter(**cell), {"count": F("count") + by}),
    metric="an example",
    day=date(1, 1, 1),
    survey_id=-1,
    place_id=-2,
    touchpoint_id=-3,
    score=-4,
    by=-5,
)
_mark_answered = prepared.Update(
    lambda invitation, at: (
        Invitation.objects.filter(pk=invitation, answered_at=None),
        {"answered_at": at},
    ),
    invitation=-1,
    at=datetime(1, 1, 1, tzinfo=UTC),
)


def count(response: Response, *, by: int) -> None:
    """Add the answer to (or, with −1, take it out of) the histogram of its day and slice."""
    cell: dict[str, prepared.Value] = {
        "metric": response.metric,
        "day": _local_day(response),
        "survey_id": response.survey_id,
        "place_id": response.place_id or 0,
        "touchpoint_id": response.touchpoint_id or 0,
        "score": response.score,
    }
    if _add_to_cell.run(**cell, by=by):
        return
    prepared.insert_unless_there(AnswerCount(**cell, count=0))
    _add_to_cell.run(**cell, by=by)


def accept_held_back(response: Response, *, by: Staff) -> bool:
    """Count an answer that was held back as junk; whether it still was. Alerts nobody twice."""
    with transaction.atomic():
        held = Response.objects.filter(pk=response.pk, is_quarantined=True)
        if not held.update(is_quarantined=False):
            return False
        response.refresh_from_db()
        _tell(response)
        audit.note("surveys.accept_answer", by=by, subject=f"response:{response.public_id}")
    return True


def delete_held_back(responses: QuerySet[Response], *, by: Staff) -> int:
    """Delete answers that were held back as junk, and no others; how many went."""
    with transaction.atomic():
        deleted, _rows = responses.filter(is_quarantined=True).delete()
        if deleted:
            audit.note("surveys.delete_junk", by=by, count=deleted)
    return deleted


def _clean(comment: str) -> str:
    return _UNWANTED.sub("", comment).strip()[:MAX_COMMENT]


def _local_day(response: Response) -> date:
    return response.answered_at.astimezone(time_zone()).date()


def _the_one_before(answer: Answer, invitation: Invitation | None) -> Response:
    known = Response.objects.filter(submission_id=answer.submission_id).first()
    if known is not None:
        return known
    if invitation is None:
        raise AnswerError(_("This answer could not be saved. Please try again."))
    raise AlreadyAnsweredError


def _check(survey: Survey, answer: Answer) -> None:
    if not survey.is_open or survey.archived_at is not None:
        raise AnswerError(_("This survey is over. Thank you for your interest."), code="closed")
    low, high = survey.scale
    if not low <= answer.score <= high:
        raise AnswerError(_("Please choose one of the scores shown."), code="score_off_scale")
    if not (0 < len(answer.submission_id) <= 64 and answer.submission_id.isascii()):
        raise AnswerError(_("This answer could not be saved. Please try again."))
