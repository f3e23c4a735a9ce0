"""The worker: claims due jobs by conditional UPDATE, holds them by a lease, never loses one."""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import OperationalError, close_old_connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from regulars.core.faults import crash_point
from regulars.core.logs import masked
from regulars.core.models import Job, JobStatus
from regulars.core.queue.backend import task_named

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
IDLE_PAUSE = 1.0
BACKOFF_SECONDS = (5, 30, 120, 600, 3600)
_BATCH = 8


class LeaseLostError(Exception):
    """Another worker has taken the job, because this one's lease ran out."""


@dataclass(frozen=True)
class Claim:
    """A job that this worker holds; `attempt` tells this claim from an earlier one."""

    job: Job
    worker: str
    attempt: int


def worker_name() -> str:
    """A name for this worker process that no other one ever has."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def claim_next(worker: str) -> Claim | None:
    """Take the most urgent due job, or None.

    Looking is a plain SELECT, so an idle worker writes nothing. Taking is one conditional UPDATE:
    where two workers look at the same row, one row count is 0.
    """
    now = timezone.now()
    due = Q(status=JobStatus.READY, due_at__lte=now)
    abandoned = Q(status=JobStatus.RUNNING, lease_until__lt=now)
    candidates = Job.objects.filter(due | abandoned).order_by("-priority", "due_at", "pk")
    for job in candidates[:_BATCH]:
        if job.attempts >= job.max_attempts:
            _park_abandoned(job)
            continue
        taken = Job.objects.filter(
            pk=job.pk, status=job.status, attempts=job.attempts, lease_until=job.lease_until
        ).update(
            status=JobStatus.RUNNING,
            worker=worker,
            attempts=F("attempts") + 1,
            lease_until=now + LEASE,
            started_at=now,
        )
        if taken:
            job.refresh_from_db()
            return Claim(job, worker, job.attempts)
    return None


def run(claim: Claim) -> JobStatus:
    """Run a claimed job to its end, renewing the lease meanwhile; the state it ends in."""
    crash_point("queue.claimed")
    try:
        task = task_named(claim.job.task)
    except ImportError as error:  # work of a version that is gone, or of one still to come
        return _fail(claim, error)
    heartbeat = _Heartbeat(claim, seconds=task.time_limit)
    heartbeat.start()
    try:
        if task.in_transaction:
            with transaction.atomic():
                _call(claim)
                _finish(claim)
        else:
            _call(claim)
            _finish(claim)
    except LeaseLostError:
        log.warning("Job %s was taken over by another worker", claim.job.public_id)
        return JobStatus.RUNNING
    except Exception as error:  # whatever a task raises, the queue goes on
        return _fail(claim, error)
    finally:
        heartbeat.stop()
    crash_point("queue.finished")
    return JobStatus.DONE


def run_due(*, worker: str | None = None, limit: int | None = None) -> int:
    """Run jobs until none is due (or `limit` have run); how many ran. For tests and commands."""
    name = worker or worker_name()
    done = 0
    while limit is None or done < limit:
        claim = claim_next(name)
        if claim is None:
            break
        run(claim)
        done += 1
    return done


def serve(stopping: threading.Event, *, between: Callable[[], None] = lambda: None) -> None:
    """Run jobs as they come until `stopping` is set; `between` is called about once a second."""
    name = worker_name()
    last_between = 0.0
    while not stopping.is_set():
        close_old_connections()
        try:
            if time.monotonic() - last_between >= IDLE_PAUSE:
                between()
                last_between = time.monotonic()
            claim = claim_next(name)
        except OperationalError:
            log.exception("The database does not answer")
            stopping.wait(5)
            continue
        if claim is None:
            stopping.wait(IDLE_PAUSE)
        else:
            run(claim)


def _call(claim: Claim) -> None:
    arguments = claim.job.arguments
    task_named(claim.job.task).func(*arguments["args"], **arguments["kwargs"])


def _held(claim: Claim) -> Q:
    return Q(
        pk=claim.job.pk,
        status=JobStatus.RUNNING,
        worker=claim.worker,
        attempts=claim.attempt,
    )


def _finish(claim: Claim) -> None:
    done = Job.objects.filter(_held(claim)).update(
        status=JobStatus.DONE, lease_until=None, finished_at=timezone.now(), error=""
    )
    if not done:
        raise LeaseLostError


def _fail(claim: Claim, error: Exception) -> JobStatus:
    log.error(
        "Job %s (%s) failed, attempt %s",
        claim.job.public_id,
        claim.job.task,
        claim.attempt,
        exc_info=error,
    )
    text = "\n".join(masked(line) for line in traceback.format_exception(error)[-3:])
    if claim.attempt >= claim.job.max_attempts:
        _park(claim.job, _held(claim), error=text)
        return JobStatus.PARKED
    Job.objects.filter(_held(claim)).update(
        status=JobStatus.READY,
        lease_until=None,
        due_at=timezone.now() + backoff(claim.attempt),
        error=text,
    )
    return JobStatus.READY


def _park_abandoned(job: Job) -> None:
    """A job whose worker vanished at its last attempt: parked, never tried for ever."""
    unchanged = Q(pk=job.pk, status=job.status, attempts=job.attempts)
    _park(job, unchanged, error=job.error or "The worker stopped during each attempt.")


def _park(job: Job, held: Q, *, error: str) -> None:
    """Give the job up for good, unless somebody has it by now, and let its task know."""
    with transaction.atomic():
        parked = Job.objects.filter(held).update(
            status=JobStatus.PARKED, lease_until=None, finished_at=timezone.now(), error=error
        )
        if parked:
            _tell(job)


def _tell(job: Job) -> None:
    try:
        gave_up = task_named(job.task).gave_up
    except ImportError:
        return
    if gave_up is None:
        return
    try:
        with transaction.atomic():
            gave_up(*job.arguments["args"], **job.arguments["kwargs"])
    except Exception:  # whatever it raises, the job is parked
        log.exception("What follows when job %s is given up failed", job.public_id)


def backoff(attempt: int) -> timedelta:
    """The pause after the failed `attempt` (1, 2, …), with up to a fifth more at random."""
    seconds = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS)) - 1]
    return timedelta(seconds=seconds * random.uniform(1, 1.2))  # noqa: S311  # no secret


class _Heartbeat(threading.Thread):
    """Renews the lease while the job runs, and gives up a job that runs past its limit."""

    def __init__(self, claim: Claim, *, seconds: int) -> None:
        super().__init__(daemon=True, name=f"lease-{claim.job.pk}")
        self._claim = claim
        self._stopped = threading.Event()
        self._deadline = time.monotonic() + seconds

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        from django.db import connection

        pause = LEASE.total_seconds() / 3
        try:
            while not self._stopped.wait(min(pause, max(self._deadline - time.monotonic(), 0.1))):
                if time.monotonic() >= self._deadline:
                    self._give_up()
                    return
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            Job.objects.filter(_held(self._claim)).update(lease_until=timezone.now() + LEASE)
        except OperationalError:
            # The job's own transaction holds SQLite's write lock: nobody else can take the job
            # before it ends either.
            log.info("The lease of job %s could not be renewed", self._claim.job.public_id)

    def _give_up(self) -> None:
        """End this worker: a hanging call cannot be interrupted, but its process can.

        The lease runs out, another attempt follows, and after the last one the job is parked.
        The supervisor starts a new worker.
        """
        log.error("Job %s ran past its time limit", self._claim.job.public_id)
        os._exit(75)
