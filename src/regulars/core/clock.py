"""Time: stored in UTC, thought of in the business's own zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """This moment, aware, in UTC."""
    return timezone.now()


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of `moment` in the named IANA zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of `day` in the zone, in UTC, also where midnight does not exist.

    In zones that spring forward at midnight the day begins at the first minute that exists.
    """
    from datetime import UTC

    naive = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return naive.astimezone(UTC)
