"""PD1, PD2, PD3, PD7, PD8: background work is neither lost nor doubled, whatever is killed when."""

from __future__ import annotations

import pytest

from tests.faults.stage import Stage

WORK = "from tests.faults import chores\nfrom regulars.core.queue import worker\nworker.run_due()"
MARKS = 'm("core", "AuditEntry").objects.filter(action="test.mark").count()'
LAPSE = (
    "from datetime import timedelta\nfrom django.db.models import F\n"
    "from regulars.core.models import Job\n"
    "Job.objects.update(lease_until=F('lease_until') - timedelta(minutes=2), "
    "due_at=F('due_at') - timedelta(hours=2))"
)


def enqueue(installation: Stage, task: str) -> None:
    installation.run(f"from tests.faults.chores import {task} as t\nt.enqueue('a')")


def crash(installation: Stage, at: str) -> None:
    assert installation.start(WORK, REGULARS_CRASH_AT=at).wait() == 9


@pytest.mark.parametrize("at", ["queue.claimed", "chore.start", "chore.end", "queue.finished"])
def test_a_killed_job_runs_again_and_writes_once(installation: Stage, at: str) -> None:
    enqueue(installation, "mark_once")

    crash(installation, at)
    installation.run(LAPSE)
    installation.run(WORK)

    assert installation.value(MARKS) == 1
    assert installation.value('list(m("core", "Job").objects.values_list("status"))') == [["done"]]


def test_control_without_the_shared_transaction_writes_twice(installation: Stage) -> None:
    enqueue(installation, "mark_unprotected")

    crash(installation, "chore.end")
    installation.run(LAPSE)
    installation.run(WORK)

    assert installation.value(MARKS) == 2


def test_a_killed_job_is_not_taken_before_its_lease_ran_out(installation: Stage) -> None:
    enqueue(installation, "mark_once")

    crash(installation, "chore.start")
    installation.run(WORK)

    assert installation.value(MARKS) == 0


def test_moment_and_reaction_survive_a_kill(installation: Stage) -> None:
    installation.run(
        "from django.db import transaction\nfrom regulars.core import moments\n"
        "from tests.faults.chores import ChoreDone\n"
        "with transaction.atomic(): moments.record(ChoreDone(mark='x'))"
    )

    crash(installation, "chore.end")
    installation.run(LAPSE)
    installation.run(WORK)
    installation.run(WORK)

    assert installation.value(MARKS) == 1


def test_a_change_that_is_rolled_back_or_killed_leaves_no_job(installation: Stage) -> None:
    code = (
        "import os\nfrom django.db import transaction\nfrom regulars.core import moments\n"
        "from tests.faults.chores import ChoreDone\n"
        "with transaction.atomic():\n"
        "    moments.record(ChoreDone(mark='x'))\n"
        "    {}"
    )

    killed = installation.start(code.format("os._exit(9)")).wait()
    raised = installation.start(code.format("raise SystemExit(3)")).wait()

    assert (killed, raised) == (9, 3)
    assert installation.value('[m("core", n).objects.count() for n in ("Job", "Moment")]') == [0, 0]


def test_two_workers_never_run_the_same_job(installation: Stage) -> None:
    installation.run(
        "from tests.faults.chores import mark_unprotected as t\n"
        "for n in range(60): t.enqueue(str(n))"
    )

    workers = [installation.start(WORK) for _ in range(4)]

    assert [worker.wait() for worker in workers] == [0, 0, 0, 0]
    assert installation.value(MARKS) == 60


def test_control_a_claim_without_its_condition_runs_jobs_twice(installation: Stage) -> None:
    installation.run("from tests.faults.chores import mark_unprotected as t\nt.enqueue('a')")
    careless = (
        "import time\nfrom tests.faults import chores\n"
        "from regulars.core.models import Job\nfrom regulars.core.queue import worker\n"
        "job = Job.objects.filter(status='ready').first()\n"
        "time.sleep(1)  # both have seen the job by now\n"
        "Job.objects.filter(pk=job.pk).update(status='running', worker='w', attempts=1)\n"
        "worker._call(worker.Claim(job, 'w', 1))"
    )

    both = [installation.start(careless) for _ in range(2)]

    assert [process.wait() for process in both] == [0, 0]
    assert installation.value(MARKS) == 2


def test_a_poison_job_is_parked_and_the_queue_goes_on(installation: Stage) -> None:
    installation.run("from tests.faults import chores as c\nc.always_fails.enqueue()")
    enqueue(installation, "mark_once")

    installation.run(WORK)
    installation.run(LAPSE)
    installation.run(WORK)

    rows = installation.value(
        'list(m("core", "Job").objects.order_by("pk").values_list("status", "attempts"))'
    )
    assert rows == [["parked", 2], ["done", 1]]
    error = installation.value('m("core", "Job").objects.get(status="parked").error')
    assert "this job can never succeed" in error


def test_a_hanging_job_ends_its_worker_and_is_parked(installation: Stage) -> None:
    installation.run("from tests.faults import chores as c\nc.hangs.enqueue()")

    for _ in range(2):
        assert installation.start(WORK).wait() == 75
        installation.run(LAPSE)
    installation.run(WORK)

    assert installation.value(
        'list(m("core", "Job").objects.values_list("status", "attempts"))'
    ) == [["parked", 2]]


def test_two_schedulers_start_each_period_once(installation: Stage) -> None:
    code = (
        "from datetime import UTC, datetime, timedelta, time\nfrom zoneinfo import ZoneInfo\n"
        "from regulars.core.queue.schedule import Every, Daily, Recurring, start_due\n"
        "from tests.faults.chores import always_fails\n"
        "entries = [Recurring('a', always_fails, Every(5), ''), "
        "Recurring('b', always_fails, Daily(time(3)), '')]\n"
        "begin = datetime(2026, 10, 24, 0, 0, tzinfo=UTC)\n"
        "for n in range(0, 60 * 48, 5): "
        "start_due(entries, now=begin + timedelta(minutes=n), zone=ZoneInfo('Europe/Budapest'))"
    )

    schedulers = [installation.start(code) for _ in range(2)]

    assert [process.wait() for process in schedulers] == [0, 0]
    counted = installation.value(
        '[m("core", "SchedulePeriod").objects.filter(task=t).count() for t in "ab"]'
        ' + [m("core", "Job").objects.count()]'
    )
    assert counted == [576, 2, 578]
