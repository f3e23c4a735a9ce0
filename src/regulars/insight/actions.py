"""What insight writes: the Monday mail, and whether somebody wants it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils import translation

from regulars.accounts.models import Staff
from regulars.business.queries import the_business
from regulars.feedback.models import Case
from regulars.feedback.queries import cases_visible_to, mention_of
from regulars.insight import emails
from regulars.insight.models import MondayMailChoice
from regulars.insight.periods import Period, local_today
from regulars.insight.queries import people, scores
from regulars.insight.queries.recipients import Recipient, monday_recipients
from regulars.mailing import actions as mailing
from regulars.mailing.mentions import About
from regulars.mailing.models import Purpose

CASES_TOLD: Final = 5


def send_monday_mails(*, today: date | None = None) -> int:
    """Queue this week's mail for each owner and, for their place, each manager; how many.

    Once per person and week, however often it is called: the week is in the message's key.
    """
    day = today or local_today()
    monday = day - timedelta(days=day.weekday())
    recipients = monday_recipients()
    with transaction.atomic():
        for recipient in recipients:
            _send(recipient, monday)
    return len(recipients)


def _send(recipient: Recipient, monday: date) -> None:
    business = the_business()
    language = recipient.staff.language or business.language
    with translation.override(language):
        week = _week(recipient, monday)
        content = emails.monday(week, business=business.name or "Regulars")
    place = recipient.place.public_id if recipient.place else ""
    mailing.queue_message(
        content,
        key=f"monday:{monday.isoformat()}:{recipient.staff.public_id}:{place}",
        purpose=Purpose.ALERT,
        staff=recipient.staff,
        language=language,
        about=_spoken_of(week),
    )


def _spoken_of(week: emails.Week) -> list[About]:
    """Everybody whom the mail names or quotes; who is not known yet, by what they said."""
    answers = [*week.to_thank, *week.to_call]
    guests = [*(one.customer for one in answers), *(one.customer for one in week.birthdays)]
    said = [*(one.feedback for one in week.cases_due), *week.voices]
    return [
        *map(mention_of, said),
        *(About(customer) for customer in guests if customer is not None),
    ]


def _week(recipient: Recipient, monday: date) -> emails.Week:
    where = scores.Where(place_id=recipient.place.pk if recipient.place else None)
    until = monday - timedelta(days=1)
    since = people.start_of(monday - timedelta(days=7))
    return emails.Week(
        place=recipient.place.name if recipient.place else "",
        monday=monday,
        readings=scores.readings(scores.metrics_in_use(), Period("month", until), where),
        cases_due=_cases_due(recipient, monday + timedelta(days=7)),
        to_thank=people.to_thank(where),
        to_call=people.to_call(where),
        birthdays=people.birthdays(today=monday, most=15),
        voices=people.voices(recipient.staff, where, most=6, since=since),
    )


def _cases_due(recipient: Recipient, before: date) -> list[Case]:
    """The open cases whose customers wait for an answer before that day, most urgent first."""
    found = cases_visible_to(recipient.staff).filter(
        state=Case.State.OPEN, due_at__lt=people.start_of(before)
    )
    if recipient.place is not None:
        found = found.filter(feedback__place=recipient.place)
    return list(found[:CASES_TOLD])


def choose_monday_mail(staff: Staff, *, is_wanted: bool) -> MondayMailChoice:
    """Switch one's own Monday mail on or off."""
    choice, _is_new = MondayMailChoice.objects.update_or_create(
        staff=staff, defaults={"is_wanted": is_wanted}
    )
    return choice
