"""PD7, PD8, PC11: each period runs once, in every zone, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from tests.faults.chores import always_fails

from regulars.core.models import Job, SchedulePeriod
from regulars.core.queue.schedule import Daily, Every, Recurring, Weekly, start_due

DAILY = Recurring("daily", always_fails, Daily(time(0, 0)), "")
# Places where a day between 2026 and 2030 has no midnight, or two (promise PC11).
ODD_ZONES = (
    "Africa/Cairo",
    "America/Havana",
    "America/Santiago",
    "Asia/Beirut",
    "Atlantic/Azores",
    "Europe/Budapest",
)


def periods(when: Daily | Every | Weekly, zone: str, *, start: datetime, days: int) -> list[str]:
    """Every period named in the span, looking once every 15 minutes."""
    info = ZoneInfo(zone)
    looks = range(days * 96)
    named = (when.period(start + timedelta(minutes=15 * n), info) for n in looks)
    return [period for period in named if period is not None]


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_each_local_day_runs_once(zone: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    named = set(periods(Daily(time(0, 0)), zone, start=start, days=365 * 2))

    first = start.astimezone(ZoneInfo(zone)).date()
    days = [(first + timedelta(days=n)).isoformat() for n in range(365 * 2)]
    assert set(days) <= named


def test_a_time_that_the_clock_skips_does_not_lose_the_day() -> None:
    """02:30 does not exist in Budapest on 29 March 2026."""
    start = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)

    named = set(periods(Daily(time(2, 30)), "Europe/Budapest", start=start, days=1))

    assert named == {"2026-03-29"}


def test_a_week_has_one_run_from_its_day_on() -> None:
    start = datetime(2026, 11, 2, 5, tzinfo=UTC)  # Monday 07:00 in Tallinn

    named = periods(Weekly(0, time(7)), "Europe/Tallinn", start=start, days=28)

    assert set(named) == {"w:2026-11-02", "w:2026-11-09", "w:2026-11-16", "w:2026-11-23"}


@pytest.mark.parametrize("days", range(7))
def test_a_week_whose_day_was_missed_runs_later(days: int) -> None:
    """A shop that is closed on Mondays, and its computer off."""
    zone = ZoneInfo("Europe/Budapest")
    monday = datetime(2026, 11, 23, 12, tzinfo=zone)
    weekly = Weekly(0, time(7))

    assert weekly.period(monday + timedelta(days=days), zone) == "w:2026-11-23"
    assert weekly.period(monday.replace(hour=6) + timedelta(days=7), zone) is None
    assert weekly.period(monday + timedelta(days=7), zone) == "w:2026-11-30"


@pytest.mark.django_db
def test_a_week_runs_once_however_often_is_looked() -> None:
    zone = ZoneInfo("Europe/Budapest")
    weekly = [Recurring("weekly", always_fails, Weekly(0, time(7)), "")]
    wednesday = datetime(2026, 11, 25, 12, tzinfo=zone)

    started = [start_due(weekly, now=wednesday + timedelta(days=n), zone=zone) for n in range(6)]

    assert started == [["weekly"], [], [], [], [], ["weekly"]]


def test_nothing_runs_before_its_time() -> None:
    early = datetime(2026, 11, 22, 5, 59, tzinfo=UTC)  # 06:59 in Budapest

    assert Daily(time(7)).period(early, ZoneInfo("Europe/Budapest")) is None
    assert Daily(time(7)).period(early + timedelta(minutes=1), ZoneInfo("Europe/Budapest"))


def test_every_zone_of_the_world_has_a_period() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    named = [Every(5).period(now, ZoneInfo(zone)) for zone in sorted(available_timezones())]

    assert len(set(named)) == 1


@pytest.mark.django_db
def test_a_clock_set_back_starts_no_period_again() -> None:
    now = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
    zone = ZoneInfo("Europe/Budapest")
    entries = [DAILY, Recurring("often", always_fails, Every(5), "")]

    first = start_due(entries, now=now, zone=zone)
    back = start_due(entries, now=now - timedelta(hours=1), zone=zone)
    again = start_due(entries, now=now, zone=zone)

    assert (sorted(first), back, again) == (["daily", "often"], ["often"], [])
    assert (SchedulePeriod.objects.count(), Job.objects.count()) == (3, 3)
