"""What somebody chose to look at, as the address says it: period and place."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.insight.periods import PERIODS, Period, period
from regulars.insight.queries.scores import Where, sight_of


@dataclass(frozen=True)
class Option:
    """One way to look at it."""

    label: str | Promise
    href: str
    is_current: bool


@dataclass(frozen=True)
class Choice:
    """The period and place that are looked at, and links to the others."""

    period: Period
    where: Where
    place: Place | None
    periods: list[Option]
    places: list[Option]

    @property
    def place_label(self) -> str:
        """Where it is looked at."""
        return self.place.name if self.place else _("All places")


def choice(query: QueryDict, staff: Staff) -> Choice:
    """Read `?period=&place=`; what somebody may not see is not among the choices."""
    sight = sight_of(staff)
    where, place = sight.narrowed(query.get("place", ""))
    chosen = period(query.get("period", ""))
    periods = [
        Option(label, address(query, period=key), key == chosen.key)
        for key, (_days, label) in PERIODS.items()
    ]
    places: list[Option] = []
    if len(sight.places) > 1:
        places = [
            Option(one.name, address(query, place=one.public_id), one == place)
            for one in sight.places
        ]
        if sight.everywhere:
            places.insert(0, Option(_("All places"), address(query, place=""), place is None))
    return Choice(chosen, where, place, periods, places)


def address(query: QueryDict, **changed: str) -> str:
    """The same page with something else chosen."""
    copy = query.copy()
    copy.pop("page", None)
    for key, value in changed.items():
        if value:
            copy[key] = value
        else:
            copy.pop(key, None)
    return f"?{copy.urlencode()}"
