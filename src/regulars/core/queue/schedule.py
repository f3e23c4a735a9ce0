"""Recurring work: each period of each entry is started once, however many schedulers run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.functional import Promise
from django_tasks.base import Task

from regulars.core.models import SchedulePeriod
from regulars.core.queue.backend import add


@dataclass(frozen=True)
class Every:
    """Once in each span of `minutes`, counted from midnight UTC."""

    minutes: int

    def period(self, now: datetime, zone: ZoneInfo) -> str | None:
        """The name of the period that `now` is in."""
        span = int(now.timestamp() // (self.minutes * 60))
        return f"{self.minutes}m:{span}"


@dataclass(frozen=True)
class Daily:
    """Once on each local day, from `at` on. A minute that the clock skips never loses the day."""

    at: time

    def period(self, now: datetime, zone: ZoneInfo) -> str | None:
        """The local day, once its time has come; None before."""
        local = now.astimezone(zone)
        return local.date().isoformat() if local.time() >= self.at else None


@dataclass(frozen=True)
class Weekly:
    """Once in each week, from `weekday` (0 Monday) at `at` local time on.

    A week in which nothing ran on that day is made up for on a later one.
    """

    weekday: int
    at: time

    def period(self, now: datetime, zone: ZoneInfo) -> str | None:
        """The day from which this week's run is due; None on that day before its time."""
        local = now.astimezone(zone)
        late = timedelta(days=(local.weekday() - self.weekday) % 7)
        if not late and local.time() < self.at:
            return None
        return f"w:{(local.date() - late).isoformat()}"


@dataclass(frozen=True)
class Recurring:
    """One entry of the schedule. `does` is a sentence for the page that shows it."""

    name: str
    task: Task[[], Any]
    when: Every | Daily | Weekly
    does: str | Promise


def start_due(entries: Iterable[Recurring], *, now: datetime, zone: ZoneInfo) -> list[str]:
    """Enqueue every entry whose period has not been started; the names of those started.

    The period's row and the job are written in one transaction. Looking writes nothing.
    """
    started: list[str] = []
    for entry in entries:
        period = entry.when.period(now, zone)
        if period is None:
            continue
        if SchedulePeriod.objects.filter(task=entry.name, period=period).exists():
            continue
        with transaction.atomic():
            row = SchedulePeriod(task=entry.name, period=period, started_at=now)
            SchedulePeriod.objects.bulk_create([row], ignore_conflicts=True)
            key = f"schedule:{entry.name}:{period}"
            if add(entry.task, {}, key=key):
                started.append(entry.name)
    return started


def forget_old_periods(now: datetime) -> int:
    """Delete periods that began more than 40 days ago; how many."""
    deleted, _ = SchedulePeriod.objects.filter(started_at__lt=now - timedelta(days=40)).delete()
    return deleted
