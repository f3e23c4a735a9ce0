"""What customers say and what has to be put right, for other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from regulars.accounts.authentication import ApiRequest, needs
from regulars.accounts.models import Scope
from regulars.business.api import place_or_refuse
from regulars.core.api import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    Page,
    Problem,
    WrittenMoment,
    idempotent,
    moment_or_refuse,
    page_of,
)
from regulars.core.ids import new_token
from regulars.customers.api import customer_or_refuse
from regulars.feedback import queries
from regulars.feedback.actions import receiving
from regulars.feedback.models import Case, Feedback, Kind, Source

router = Router(tags=["Feedback"])
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422, 429), Problem)


class FeedbackIn(Schema):
    """Something that somebody said. A `kind` that is left out is guessed from the words."""

    model_config = {"extra": "forbid"}

    text: Annotated[str, Field(min_length=1, max_length=receiving.MAX_TEXT)]
    kind: Annotated[str, Field(pattern=r"^(|complaint|suggestion|question|praise|remark)$")] = ""
    customer: Annotated[str, Field(max_length=22)] = ""
    place: Annotated[str, Field(max_length=22)] = ""
    contact_name: Annotated[str, Field(max_length=120)] = ""
    contact_address: Annotated[str, Field(max_length=254)] = ""
    said_at: WrittenMoment | None = None


class FeedbackOut(Schema):
    """One thing somebody said. What the program guessed is called a guess."""

    public_id: str
    source: str
    text: str
    language: str
    kind: str
    kind_is_guess: bool
    feeling: str
    feeling_is_guess: bool
    topics: list[str]
    is_weak: bool
    said_at: datetime
    customer: str | None
    place: str | None
    case: str | None


class CaseOut(Schema):
    """Something to put right. `outcome` is what the customer said afterwards."""

    public_id: str
    feedback: str
    reason: str
    state: str
    opened_at: datetime
    due_at: datetime
    is_overdue: bool
    closed_at: datetime | None
    what_was_done: str
    outcome: str


class Paging(Schema):
    """`cursor` is the `next` of the page before."""

    cursor: Annotated[str, Field(max_length=22)] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE


class FeedbackFilter(Paging):
    """`customer` leaves what one customer said."""

    customer: Annotated[str, Field(max_length=22)] = ""


class CaseFilter(FeedbackFilter):
    """`state` is open, answered or closed; all where it is left out."""

    state: Annotated[str, Field(pattern=r"^(|open|answered|closed)$")] = ""


@router.get(
    "/feedback",
    response={200: Page[FeedbackOut], **PROBLEMS},
    auth=needs(Scope.ANSWERS_READ),
    summary="List what customers said",
)
def list_feedback(request: ApiRequest, filters: Query[FeedbackFilter]) -> dict[str, Any]:
    """Everything in the inbox, the earliest first, a page at a time."""
    rows = queries.all_feedback()
    if filters.customer:
        rows = rows.filter(customer=customer_or_refuse(filters.customer))
    found, following = page_of(rows, cursor=filters.cursor, limit=filters.limit)
    return {"items": [_shown(one) for one in found], "next": following}


@router.post(
    "/feedback",
    response={201: FeedbackOut, **PROBLEMS},
    auth=needs(Scope.ANSWERS_WRITE),
    summary="Add what somebody said",
)
@decorate_view(idempotent)
def add_feedback(request: ApiRequest, new: FeedbackIn) -> Status[FeedbackOut]:
    """Put something into the inbox, for instance from a review site. A complaint opens a case."""
    stored, _is_new = receiving.receive(
        receiving.Said(
            source=Source.API,
            text=new.text,
            kind=Kind(new.kind) if new.kind else "",
            submission_id=f"api:{new_token()}",
            customer=customer_or_refuse(new.customer) if new.customer else None,
            place=place_or_refuse(new.place),
            contact_name=new.contact_name,
            contact_address=new.contact_address,
            said_at=moment_or_refuse(new.said_at) if new.said_at else None,
        )
    )
    return Status(201, _shown(queries.all_feedback().get(pk=stored.pk)))


@router.get(
    "/cases",
    response={200: Page[CaseOut], **PROBLEMS},
    auth=needs(Scope.ANSWERS_READ),
    summary="List what has to be put right",
)
def list_cases(request: ApiRequest, filters: Query[CaseFilter]) -> dict[str, Any]:
    """Cases, the earliest first, a page at a time."""
    rows = queries.all_cases()
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.customer:
        rows = rows.filter(feedback__customer=customer_or_refuse(filters.customer))
    found, following = page_of(rows, cursor=filters.cursor, limit=filters.limit)
    return {"items": [_shown_case(one) for one in found], "next": following}


def _shown(one: Feedback) -> FeedbackOut:
    case = getattr(one, "case", None)
    told = {name: getattr(one, name) for name in FeedbackOut.model_fields if name != "case"}
    return FeedbackOut.model_validate(
        {
            **told,
            "customer": one.customer.public_id if one.customer else None,
            "place": one.place.public_id if one.place else None,
            "case": case.public_id if case else None,
        }
    )


def _shown_case(case: Case) -> CaseOut:
    told = {name: getattr(case, name) for name in CaseOut.model_fields}
    return CaseOut.model_validate({**told, "feedback": case.feedback.public_id})
