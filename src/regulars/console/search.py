"""Looking for something everywhere: customers, cases, surveys and pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.console import navigation
from regulars.core import keys
from regulars.core.access import Permission
from regulars.customers.models import ContactPoint
from regulars.customers.queries import people
from regulars.feedback import queries as feedback
from regulars.surveys import queries as surveys

MOST = 12


@dataclass(frozen=True)
class Hit:
    """Something found."""

    title: str | Promise
    detail: str
    href: str


@dataclass(frozen=True)
class Hits:
    """What was found of one kind; `more` leads to the whole list."""

    title: str
    icon: str
    found: list[Hit]
    more: str = ""


def everywhere(words: str, staff: Staff) -> list[Hits]:
    """Up to twelve of each kind that hold every word, in any script. Empty without words."""
    wanted = words.replace("\x00", "").strip()[:100]
    if not wanted:
        return []
    groups = [
        _customers(wanted, staff),
        _cases(wanted, staff),
        _surveys(wanted, staff),
        _pages(wanted, staff),
    ]
    return [group for group in groups if group.found]


def _customers(words: str, staff: Staff) -> Hits:
    points = Prefetch("contact_points", ContactPoint.objects.order_by("-is_preferred", "pk"))
    rows = people.matching(people.customers_visible_to(staff), words)
    found = list(rows.prefetch_related(points).order_by("sort_key", "pk")[: MOST + 1])
    hits = [
        Hit(
            str(one),
            ", ".join(p.shown_as or p.address for p in one.contact_points.all()[:2]),
            one.get_absolute_url(),
        )
        for one in found[:MOST]
    ]
    more = navigation.first_url("customers:customers") if len(found) > MOST else ""
    return Hits(_("Customers"), "people", hits, more)


def _cases(words: str, staff: Staff) -> Hits:
    rows = feedback.searched_cases(feedback.cases_visible_to(staff), words)
    found = list(rows[: MOST + 1])
    hits = [
        Hit(
            one.feedback.who or _("Somebody without a name"),
            Truncator(one.feedback.text).chars(120),
            one.get_absolute_url(),
        )
        for one in found[:MOST]
    ]
    more = navigation.first_url("feedback:cases") if len(found) > MOST else ""
    return Hits(_("To put right"), "mend", hits, more)


def _surveys(words: str, staff: Staff) -> Hits:
    hits = []
    for survey in surveys.surveys_visible_to(staff)[:500]:
        if _holds(survey.name, words):
            href = _survey_page(survey.public_id)
            hits.append(Hit(survey.name, str(survey.get_metric_display()), href))
    return Hits(_("Surveys"), "survey", hits[:MOST])


def _pages(words: str, staff: Staff) -> Hits:
    held = frozenset(str(one) for one in Permission if staff.may(one))
    groups = (*navigation.GROUPS, navigation.SETTINGS, navigation.ACCOUNT)
    links = navigation.links(groups, path="", permissions=held)
    hits = [
        Hit(link.label, "", link.href)
        for group in links
        for link in group
        if _holds(str(link.label), words)
    ]
    return Hits(_("Pages"), "right", hits)


def _survey_page(public_id: str) -> str:
    from django.urls import NoReverseMatch, reverse

    try:
        return reverse("surveys:survey", args=[public_id])
    except NoReverseMatch:
        return ""


def _holds(text: str, words: str) -> bool:
    known = f"{keys.fold(text)} {keys.latin(text)}"
    return all(
        keys.fold(word) in known or keys.latin(word) in known for word in keys.search_words(words)
    )
