"""The list of customers, and their kinds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from regulars.accounts.views.account import me
from regulars.business.queries import places_in_use, the_business
from regulars.core import access, finding
from regulars.core.access import Permission
from regulars.core.money import Money
from regulars.core.tables import Column, Filter, Table
from regulars.core.templatetags.ui import LANGUAGE_NAMES
from regulars.customers.models import Consent, ContactPoint, Customer, Segment, Standing
from regulars.customers.queries import people, segments

if TYPE_CHECKING:
    from regulars.stats import rfm

TONES = {
    Segment.REGULAR: "good",
    Segment.FIRST_TIMER: "accent",
    Segment.OCCASIONAL: "",
    Segment.LAPSING: "warn",
    Segment.LOST: "bad",
}
# Whatever anybody has spent is more; said so that the databases look it up in their index.
LEAST = -(2**62)


@access.staff(Permission.SEE)
@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """Everybody, to search, filter and sort; their purchases as of today or a day in the past."""
    as_of = _day(request.GET.get("as_of", ""))
    shown = _table(request, as_of)
    past = as_of if as_of < segments.today() else None
    if past is not None:
        _turn_back(shown.page.object_list, past)
    staff = me(request)
    context = {
        "table": shown,
        "past": past,
        "may_serve": staff.may(Permission.SERVE),
        "may_manage": staff.may(Permission.MANAGE),
    }
    return render(request, "customers/list.html", context)


@access.staff(Permission.SEE)
@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    """How many of each kind there are, by which rule, today or on a day in the past."""
    as_of = _day(request.GET.get("as_of", ""))
    counted = segments.counts(as_of)
    context = {
        "as_of": as_of,
        "today": segments.today(),
        "kinds": _kinds(counted, as_of),
        "total": sum(counted.values()),
    }
    return render(request, "customers/kinds.html", context)


@dataclass(frozen=True)
class Kind:
    """A kind of customer, how many there are and the rule in words."""

    label: str
    rule: str
    count: int
    href: str
    tone: str


def _kinds(counted: dict[Segment, int], as_of: dt.date) -> list[Kind]:
    in_words = rule_in_words(segments.rule())
    address = reverse("customers:customers")
    day = f"&as_of={as_of.isoformat()}" if as_of < segments.today() else ""
    return [
        Kind(
            str(segment.label),
            in_words[segment],
            counted[segment],
            f"{address}?segment={segment}{day}",
            TONES[segment],
        )
        for segment in Segment
    ]


def rule_in_words(rule: rfm.Rule) -> dict[Segment, str]:
    """The rule, one sentence for each kind."""
    numbers = {
        "visits": rule.regular_visits,
        "window": rule.window_days,
        "lapsing": rule.lapsing_after_days,
        "lost": rule.lost_after_days,
    }
    return {
        Segment.REGULAR: _(
            "At least %(visits)s visits in the last %(window)s days, and not overdue."
        )
        % numbers,
        Segment.FIRST_TIMER: _("One visit so far, less than %(lost)s days ago.") % numbers,
        Segment.OCCASIONAL: _(
            "More than one visit, but fewer than %(visits)s in the last %(window)s days."
        )
        % numbers,
        Segment.LAPSING: _(
            "No visit for %(lapsing)s days, or away for much longer than is usual for them."
        )
        % numbers,
        Segment.LOST: _("No visit for %(lost)s days or more.") % numbers,
    }


def _day(text: str) -> dt.date:
    """A day up to today; today for anything else."""
    today = segments.today()
    try:
        return min(dt.date.fromisoformat(text), today)
    except ValueError:
        return today


def _turn_back(rows: Iterable[Customer], as_of: dt.date) -> None:
    """Give the rows of a page the standing of a day in the past, without storing it."""
    shown = list(rows)
    found = segments.facts_beside([one.pk for one in shown], as_of=as_of)
    for one in shown:
        then = Standing(customer=one)
        facts = found.get(one.pk)
        if facts is not None:
            then.segment, then.visits = facts.segment, facts.visits
            then.last_on, then.spent = facts.last_on, facts.spent
        one.standing = then


def _by_standing(field: str, as_of: dt.date) -> str:
    """What to sort by: today's standing is kept, that of a day in the past is not."""
    return f"standing__{field}" if as_of >= segments.today() else ""


