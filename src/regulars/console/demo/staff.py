"""The people who work at the demo company: they are praised by name and answer for a team."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from regulars.accounts.actions import staff as accounts
from regulars.accounts.models import Role, Staff, StaffRole, TeamLead
from regulars.business.models import Department, Place
from regulars.customers.actions import retaining
from regulars.customers.models import ContactPoint
from regulars.feedback.actions import praise, receiving
from regulars.feedback.models import Case, Feedback, Source

# Nobody can sign in as one of them: they have no password, and the addresses lead nowhere.
PEOPLE: Final = (
    ("Varga Zsófi", "zsofi@mandula.example.com", "service"),
    ("Petar Ivanov", "petar@mandula.example.com", "kitchen"),
)
ASKED_AT: Final = timedelta(hours=20)


def hire(*, place: Place, by: Staff) -> None:
    """Two colleagues at the counter, each of whom answers for a team."""
    for name, email, team in PEOPLE:
        person = Staff.objects.create_user(email, None, name=name, language="en")
        StaffRole.objects.create(staff=person, role=Role.STAFF, place=place)
        accounts.answer_for(person, Department.objects.filter(slug=team), by=by)


def leave(*, last_department: int) -> None:
    """Nobody of the demo stays, and nobody answers for a team of the demo."""
    TeamLead.objects.filter(department_id__gt=last_department).delete()
    Staff.objects.filter(email__in=[email for _name, email, _team in PEOPLE]).delete()


def praise_by_name() -> None:
    """Praise that names one of them waits to be passed on."""
    for name, _email, _team in PEOPLE:
        for word in name.split():
            for said in Feedback.objects.filter(text__contains=word, case=None):
                praise.note_praise(said)


def somebody_unknown(*, place: Place, now: datetime) -> None:
    """A message from the form, with an address by which its writer can be recognised."""
    point = ContactPoint.objects.filter(channel=ContactPoint.Channel.EMAIL).order_by("pk").first()
    if point is not None:
        receiving.receive(
            receiving.Said(
                source=Source.WEB_FORM,
                text="Do you have oat milk on Sundays too?",
                contact_address=point.address,
                place=place,
                said_at=now - ASKED_AT,
            )
        )


def a_dispute(*, by: Staff) -> None:
    """One customer’s data are held: an insurance looks into it."""
    cases = Case.objects.exclude(state=Case.State.CLOSED).exclude(feedback__customer=None)
    case = cases.select_related("feedback__customer").order_by("pk").first()
    if case is not None and case.feedback.customer is not None:
        reason = "The insurance looks into a broken cup"
        retaining.place_hold(case.feedback.customer, reason=reason, by=by)
