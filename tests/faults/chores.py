"""Tasks and a kind of moment that only these tests have."""

from __future__ import annotations

import time
from typing import ClassVar

from regulars.core.faults import crash_point
from regulars.core.models import AuditEntry, Moment
from regulars.core.moments import Payload, reaction
from regulars.core.queue import task


def _write(mark: str) -> None:
    AuditEntry.objects.create(action="test.mark", subject=mark)


@task(in_transaction=True)
def mark_once(mark: str) -> None:
    """Writes one line, with places to die at."""
    crash_point("chore.start")
    _write(mark)
    crash_point("chore.end")


@task
def mark_unprotected(mark: str) -> None:
    """The control: writes and notes that it is done in two transactions."""
    _write(mark)
    crash_point("chore.end")


@task
def mark_slowly(mark: str, seconds: float) -> None:
    """Takes a while before it writes."""
    time.sleep(seconds)
    _write(mark)


@task(max_attempts=2)
def always_fails() -> None:
    """A poison job."""
    raise ValueError("this job can never succeed")


def tell(mark: str) -> None:
    """Writes that work was given up, and breaks where it is asked to."""
    _write(f"gave up {mark}")
    if mark == "broken":
        raise ZeroDivisionError


@task(max_attempts=1, gave_up=tell)
def fails_and_tells(mark: str) -> None:
    """A poison job whose owner wants to know."""
    raise ValueError(mark)


@task(time_limit=1, max_attempts=2)
def hangs() -> None:
    """A job that never returns."""
    time.sleep(3600)


class ChoreDone(Payload):
    """Happened in a test."""

    kind: ClassVar[str] = "test.chore_done"

    mark: str


@reaction(ChoreDone)
def mark_reaction(moment: Moment, payload: ChoreDone) -> None:
    """Writes one line per moment."""
    crash_point("chore.start")
    _write(payload.mark)
    crash_point("chore.end")
