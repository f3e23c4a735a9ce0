"""The backup of each night: made by itself, not too many, and never at the cost of another's."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings

from regulars.config.backup import archive, making, nightly, workshop
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


def begin() -> str:
    return f"regulars-nightly-{installation.state().instance_id[:8]}"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_made_in_the_night_without_anything_set(folder: Path) -> None:
    with time_machine.travel(NIGHT, tick=False):
        made = nightly.back_up()

    assert made is not None
    assert made.name == f"{begin()}-20261122T023000000000Z.tar.gz"
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
    left = folder / ".regulars-at-work-backup-x" / "inside"
    left.mkdir(parents=True)
    (left / "database.sqlite3").write_bytes(b"half")

    made = nightly.back_up()

    assert made is not None
    assert names(folder) == [made.name]


def test_what_others_made_neither_counts_nor_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backups made by hand, renamed ones, and those of another shop on the same disk."""
    monkeypatch.setenv("REGULARS_BACKUP_KEEP", "1")
    with time_machine.travel(NIGHT, tick=False):
        kept = [making.make(folder).name]
        own = nightly.back_up()
    assert own is not None
    renamed = own.with_name(own.name.replace(".tar.gz", " before the move.tar.gz"))
    shutil.copy(own, renamed)
    InstallationState.objects.update(instance_id="-_anotherShopOfTheTown")
    with time_machine.travel(NIGHT + timedelta(hours=1), tick=False):
        another = nightly.back_up()
    with time_machine.travel(NIGHT + timedelta(days=1), tick=False):
        newest = nightly.back_up()

    assert another is not None
    assert newest is not None
    assert another.name == "regulars-nightly--_anothe-20261122T033000000000Z.tar.gz"
    assert names(folder) == sorted([*kept, own.name, renamed.name, newest.name])


def test_another_shop_that_writes_at_the_same_time_is_left_alone(folder: Path) -> None:
    with workshop.workshop(folder, "backup") as its_work:
        made = nightly.back_up()

        assert made is not None
        assert names(folder) == [its_work.parent.name, made.name]
    assert names(folder) == [made.name]


def test_by_hand_only_those_made_by_hand_are_deleted(folder: Path) -> None:
    with time_machine.travel(NIGHT, tick=False) as clock:
        at_night = nightly.back_up()
        made = []
        for _ in range(3):
            clock.shift(timedelta(minutes=1))
            made.append(making.make(folder))
        deleted = making.forget_old(folder, making.BY_HAND, keep=2)

    assert at_night is not None
    assert deleted == made[:1]
    assert names(folder) == sorted(path.name for path in [at_night, *made[1:]])


@pytest.mark.parametrize(("ahead", "is_fresh"), [(59, True), (61, False)])
def test_a_clock_that_was_in_the_future_stops_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ahead: int, is_fresh: bool
) -> None:
    """The file of the future is neither fresh nor one of those to keep, nor deleted."""
    monkeypatch.setenv("REGULARS_BACKUP_KEEP", "1")
    with time_machine.travel(NIGHT + timedelta(minutes=ahead), tick=False):
        future = nightly.back_up()
    with time_machine.travel(NIGHT, tick=False):
        made = nightly.back_up()

    assert future is not None
    assert (made is None) == is_fresh
    assert names(folder) == sorted(path.name for path in (future, made) if path is not None)


def test_it_is_noted_when_it_is_in_its_place_and_not_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = archive.put

    def refuse(file: Path, target: Path) -> None:
        if target.parent == folder:
            raise OSError("the disk is gone")
        put(file, target)

    with monkeypatch.context() as broken:
        broken.setattr(archive, "put", refuse)
        with pytest.raises(OSError, match="the disk is gone"):
            nightly.back_up()
    assert names(folder) == []
    assert installation.state().backed_up_at is None

    with time_machine.travel(NIGHT, tick=False):
        nightly.back_up()

    assert installation.state().backed_up_at == NIGHT


def test_one_that_a_killed_run_could_not_note_is_noted_by_the_next(folder: Path) -> None:
    with time_machine.travel(NIGHT, tick=False) as clock:
        nightly.back_up()
        InstallationState.objects.update(backed_up_at=NIGHT - timedelta(days=1))
        clock.shift(timedelta(minutes=5))

        assert nightly.back_up() is None

    assert installation.state().backed_up_at == NIGHT


def test_file_and_folder_are_written_through_before_it_is_noted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    sync, mark = os.fsync, installation.mark_backed_up

    def noted_sync(descriptor: int) -> None:
        written.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def noted_mark(when: datetime) -> None:
        written.append("noted")
        mark(when)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(installation, "mark_backed_up", noted_mark)

    made = nightly.back_up()

    assert made is not None
    file, _workshop, *last = written
    assert [file, *last] == [made.stat().st_ino, folder.stat().st_ino, "noted"]


@pytest.mark.parametrize(("code", "is_refused"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_disk_that_cannot_write_a_folder_through_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_refused: bool
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "draft").write_bytes(b"whole")
    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(OSError, match=os.strerror(code)) if is_refused else nullcontext():
        archive.put(tmp_path / "draft", tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == b"whole"
