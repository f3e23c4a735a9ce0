"""Imports as their pages read them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from regulars.core.models import Job, JobStatus
from regulars.customers.models import ImportBatch

_WORK = ("look_at_import", "check_import", "take_up_import", "load_import")


def imports() -> QuerySet[ImportBatch]:
    """Every import, with who made it."""
    return ImportBatch.objects.select_related("made_by")


def jobs_of(batch: ImportBatch) -> QuerySet[Job]:
    """The background work on an import that is not over."""
    tasks = [f"regulars.customers.tasks.{name}" for name in _WORK]
    open_jobs = Job.objects.filter(status__in=[JobStatus.READY, JobStatus.RUNNING])
    return open_jobs.filter(task__in=tasks, arguments__args=[batch.pk])


def work_on(batch: ImportBatch) -> str:
    """What the background work on an import does: “runs”, “waits” for another try, or nothing."""
    jobs = jobs_of(batch)
    if jobs.filter(Q(status=JobStatus.RUNNING) | Q(attempts=0)).exists():
        return "runs"
    return "waits" if jobs.exists() else ""
