"""Surveys, personal links and answers for web shops, tills and other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from regulars.accounts.authentication import ApiRequest, needs
from regulars.accounts.models import Scope
from regulars.core import links
from regulars.core.api import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    WHOLE,
    Page,
    Problem,
    RefusedError,
    idempotent,
    page_of,
)
from regulars.core.ids import new_token
from regulars.customers.api import customer_or_refuse
from regulars.customers.models import Customer, Purchase
from regulars.surveys import emails, queries
from regulars.surveys.actions import answers, asking
from regulars.surveys.models import AskChannel, Response, Survey

router = Router(tags=["Surveys"])
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422, 429), Problem)
Id = Annotated[str, Field(max_length=22)]


class SurveyOut(Schema):
    """A survey.

    `metric` is nps (0–10), nps_1_10, csat (1–5, faces), csat_stars (1–5), csat_1_7, csat_1_10 or
    ces (1–7). `open_link` is empty where the survey asks whether something was put right: that is
    asked from its case.
    """

    public_id: str
    name: str
    metric: str
    lowest: int
    highest: int
    is_open: bool
    open_link: str


class InvitationIn(Schema):
    """Whom to ask, and how: `link` makes a link that you send, `email` has the question mailed.

    `purchase` names what it is about, where it is about something.
    """

    model_config = {"extra": "forbid"}

    customer: Id
    purchase: Id = ""
    by: Annotated[str, Field(pattern=r"^(link|email)$")] = "link"


class InvitationOut(Schema):
    """The decision. Where `asked` is false, `reason` says why.

    `link` and `words` are empty then, and also where the question goes by mail.
    """

    asked: bool
    reason: str
    link: str
    words: str


class AnswerIn(Schema):
    """A score on the survey's scale and, perhaps, words."""

    model_config = {"extra": "forbid"}

    score: Annotated[int, Field(ge=0, le=10), WHOLE]
    comment: Annotated[str, Field(max_length=answers.MAX_COMMENT)] = ""
    may_quote: Annotated[bool, Field(strict=True)] = False
    language: Annotated[str, Field(pattern=r"^(|en|hu|bg|et|ka)$")] = ""
    customer: Id = ""


class AnswerOut(Schema):
    """An answer that counts."""

    public_id: str
    survey: str
    metric: str
    score: int
    comment: str
    may_quote: bool
    language: str
    channel: str
    customer: str | None
    answered_at: datetime


class AnswerFilter(Schema):
    """`survey` leaves one survey's answers, `customer` one customer's.

    `cursor` is the `next` of the page before.
    """

    survey: Annotated[str, Field(max_length=22)] = ""
    customer: Annotated[str, Field(max_length=22)] = ""
    cursor: Annotated[str, Field(max_length=22)] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE


@router.get(
    "/surveys",
    response={200: list[SurveyOut], **PROBLEMS},
    auth=needs(Scope.ANSWERS_READ),
    summary="List surveys",
)
def list_surveys(request: ApiRequest) -> list[SurveyOut]:
    """Every survey in use."""
    return [_shown_survey(one) for one in queries.surveys_in_use()]


@router.post(
    "/surveys/{public_id}/invitations",
    response={201: InvitationOut, **PROBLEMS},
    auth=needs(Scope.ANSWERS_WRITE),
    summary="Ask a customer by mail, or by a link of their own",
)
@decorate_view(idempotent)
def invite(request: ApiRequest, public_id: Id, new: InvitationIn) -> Status[InvitationOut]:
    """Decide whether the customer may be asked; mail the question, or make a link that you send.

    The same pauses and limits hold for both; only mail needs consent and an address. The decision
    stands on the customer's page. The link is told only here.
    """
    survey = _survey(public_id)
    customer = customer_or_refuse(new.customer)
    channel = AskChannel.EMAIL if new.by == "email" else AskChannel.API
    asked = asking.ask(
        customer, survey, channel=channel, purchase=_purchase(customer, new.purchase)
    )
    decision = asked.decision
    if decision.invitation is None or channel == AskChannel.EMAIL:
        is_asked = decision.invitation is not None
        out = InvitationOut(asked=is_asked, reason=decision.reason, link="", words="")
        return Status(201, out)
    words = emails.words_to_share(decision.invitation, asked.token)
    link = emails.answer_url(asked.token)
    return Status(201, InvitationOut(asked=True, reason="asked", link=link, words=words))


@router.post(
    "/surveys/{public_id}/answers",
    response={201: AnswerOut, **PROBLEMS},
    auth=needs(Scope.ANSWERS_WRITE),
    summary="Store an answer",
)
@decorate_view(idempotent)
def store_answer(request: ApiRequest, public_id: Id, new: AnswerIn) -> Status[AnswerOut]:
    """Store an answer that somebody gave elsewhere, once per Idempotency-Key."""
    survey = _survey(public_id)
    given = answers.Answer(
        submission_id=new_token(),
        score=new.score,
        comment=new.comment,
        may_quote=new.may_quote,
        language=new.language,
    )
    stored, _is_new = answers.submit_open(
        survey,
        answers.current_version(survey),
        given,
        customer=customer_or_refuse(new.customer) if new.customer else None,
        channel=AskChannel.API,
    )
    return Status(201, _shown(stored))


@router.get(
    "/answers",
    response={200: Page[AnswerOut], **PROBLEMS},
    auth=needs(Scope.ANSWERS_READ),
    summary="List answers",
)
def list_answers(request: ApiRequest, filters: Query[AnswerFilter]) -> dict[str, Any]:
    """Answers that count, the earliest first, a page at a time."""
    rows = queries.responses_in_force().select_related("survey", "customer")
    if filters.survey:
        rows = rows.filter(survey=_survey(filters.survey))
    if filters.customer:
        rows = rows.filter(customer=customer_or_refuse(filters.customer))
    found, following = page_of(rows, cursor=filters.cursor, limit=filters.limit)
    return {"items": [_shown(one) for one in found], "next": following}


def _survey(public_id: str) -> Survey:
    return get_object_or_404(Survey, public_id=public_id, archived_at=None)


def _purchase(customer: Customer, public_id: str) -> Purchase | None:
    if not public_id:
        return None
    found = customer.purchases.filter(public_id=public_id).first()
    if found is None:
        raise RefusedError(
            _("This customer has no such purchase."), code="unknown_purchase", status=422
        )
    return found


def _shown_survey(survey: Survey) -> SurveyOut:
    lowest, highest = survey.scale
    return SurveyOut(
        public_id=survey.public_id,
        name=survey.name,
        metric=survey.metric,
        lowest=lowest,
        highest=highest,
        is_open=survey.is_open,
        open_link=""
        if survey.is_about_mending
        else links.to("surveys:open_answer", survey.open_token),
    )


def _shown(response: Response) -> AnswerOut:
    fields = {name: getattr(response, name) for name in AnswerOut.model_fields}
    fields["survey"] = response.survey.public_id
    fields["customer"] = response.customer.public_id if response.customer else None
    return AnswerOut.model_validate(fields)
