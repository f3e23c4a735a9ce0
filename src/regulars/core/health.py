"""Whether this installation can do its work right now, for monitors and load balancers."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from regulars.core.clock import now
from regulars.core.models import InstallationState, Job, JobStatus, Moment

QUEUE_LATENESS = timedelta(minutes=5)
CLOCK_TOLERANCE = timedelta(minutes=1)
FREE_BYTES = 200_000_000
BACKUP_AGE = timedelta(hours=48)
CLOCK_AHEAD = timedelta(hours=1)  # a backup from later than this was made by a wrong clock


class Health(StrEnum):
    """The state of one part. `LATE` is told, but does not take the installation out of service."""

    OK = "ok"
    LATE = "late"
    FAILING = "failing"


def health() -> dict[str, Health]:
    """The state of each part: database, queue, disk, clock, backup."""
    parts = {"disk": disk()}
    try:
        parts |= {"database": database(), "queue": queue(), "clock": clock(), "backup": backup()}
    except DatabaseError:
        unknown = dict.fromkeys(("queue", "clock", "backup"), Health.FAILING)
        parts |= {"database": Health.FAILING, **unknown}
    return parts


def database() -> Health:
    """Whether it can be written to. The write is taken back, so that asking changes nothing."""
    with transaction.atomic():
        rows = InstallationState.objects.filter(pk=1).update(instance_id=F("instance_id"))
        transaction.set_rollback(True)
    return Health.OK if rows else Health.FAILING


def queue() -> Health:
    """Whether urgent and ordinary work that is due is also done."""
    late = Job.objects.filter(
        status=JobStatus.READY, priority__gte=0, due_at__lt=now() - QUEUE_LATENESS
    )
    return Health.FAILING if late.exists() else Health.OK


def disk() -> Health:
    """Whether there is room for the next answers."""
    return Health.OK if shutil.disk_usage(settings.DATA).free >= FREE_BYTES else Health.FAILING


def clock() -> Health:
    """Whether the clock stands before what was written already, or apart from the database's."""
    here = now()
    written = Moment.objects.order_by("-pk").values_list("created_at", flat=True).first() or here
    there = _database_time() or here
    good = written <= here + CLOCK_TOLERANCE and abs(there - here) <= CLOCK_TOLERANCE
    return Health.OK if good else Health.FAILING


def _database_time() -> datetime | None:
    """The database server's own time; SQLite has none."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def backup() -> Health:
    """Whether the newest backup, or else the installation, is younger than two days.

    One of the future is late: a clock was wrong, and nobody knows how old it is.
    """
    state = InstallationState.objects.get(pk=1)
    last = state.backed_up_at or state.installed_at
    here = now()
    return Health.OK if here - BACKUP_AGE < last <= here + CLOCK_AHEAD else Health.LATE
