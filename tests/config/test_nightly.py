"""The backup of each night: made by itself, not too many, and never at the cost of another's."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings

from regulars.config.backup import archive, making, nightly
from regulars.config.schedule import SCHEDULE
from regulars.core import installation
from regulars.core.models import InstallationState

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default place, in an installation of its own."""
    settings.DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    for name in ("REGULARS_BACKUPS", "REGULARS_BACKUP_KEEP"):
        monkeypatch.delenv(name, raising=False)
    installation.ensure()
    return tmp_path / "backups"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_made_in_the_night_without_anything_set(folder: Path) -> None:
    with time_machine.travel(NIGHT, tick=False):
        made = nightly.back_up()

    assert made is not None
    assert names(folder) == [made.name]
    assert archive.read_manifest(made).rows["core_installationstate"] == 1
    assert installation.state().backed_up_at is not None
    assert "backup" in [entry.name for entry in SCHEDULE]


def test_as_many_are_kept_as_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_BACKUP_KEEP", "2")
    made = []
    for night in range(3):
        with time_machine.travel(NIGHT + timedelta(days=night), tick=False):
            made.append(nightly.back_up())

    assert names(folder) == [path.name for path in made[1:] if path is not None]


def test_it_goes_where_it_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "other disk"
    monkeypatch.setenv("REGULARS_BACKUPS", str(elsewhere))

    made = nightly.back_up()

    assert made is not None
    assert made.parent == elsewhere
    assert not folder.exists()


def test_zero_makes_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_BACKUP_KEEP", "0")

    assert nightly.back_up() is None
    assert not folder.exists()


def test_a_fresh_one_is_enough(folder: Path) -> None:
    """Also when the job runs again because nobody noted that it was done."""
    with time_machine.travel(NIGHT, tick=False) as clock:
        first = nightly.back_up()
        clock.shift(timedelta(hours=11))
        again = nightly.back_up()
        clock.shift(timedelta(hours=2))
        next_one = nightly.back_up()

    assert (first is not None, again, next_one is not None) == (True, None, True)


def test_a_copy_does_not_push_out_the_backups_of_the_real_one(folder: Path) -> None:
    InstallationState.objects.update(restored_at=NIGHT, sending_allowed=False)
    assert nightly.back_up() is None

    installation.allow_sending(by=None)

    assert nightly.back_up() is not None


def test_without_room_nothing_is_written_and_nothing_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NIGHT - timedelta(days=1), tick=False):
        old = nightly.back_up()
    full: Any = SimpleNamespace(free=nightly.FREE_BYTES)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    monkeypatch.setenv("REGULARS_BACKUP_KEEP", "1")

    with pytest.raises(archive.BackupError, match="REGULARS_BACKUPS"):
        nightly.back_up()

    assert old is not None
    assert names(folder) == [old.name]


def test_what_a_killed_night_left_goes(folder: Path) -> None:
    (folder / ".nightly" / ".backup-x").mkdir(parents=True)
    (folder / ".nightly" / ".backup-x" / "database.sqlite3").write_bytes(b"half")

    made = nightly.back_up()

    assert made is not None
    assert names(folder) == [made.name]


def test_a_backup_by_hand_counts_as_well(folder: Path) -> None:
    by_hand = making.make(folder)

    assert nightly.back_up() is None
    assert names(folder) == [by_hand.name]
