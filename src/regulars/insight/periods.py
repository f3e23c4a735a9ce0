"""The periods that scores are looked at in, and the weeks or months of a trend. Days are local."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from babel.dates import format_skeleton
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.business.queries import time_zone

PeriodKey = Literal["month", "quarter", "year"]
PERIODS: Final[dict[PeriodKey, tuple[int, Promise]]] = {
    "month": (30, _("30 days")),
    "quarter": (91, _("Quarter")),
    "year": (364, _("Year")),
}
WEEKS_SHOWN = 13
MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Span:
    """Days from `since` to `until`, both included; `name` is how a chart calls them."""

    since: date
    until: date
    name: str = ""


@dataclass(frozen=True)
class Period:
    """The last days up to `until`, as chosen by `key`."""

    key: PeriodKey
    until: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return PERIODS[self.key][0]

    @property
    def label(self) -> str:
        """Its name on the page."""
        return str(PERIODS[self.key][1])

    @property
    def now(self) -> Span:
        """Its days."""
        return Span(self.until - timedelta(days=self.days - 1), self.until)

    @property
    def before(self) -> Span:
        """As many days right before it."""
        until = self.now.since - timedelta(days=1)
        return Span(until - timedelta(days=self.days - 1), until)

    def steps(self) -> list[Span]:
        """The points of a trend up to its last day: thirteen weeks, or the months of a year."""
        return _months(self.until) if self.key == "year" else _weeks(self.until)


def period(key: str, *, today: date | None = None) -> Period:
    """The period called `key` up to today; 30 days where there is none of that name."""
    until = today or local_today()
    for known in PERIODS:
        if known == key:
            return Period(known, until)
    return Period("month", until)


def local_today() -> date:
    """Today where the business is."""
    return timezone.now().astimezone(time_zone()).date()


def _weeks(until: date) -> list[Span]:
    monday = until - timedelta(days=until.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(WEEKS_SHOWN - 1, -1, -1)]
    return [Span(day, day + timedelta(days=6), _short(day, "MMMd")) for day in starts]


def _months(until: date) -> list[Span]:
    first = until.replace(day=1)
    starts = [first]
    for _back in range(MONTHS_SHOWN - 1):
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    ends = [until, *(start - timedelta(days=1) for start in starts)]
    pairs = zip(reversed(starts), reversed(ends[: len(starts)]), strict=True)
    return [Span(start, end, _short(start, "yyMMM")) for start, end in pairs]


def _short(day: date, skeleton: str) -> str:
    return format_skeleton(skeleton, day, locale=(get_language() or "en").replace("-", "_"))
