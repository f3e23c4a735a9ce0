"""Time counted in opening hours: until when a customer should have an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_SEARCH = timedelta(days=3700)


def due_after(
    start: datetime, work: timedelta, *, hours: Mapping[str, Any], zone: ZoneInfo
) -> datetime:
    """The first moment (UTC) at which `work` of opening time has passed since `start`.

    `hours` are {"mon": [["08:00", "18:00"], …], …} in local time of `zone`; an end that is not
    after its beginning lies on the next day, and "24:00" is midnight. Without any readable hours
    the business counts as always open. `work` is real time: an hour that a change of the clocks
    takes away or repeats is counted as it passes.
    """
    begun, left = start.astimezone(UTC), work
    if left <= timedelta(0):
        return begun
    if not any(_intervals(hours, day) for day in DAYS):
        return begun + left
    for opens, closes in open_times(begun, hours=hours, zone=zone):
        begun = max(opens, begun)
        if closes <= begun:
            continue
        if closes - begun >= left:
            return begun + left
        left -= closes - begun
        begun = closes
    return start.astimezone(UTC) + work


def open_times(
    start: datetime, *, hours: Mapping[str, Any], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Opening times as pairs in UTC, in order, from the day before `start` for ten years."""
    first = start.astimezone(zone).date() - timedelta(days=1)
    for number in range(_LONGEST_SEARCH.days):
        day = first + timedelta(days=number)
        pairs = [
            (_at(day, opens, zone), _at(day, closes, zone))
            for opens, closes in _intervals(hours, DAYS[day.weekday()])
        ]
        yield from sorted(pairs)


def _intervals(hours: Mapping[str, Any], day: str) -> list[tuple[int, int]]:
    """The day's intervals in minutes since its beginning; the end may lie on the next day."""
    found = []
    listed = hours.get(day)
    for pair in listed if isinstance(listed, list | tuple) else ():
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            continue
        opens, closes = _minutes(pair[0]), _minutes(pair[1])
        if opens is None or closes is None or opens >= 24 * 60:
            continue
        found.append((opens, closes if closes > opens else closes + 24 * 60))
    return found


def _minutes(written: object) -> int | None:
    """“08:30” as minutes; None for what is no time of a day."""
    hour, colon, minute = str(written).partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(hour + minute) <= 4):
        return None
    minutes = int(hour) * 60 + int(minute)
    return minutes if int(minute) < 60 and minutes <= 24 * 60 else None


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which the clock on the wall shows so many minutes of the day."""
    day += timedelta(days=minutes // (24 * 60))
    clock = time(minutes // 60 % 24, minutes % 60)
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
