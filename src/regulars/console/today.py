"""What to do today: what is due, whom to thank or call, and birthdays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.accounts.models import Staff
from regulars.customers.models import Customer
from regulars.feedback.models import Case
from regulars.feedback.queries import cases_visible_to
from regulars.insight.periods import local_today
from regulars.insight.queries import people
from regulars.insight.queries.scores import Where
from regulars.surveys.models import SCALES, Metric, Response


@dataclass(frozen=True)
class ToDo:
    """One thing to do. `day` is shown where it is not today's."""

    icon: str
    title: str
    who: str | Promise
    detail: str
    href: str
    day: date | None = None


def todo(where: Where, staff: Staff) -> list[ToDo]:
    """Cases that are due, whom to call, whom to thank, birthdays."""
    called = people.to_call(where)
    thanked = people.to_thank(where)
    return [
        *(_case(one) for one in _due(staff)),
        *(_call(answer) for answer in called),
        *(_thank(answer) for answer in thanked),
        *(_birthday(one) for one in people.birthdays(most=5)),
    ]


def _due(staff: Staff) -> list[Case]:
    """Open cases whose time is up before tomorrow, the most urgent first."""
    tomorrow = people.start_of(local_today() + timedelta(days=1))
    open_cases = cases_visible_to(staff).filter(state=Case.State.OPEN, due_at__lt=tomorrow)
    return list(open_cases[:3])


def _case(one: Case) -> ToDo:
    who = one.feedback.who or _("Somebody without a name")
    return ToDo("mend", _("Put right"), who, one.feedback.text, one.get_absolute_url())


def _call(answer: Response) -> ToDo:
    return ToDo("phone", _("Call"), *_about(answer))


def _thank(answer: Response) -> ToDo:
    return ToDo("heart", _("Thank"), *_about(answer))


def _about(answer: Response) -> tuple[str, str, str]:
    high = SCALES[Metric(answer.metric)][1]
    gave = _("gave %(score)s of %(most)s") % {"score": answer.score, "most": high}
    said = f"{gave}: “{answer.comment}”" if answer.comment else gave
    return str(answer.customer), said, page_of(answer.customer)


def _birthday(one: people.Birthday) -> ToDo:
    today = one.on == local_today()
    detail = pgettext("birthday", "today") if today else ""
    return ToDo(
        "gift",
        _("Birthday"),
        str(one.customer),
        detail,
        page_of(one.customer),
        None if today else one.on,
    )


def page_of(customer: Customer | None) -> str:
    """The customer's page; empty where there is none."""
    if customer is None:
        return ""
    try:
        return reverse("customers:customer", args=[customer.public_id])
    except NoReverseMatch:
        return ""
