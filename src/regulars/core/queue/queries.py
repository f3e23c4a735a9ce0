"""The queue as people look at it: what waits, runs, is done, and gave up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet
from django.utils.functional import Promise

from regulars.core.models import Job, JobStatus, SchedulePeriod
from regulars.core.queue.schedule import Daily, Every, Recurring, Weekly


def jobs() -> QuerySet[Job]:
    """All jobs, what came last first."""
    return Job.objects.order_by("-pk")


def counts() -> dict[JobStatus, int]:
    """How many jobs are in each state."""
    found = dict(Job.objects.values_list("status").annotate(Count("pk")).order_by())
    return {status: found.get(status.value, 0) for status in JobStatus}


def waiting_since() -> datetime | None:
    """When the oldest job that waits was due; None where none waits."""
    oldest: datetime | None = Job.objects.filter(status=JobStatus.READY).aggregate(
        at=Min("due_at")
    )["at"]
    return oldest


@dataclass(frozen=True)
class RecurringLine:
    """An entry of the schedule and when it was started last."""

    name: str
    does: str | Promise
    when: Every | Daily | Weekly
    last: datetime | None


def recurring(entries: Iterable[Recurring]) -> list[RecurringLine]:
    """The recurring work in its order; one query."""
    rows = SchedulePeriod.objects.values_list("task").annotate(Max("started_at")).order_by()
    last = dict(rows)
    return [
        RecurringLine(entry.name, entry.does, entry.when, last.get(entry.name)) for entry in entries
    ]