def _table(request: HttpRequest, as_of: dt.date) -> Table[Customer]:
    currency = the_business().currency
    return Table(
        request.GET,
        people.for_list(people.customers_visible_to(me(request))),
        name=_("Customers"),
        columns=[
            Column("name", _("Name"), value=str, sort="sort_key", link=Customer.get_absolute_url),
            Column("contact", _("Reached by"), value=first_address),
            Column(
                "segment",
                _("Kind"),
                value=kind_of,
                tone=tone_of,
                sort=_by_standing("segment", as_of),
                then="-standing__last_on",
                present=Q(standing__segment__gt=""),
            ),
            Column(
                "visits",
                _("Visits"),
                kind="number",
                value=_visits,
                sort=_by_standing("visits", as_of),
                present=Q(standing__visits__gte=1),
            ),
            Column(
                "last_seen",
                _("Last here"),
                kind="day",
                value=_last_on,
                sort=_by_standing("last_on", as_of),
                present=Q(standing__last_on__isnull=False),
            ),
            Column(
                "spent",
                _("Spent"),
                kind="money",
                value=lambda one: _spent(one, currency),
                sort=_by_standing("spent", as_of),
                present=Q(standing__spent__gte=LEAST),
            ),
            Column("language", _("Language"), value=_language, optional=True),
            Column("place", _("Usual place"), value=lambda one: one.home_place, optional=True),
            Column("birthday", _("Birthday"), value=birthday_of, optional=True),
            Column("since", _("Known since"), kind="day", value=_since, optional=True),
        ],
        search=people.matching,
        filters=_filters(as_of),
        sort="sort_key",
        empty=_("No customers yet"),
        empty_text=_(
            "Bring in your past sales, put the QR code on the counter, or begin with one."
        ),
        empty_href=reverse("customers:new"),
        empty_action=_("Add a customer"),
    )


def _filters(as_of: dt.date) -> list[Filter[Customer]]:
    yes_to = gettext_lazy("Agreed to: %(purpose)s")
    return [
        Filter(
            "segment",
            _("Kind"),
            [*Segment.choices, ("none", _("No purchases yet"))],
            lambda rows, chosen: of_kind(rows, chosen, as_of),
        ),
        Filter(
            "language",
            _("Language"),
            [(code, LANGUAGE_NAMES[code]) for code, _name in settings.LANGUAGES],
            lambda rows, chosen: rows.filter(language=chosen),
        ),
        Filter(
            "consent",
            _("Consent"),
            [(purpose.value, yes_to % {"purpose": purpose.label}) for purpose in Consent.Purpose],
            people.with_consent_to,
        ),
        Filter(
            "address",
            _("Reached by"),
            [*ContactPoint.Channel.choices, ("none", _("No address"))],
            people.with_address,
        ),
        Filter(
            "place",
            _("Place"),
            [(place.public_id, place.name) for place in places_in_use()],
            people.seen_at,
        ),
        Filter(
            "birthday",
            _("Birthday in"),
            [(str(number), name) for number, name in MONTHS.items()],
            lambda rows, chosen: rows.filter(birth_month=int(chosen)),
        ),
    ]


def of_kind(rows: QuerySet[Customer], kind: str, as_of: dt.date) -> QuerySet[Customer]:
    """Those of a kind: by what is kept for today, worked out anew for a day in the past."""
    if as_of >= segments.today():
        if kind == "none":
            return rows.exclude(standing__visits__gt=0)
        return people.of_kind(rows, kind)
    if kind == "none":
        bought = [one.customer_id for one in segments.facts_about(None, as_of=as_of)]
        return rows.exclude(pk__in=finding.numbers(bought))
    return rows.filter(pk__in=finding.numbers(segments.members(kind, as_of)))


def first_address(customer: Customer) -> str:
    """The address by which one would write first."""
    points = sorted(
        customer.contact_points.all(), key=lambda one: (not one.is_preferred, one.channel, one.pk)
    )
    return (points[0].shown_as or points[0].address) if points else ""


def _standing(customer: Customer) -> Any:
    return getattr(customer, "standing", None)


def kind_of(customer: Customer) -> str:
    """The kind in words; empty for somebody who has not bought anything."""
    standing = _standing(customer)
    return str(Segment(standing.segment).label) if standing and standing.segment else ""


def tone_of(customer: Customer) -> str:
    """The tone of the badge of the kind."""
    standing = _standing(customer)
    return TONES[Segment(standing.segment)] if standing and standing.segment else ""


def _visits(customer: Customer) -> int:
    standing = _standing(customer)
    return standing.visits if standing else 0


def _last_on(customer: Customer) -> dt.date | None:
    standing = _standing(customer)
    return standing.last_on if standing else None


def _spent(customer: Customer, currency: str) -> Money:
    standing = _standing(customer)
    return Money(standing.spent if standing else 0, currency)


def _language(customer: Customer) -> str:
    return LANGUAGE_NAMES.get(customer.language, "")


def _since(customer: Customer) -> dt.datetime:
    return customer.created_at


def birthday_of(customer: Customer) -> str:
    """The birthday, with the year where it is known."""
    from django.utils.formats import date_format

    if customer.birth_month is None or customer.birth_day is None:
        return ""
    if customer.birth_year:
        day = dt.date(customer.birth_year, customer.birth_month, customer.birth_day)
        return date_format(day, "DATE_FORMAT")
    leap_year = dt.date(2000, customer.birth_month, customer.birth_day)
    return date_format(leap_year, "MONTH_DAY_FORMAT")
