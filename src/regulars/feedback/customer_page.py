"""What a customer said and what is being put right, on the customer's page."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.customers.models import Customer
from regulars.customers.panels import Suggestion, panel, suggestion, teller
from regulars.feedback.models import Case
from regulars.feedback.moments import (
    CaseClosed,
    CaseOpened,
    FeedbackJoined,
    FeedbackParted,
    FeedbackReceived,
    PraiseReceived,
)
from regulars.feedback.queries import cases_visible_to, feedback_visible_to

VOICES_SHOWN = 5


@panel("feedback/panel.html", order=45)
def voices(customer: Customer, staff: Staff) -> dict[str, object] | None:
    """The latest things the customer said."""
    said = list(feedback_visible_to(staff).filter(customer=customer)[:VOICES_SHOWN])
    return {"voices": said} if said else None


@suggestion
def put_right(customer: Customer, staff: Staff) -> Iterator[Suggestion]:
    """Open cases come before everything else."""
    waiting = cases_visible_to(staff).filter(feedback__customer=customer)
    for case in waiting.exclude(state=Case.State.CLOSED):
        text = _("Close the matter: the customer has an answer.")
        if case.state == Case.State.OPEN:
            text = _("Answer: something has to be put right.")
        yield Suggestion(text, case.get_absolute_url(), icon="mend", urgency=90)


@suggestion
def thank(customer: Customer, staff: Staff) -> Iterator[Suggestion]:
    """Praise that nobody has thanked for."""
    praise = feedback_visible_to(staff).filter(customer=customer, praise__thanked_at=None)
    for said in praise.filter(praise__isnull=False)[:1]:
        yield Suggestion(
            _("Thank for the praise."), said.get_absolute_url(), icon="heart", urgency=30
        )


@teller(FeedbackReceived, icon="quote")
def received(payload: FeedbackReceived) -> str:
    """Somebody said something."""
    return _("Said something")


@teller(CaseOpened, icon="mend", tone="warn")
def opened(payload: CaseOpened) -> str:
    """A case was opened, or opened again."""
    if payload.again:
        return _("Something still has to be put right")
    return _("Something has to be put right")


@teller(CaseClosed, icon="check", tone="good")
def closed(payload: CaseClosed) -> str:
    """A case was closed."""
    return _("It was put right")


@teller(PraiseReceived, icon="heart", tone="good")
def praised(payload: PraiseReceived) -> str:
    """Praise arrived."""
    return _("Praised you")


@teller(FeedbackJoined, icon="quote")
def recognised(payload: FeedbackJoined) -> str:
    """Somebody here knew who had said it."""
    return _("Recognised as who said something")


@teller(FeedbackParted, icon="undo")
def mistaken(payload: FeedbackParted) -> str:
    """It was somebody else."""
    return _("It was somebody else who said it")
