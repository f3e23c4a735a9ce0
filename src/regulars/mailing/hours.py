"""Quiet hours and days in a zone, also on the days when its clock jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def is_quiet(moment: datetime, zone: ZoneInfo, *, start: time, end: time) -> bool:
    """Whether the wall clock shows a time from `start` (inclusive) to `end` (exclusive).

    Equal times mean that there are no quiet hours.
    """
    if start == end:
        return False
    wall = moment.astimezone(zone).time()
    if start < end:
        return start <= wall < end
    return wall >= start or wall < end


def end_of_quiet(moment: datetime, zone: ZoneInfo, *, start: time, end: time) -> datetime | None:
    """The first instant after `moment` that is not quiet, in UTC; None when it is not quiet."""
    if not is_quiet(moment, zone, start=start, end=end):
        return None
    day = moment.astimezone(zone).date()
    for later in range(3):
        for candidate in _instants(day + timedelta(days=later), end, zone):
            if candidate > moment and not is_quiet(candidate, zone, start=start, end=end):
                return candidate
    return moment + timedelta(hours=1)


def next_morning(moment: datetime, zone: ZoneInfo, *, at: time) -> datetime:
    """`at` on the local day after the one of `moment`, in UTC."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    return _instants(day, at, zone)[0]


def start_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the local day of `moment`, in UTC."""
    return _instants(moment.astimezone(zone).date(), time(0), zone)[0]


def _instants(day: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """The instants at which the wall clock shows `at`: one, or two where the clock is set back.

    A time that the clock skips gives the instant of the jump.
    """
    both = sorted({datetime.combine(day, at, zone).replace(fold=f).astimezone(UTC) for f in (0, 1)})
    if both[0].astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at):  # wall
        return both
    return [_jump(both[0], both[-1], zone)]


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between the two at which the zone's offset changes."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
