"""The worker on one connection: what it claims, in which order, and that waiting writes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.faults.chores import fails_and_tells, mark_once, mark_unprotected

from regulars.core import queue
from regulars.core.models import AuditEntry, Job, JobStatus
from regulars.core.queue import worker

pytestmark = pytest.mark.django_db


def marks() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("subject", flat=True))


def test_an_idle_worker_only_reads() -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert worker.claim_next("w") is None

    assert [query["sql"].split()[0] for query in captured.captured_queries] == ["SELECT"]


def test_the_urgent_overtakes_the_many() -> None:
    for number in range(3):
        mark_unprotected.using(priority=-50).enqueue(f"bulk {number}")
    mark_unprotected.using(priority=50).enqueue("urgent")

    worker.run_due()

    assert marks() == ["urgent", "bulk 0", "bulk 1", "bulk 2"]


def test_a_job_waits_for_its_time() -> None:
    mark_once.using(run_after=timezone.now() + timedelta(minutes=5)).enqueue("later")

    assert worker.run_due() == 0
    Job.objects.update(due_at=timezone.now())
    assert worker.run_due() == 1


def test_a_key_makes_a_job_unique_for_ever() -> None:
    first = queue.add(mark_once, {"mark": "a"}, key="k")
    worker.run_due()

    second = queue.add(mark_once, {"mark": "a"}, key="k")

    assert (first, second, marks()) == (True, False, ["a"])


def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    mark_once.enqueue("a")
    slow = worker.claim_next("slow")
    assert slow is not None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = worker.claim_next("quick")
    assert quick is not None

    assert worker.run(quick) == JobStatus.DONE
    assert worker.run(slow) == JobStatus.RUNNING

    assert marks() == ["a"]
    assert Job.objects.get().status == JobStatus.DONE


def test_work_that_no_longer_exists_is_kept_and_shown() -> None:
    Job.objects.create(
        task="regulars.gone.task", arguments={"args": [], "kwargs": {}}, max_attempts=1
    )

    worker.run_due()

    job = Job.objects.get()
    assert job.status == JobStatus.PARKED
    assert "regulars" in job.error


def test_who_wants_to_know_hears_that_work_was_given_up() -> None:
    fails_and_tells.enqueue("failed")
    worker.run_due()
    fails_and_tells.enqueue("broken")  # who is told fails too: the job is parked all the same
    worker.run_due()
    fails_and_tells.enqueue("abandoned")
    assert worker.claim_next("vanishes") is not None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    worker.run_due()

    assert marks() == ["gave up failed", "gave up abandoned"]
    assert set(Job.objects.values_list("status", flat=True)) == {JobStatus.PARKED}


@pytest.mark.parametrize(("attempt", "least"), [(1, 5), (2, 30), (3, 120), (4, 600), (9, 3600)])
def test_the_pause_grows_with_each_attempt(attempt: int, least: int) -> None:
    seconds = worker.backoff(attempt).total_seconds()

    assert least <= seconds <= 1.2 * least


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_steps_while_a_job_runs_writes_once(step: timedelta) -> None:
    """PD8: set back, the lease holds longer; set forward, another takes over and one writes."""
    with time_machine.travel("2026-11-22 12:00Z", tick=False) as clock:
        mark_once.enqueue("a")
        slow = worker.claim_next("slow")
        assert slow is not None
        clock.shift(step)
        quick = worker.claim_next("quick")

        assert (quick is None) == (step < timedelta(0))
        ends = [worker.run(claim) for claim in (quick, slow) if claim]

    assert marks() == ["a"]
    assert ends.count(JobStatus.DONE) == 1
    assert Job.objects.get().status == JobStatus.DONE


def test_a_job_is_taken_up_again_after_the_clock_was_set_back() -> None:
    """What was due keeps its time; it waits at most as long as the clock went back."""
    with time_machine.travel("2026-11-22 12:00Z", tick=False) as clock:
        mark_once.enqueue("a")
        clock.shift(timedelta(hours=-1))
        waiting = worker.run_due()
        clock.shift(timedelta(hours=1))

        assert (waiting, worker.run_due()) == (0, 1)

    assert marks() == ["a"]
