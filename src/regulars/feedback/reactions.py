"""What feedback does when customers answer surveys, and when a merge is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.accounts.models import Staff
from regulars.core.models import Moment
from regulars.core.moments import reaction
from regulars.customers.actions.merging import also_when_unmerged
from regulars.customers.models import Customer
from regulars.feedback.actions import cases, receiving
from regulars.feedback.models import Case, Source
from regulars.surveys.models import Response
from regulars.surveys.moments import SurveyAnswered


@reaction(SurveyAnswered)
def listen_to_answer(moment: Moment, payload: SurveyAnswered) -> None:
    """Put the comment into the inbox; a weak score opens a case, or tells how an old one ended."""
    response = (
        Response.objects.select_related("customer__home_place", "purchase__place", "touchpoint")
        .filter(pk=payload.response_id)
        .first()
    )
    if response is None:
        return
    asked_about = Case.objects.filter(pk=payload.case_id).first() if payload.case_id else None
    if asked_about is not None:
        cases.note_outcome(asked_about, response)
    if response.comment or (response.is_weak and asked_about is None):
        receiving.receive(_said(response, follows_case=asked_about is not None))


@also_when_unmerged
def pause_whom_it_concerns(customers: Sequence[Customer], by: Staff | None) -> None:
    """What was said went back to who said it: so does the pause of a case opened meanwhile."""
    cases.pause_anew(customers, by=by)


def _said(response: Response, *, follows_case: bool) -> receiving.Said:
    return receiving.Said(
        source=Source.SURVEY,
        text=response.comment,
        submission_id=f"response:{response.pk}",
        customer=response.customer,
        response=response,
        purchase=response.purchase,
        language=response.language,
        is_weak=response.is_weak,
        may_quote=response.may_quote,
        place=response.place,
        touchpoint=response.touchpoint,
        typed_by=response.typed_by,
        said_at=response.answered_at,
        follows_case=follows_case,
    )
