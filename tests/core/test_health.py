from __future__ import annotations

import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from regulars.core import health
from regulars.core.models import InstallationState, Job, Moment

pytestmark = pytest.mark.django_db

ALL_OK = {
    "ready": True,
    "database": "ok",
    "queue": "ok",
    "disk": "ok",
    "clock": "ok",
    "backup": "ok",
}


def _ready(client: Client) -> tuple[int, dict[str, object]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_a_sound_installation_is_ready(client: Client) -> None:
    assert _ready(client) == (200, ALL_OK)


def test_a_live_process_says_ok_without_the_database(
    client: Client, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # pytest-django's own type
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_asking_changes_nothing(client: Client) -> None:
    before = list(InstallationState.objects.values())

    client.get("/readyz")

    assert list(InstallationState.objects.values()) == before


def test_a_database_that_cannot_be_written_to(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(health, "database", refuse)

    failing = dict.fromkeys(("database", "queue", "clock", "backup"), "failing")
    assert _ready(client) == (503, ALL_OK | {"ready": False} | failing)


def test_work_that_waits_too_long(client: Client) -> None:
    Job.objects.create(task="x", due_at=timezone.now() - timedelta(minutes=6))

    assert _ready(client) == (503, ALL_OK | {"ready": False, "queue": "failing"})


def test_a_campaign_may_wait(client: Client) -> None:
    Job.objects.create(task="x", priority=-50, due_at=timezone.now() - timedelta(minutes=6))

    assert _ready(client) == (200, ALL_OK)


def test_a_full_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=199_999_999))

    assert _ready(client) == (503, ALL_OK | {"ready": False, "disk": "failing"})


def test_a_clock_that_was_set_back(client: Client) -> None:
    later = timezone.now() + timedelta(minutes=10)
    Moment.objects.create(kind="x", happened_at=later, created_at=later)

    assert _ready(client) == (503, ALL_OK | {"ready": False, "clock": "failing"})


def test_a_late_backup_is_told_without_taking_the_shop_down(client: Client) -> None:
    InstallationState.objects.update(backed_up_at=timezone.now() - timedelta(hours=49))

    assert _ready(client) == (200, ALL_OK | {"backup": "late"})


@pytest.mark.parametrize(("minutes", "state"), [(59, "ok"), (61, "late")])
def test_a_backup_of_the_future_is_late(client: Client, minutes: int, state: str) -> None:
    """Made while the clock was wrong: it would count as fresh for years."""
    InstallationState.objects.update(backed_up_at=timezone.now() + timedelta(minutes=minutes))

    assert _ready(client) == (200, ALL_OK | {"backup": state})
