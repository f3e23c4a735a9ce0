# ruff: noqa: DTZ001  # hypothesis takes the ends of a range without a zone
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.feedback.opening import DAYS, due_after

BUDAPEST = ZoneInfo("Europe/Budapest")
WEEKDAYS = {day: [["08:00", "18:00"]] for day in DAYS[:5]}
HOUR = timedelta(hours=1)


def local(*parts: int, zone: ZoneInfo = BUDAPEST) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]  # the parts of a time


@pytest.mark.parametrize(
    ("start", "work", "due"),
    [
        # Friday 20 November 2026, within a day, over the night, over the weekend.
        (local(2026, 11, 20, 9, 0), 8 * HOUR, local(2026, 11, 20, 17, 0)),
        (local(2026, 11, 20, 15, 0), 8 * HOUR, local(2026, 11, 23, 13, 0)),
        (local(2026, 11, 21, 12, 0), 2 * HOUR, local(2026, 11, 23, 10, 0)),
        (local(2026, 11, 20, 10, 0), 8 * HOUR, local(2026, 11, 20, 18, 0)),
        (local(2026, 11, 20, 3, 0), HOUR, local(2026, 11, 20, 9, 0)),
        (local(2026, 11, 20, 9, 0), timedelta(0), local(2026, 11, 20, 9, 0)),
    ],
)
def test_time_is_counted_while_the_doors_are_open(
    start: datetime, work: timedelta, due: datetime
) -> None:
    assert due_after(start, work, hours=WEEKDAYS, zone=BUDAPEST) == due


@pytest.mark.parametrize("hours", [{}, {"mon": []}, {"mon": [["nine", "five"]]}, {"mon": "08:00"}])
def test_without_readable_hours_it_is_always_open(hours: dict[str, object]) -> None:
    start = local(2026, 11, 20, 23, 0)

    assert due_after(start, 8 * HOUR, hours=hours, zone=BUDAPEST) == start + 8 * HOUR


def test_a_bar_that_closes_after_midnight_stays_open_over_it() -> None:
    hours = {"fri": [["20:00", "02:00"]], "sat": [["01:00", "03:00"]]}
    start = local(2026, 11, 20, 23, 0)

    assert due_after(start, 4 * HOUR, hours=hours, zone=BUDAPEST) == local(2026, 11, 21, 3, 0)


def test_an_hour_that_the_clocks_skip_is_not_counted_and_one_they_repeat_is() -> None:
    nights = {day: [["00:00", "06:00"]] for day in DAYS}

    spring = due_after(local(2026, 3, 29, 0, 0), 5 * HOUR, hours=nights, zone=BUDAPEST)
    autumn = due_after(local(2026, 10, 25, 0, 0), 7 * HOUR, hours=nights, zone=BUDAPEST)

    assert spring == local(2026, 3, 29, 6, 0)
    assert autumn == local(2026, 10, 25, 6, 0)


zones = st.sampled_from(["Europe/Budapest", "Asia/Tbilisi", "America/Havana", "UTC"]).map(ZoneInfo)
clocks = st.integers(0, 24 * 12 - 1).map(lambda n: f"{n * 5 // 60:02}:{n * 5 % 60:02}")
weeks = st.dictionaries(
    st.sampled_from(DAYS), st.lists(st.lists(clocks, min_size=2, max_size=2), max_size=3)
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
works = st.integers(0, 30 * 60).map(lambda n: timedelta(minutes=n))


def minutes_open(
    since: datetime, until: datetime, hours: dict[str, list[list[str]]], zone: ZoneInfo
) -> int:
    """Counted the slow way: is the door open in this minute?"""
    found, at = 0, since
    while at < until:
        found += is_open(at.astimezone(zone), hours)
        at += timedelta(minutes=1)
    return found


def is_open(at: datetime, hours: dict[str, list[list[str]]]) -> bool:
    clock = f"{at:%H:%M}"
    today, before = DAYS[at.weekday()], DAYS[at.weekday() - 1]
    return any((a <= clock < b) if a < b else clock >= a for a, b in hours.get(today, [])) or any(
        clock < b for a, b in hours.get(before, []) if a >= b
    )


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(start=starts, work=works, more=works, hours=weeks, zone=zones)
def test_more_work_is_never_due_earlier(
    start: datetime,
    work: timedelta,
    more: timedelta,
    hours: dict[str, list[list[str]]],
    zone: ZoneInfo,
) -> None:
    due = due_after(start, work, hours=hours, zone=zone)

    assert due >= start + work
    assert due_after(start, work + more, hours=hours, zone=zone) >= due


@given(
    start=st.datetimes(datetime(2026, 3, 27), datetime(2026, 3, 30), timezones=st.just(UTC))
    | st.datetimes(datetime(2026, 10, 23), datetime(2026, 10, 26), timezones=st.just(UTC)),
    work=st.integers(1, 600).map(lambda n: timedelta(minutes=n)),
    hours=st.fixed_dictionaries({day: st.just([["08:00", "18:00"]]) for day in DAYS})
    | st.fixed_dictionaries({day: st.just([["21:00", "05:00"]]) for day in DAYS}),
)
def test_exactly_the_work_fits_into_the_open_minutes(
    start: datetime, work: timedelta, hours: dict[str, list[list[str]]]
) -> None:
    start = start.replace(second=0, microsecond=0)

    due = due_after(start, work, hours=hours, zone=BUDAPEST)

    assert timedelta(minutes=minutes_open(start, due, hours, BUDAPEST)) == work
