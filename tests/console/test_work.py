"""What runs in the background, and letting what gave up run again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core.models import AuditEntry, IdempotencyKey, Job, JobStatus, SchedulePeriod
from regulars.core.queue import actions
from regulars.core.queue.actions import JobMovedOnError
from regulars.core.tasks import keep_house


@pytest.fixture
def parked(db: None) -> Job:
    return Job.objects.create(
        task="regulars.mailing.tasks.deliver_due",
        status=JobStatus.PARKED,
        attempts=6,
        finished_at=timezone.now(),
        error="ConnectionRefusedError: <no server>",
    )


def test_the_page_shows_what_gave_up_and_why(parked: Job, owner_client: Client) -> None:
    page = owner_client.get("/settings/work/").content.decode()

    assert "1 piece of work gave up" in page
    assert "ConnectionRefusedError: &lt;no server&gt;" in page
    assert "accounts.forget" in page


def test_search_and_filter(parked: Job, owner_client: Client) -> None:
    Job.objects.create(task="regulars.core.tasks.other")

    found = owner_client.get("/settings/work/", {"q": "deliver"}).content.decode()
    waiting = owner_client.get("/settings/work/", {"status": "ready"}).content.decode()

    assert ("mailing.tasks.deliver_due" in found, "core.tasks.other" in found) == (True, False)
    assert ("mailing.tasks.deliver_due" in waiting, "core.tasks.other" in waiting) == (False, True)


def test_it_is_tried_again_once(parked: Job, owner: Staff, owner_client: Client) -> None:
    path = f"/settings/work/{parked.public_id}/retry/"

    first = owner_client.post(path)
    parked.refresh_from_db()

    assert first.status_code == 302
    assert (parked.status, parked.attempts) == (JobStatus.READY, 0)
    assert list(
        AuditEntry.objects.filter(action="core.retry_job").values_list("action", "subject")
    ) == [("core.retry_job", f"job:{parked.public_id}")]
    with pytest.raises(JobMovedOnError):
        actions.retry(parked, by=owner)


def test_looking_changes_nothing(parked: Job, owner_client: Client) -> None:
    assert owner_client.get(f"/settings/work/{parked.public_id}/retry/").status_code == 405
    parked.refresh_from_db()
    assert parked.status == JobStatus.PARKED


def test_it_is_for_managers(parked: Job, colleague_client: Client, stranger_client: Client) -> None:
    path = f"/settings/work/{parked.public_id}/retry/"

    statuses = [
        (client.get("/settings/work/").status_code, client.post(path).status_code)
        for client in (colleague_client, stranger_client, Client())
    ]

    assert statuses == [(403, 403), (403, 403), (302, 302)]


def test_house_keeping_deletes_what_is_over_and_nothing_else(db: None) -> None:
    now = timezone.now()

    def done(key: str | None, days: int, status: JobStatus = JobStatus.DONE) -> None:
        ended = now - timedelta(days=days)
        Job.objects.create(task="t", key=key, status=status, finished_at=ended)

    done(None, 8)
    done("moment:1:a", 8)
    done("ask:1:2", 500)
    done("moment:2:a", 6)
    done("ask:3:4", 8)  # its key still keeps the question from being asked twice
    done("parked", 500, JobStatus.PARKED)
    for days in (29, 31):
        IdempotencyKey.objects.create(
            scope="s", key=str(days), fingerprint="f", created_at=now - timedelta(days=days)
        )
        SchedulePeriod.objects.create(
            task="t", period=str(days), started_at=now - timedelta(days=days + 10)
        )

    keep_house.func()

    assert set(Job.objects.values_list("key", flat=True)) == {"moment:2:a", "ask:3:4", "parked"}
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["29"]
    assert list(SchedulePeriod.objects.values_list("period", flat=True)) == ["29"]
