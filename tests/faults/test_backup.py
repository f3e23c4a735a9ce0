"""Backup and restore while others write, on both engines (PI1, PI2)."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet, InvalidToken

from regulars.config.backup import archive
from regulars.config.supervisor import sole_supervisor
from tests.faults.stage import Child, Stage
from tests.postgresql import fresh_database

# Two tables in one transaction: a consistent copy holds as many rows of one as of the other.
WRITER = """
import sys
from pathlib import Path
from django.db import transaction
from django.utils import timezone
from regulars.core import audit
from regulars.core.models import Moment
stop, n = Path(sys.argv[1]), 0
while not stop.exists():
    with transaction.atomic():
        Moment.objects.create(kind="tests.pair", happened_at=timezone.now(), payload={"n": n})
        audit.note("tests.pair", by=None, n=n)
    n += 1
    print(n, flush=True)
"""
PAIRS = """[m("core", "Moment").objects.filter(kind="tests.pair").count(),
 m("core", "AuditEntry").objects.filter(action="tests.pair").count()]"""


@contextmanager
def empty_installation(engine: str) -> Iterator[Stage]:
    """A place to restore into: no database yet, no files."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-restore-"))
    here = nullcontext(f"sqlite:///{folder}/db.sqlite3")
    with fresh_database() if engine == "postgresql" else here as url:
        made = Stage(engine, folder, url)
        try:
            yield made
        finally:
            made.end()
            shutil.rmtree(folder)


def said(stage: Stage, *command: str, status: int = 0) -> str:
    process = stage.command(*command)
    output, _ = process.communicate(timeout=180)
    assert process.returncode == status, output
    return output


def acknowledged(writers: list[Child]) -> int:
    return sum(int((writer.printed.split() or ["0"])[-1]) for writer in writers)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def writers(stage: Stage, count: int) -> Iterator[list[Child]]:
    stop = stage.folder / "stop"
    started = [stage.start(WRITER, stop) for _ in range(count)]
    try:
        wait_for(lambda: all(writer.printed.strip() for writer in started))
        yield started
    finally:
        stop.touch()
        for writer in started:
            writer.wait()


def backups(stage: Stage) -> list[Path]:
    return sorted((stage.folder / "backups").glob("*.tar.gz"))


def drill(installation: Stage, *, count: int) -> None:
    media = installation.folder / "media" / "photos"
    media.mkdir(parents=True)
    (media / "a.jpg").write_bytes(os.urandom(50_000))

    with writers(installation, count) as started:
        before = acknowledged(started)
        said(installation, "backup")
        after_it = acknowledged(started)
        wait_for(lambda: acknowledged(started) > after_it)
    (made,) = backups(installation)

    with empty_installation(installation.engine) as restored:
        output = said(restored, "restore", str(made))
        moments, entries = restored.value(PAIRS)
        assert moments == entries
        assert before <= moments < acknowledged(started)
        assert (restored.folder / "media/photos/a.jpg").read_bytes() == (
            media / "a.jpg"
        ).read_bytes()
        assert "Nothing is sent from this copy" in output
        assert "keys here are not those" not in output
        assert "Ready to start." in said(restored, "check")
        assert "Nothing is sent" in said(restored, "sending")
        identity = 'm("core", "InstallationState").objects.get().instance_id'
        assert restored.value(identity) != installation.value(identity)
        assert "Messages are sent." in said(restored, "sending", "on")
        # New rows get new numbers: the sequences stand where they stood.
        restored.run("from regulars.core import audit; audit.note('tests.new', by=None)")


def test_a_backup_taken_while_others_write_restores(installation: Stage) -> None:
    drill(installation, count=2)


@pytest.mark.longer
def test_a_backup_taken_under_eight_writers_restores(installation: Stage) -> None:
    drill(installation, count=8)


def test_control_without_the_snapshot_the_copy_is_not_consistent(installation: Stage) -> None:
    """What a plain copy gives: SQLite's file lacks rows, PostgreSQL's tables disagree."""
    with writers(installation, 2) as started:
        if installation.engine == "sqlite":
            before = acknowledged(started)
            copy = installation.folder / "copy.sqlite3"
            shutil.copy(urlsplit(installation.url).path, copy)
            with closing(sqlite3.connect(copy)) as database:
                try:
                    (found,) = database.execute("SELECT count(*) FROM core_moment").fetchone()
                except sqlite3.DatabaseError:
                    found = 0
            assert found < before
            return
        import psycopg

        with psycopg.connect(installation.url, autocommit=True) as server:
            count = "SELECT count(*) FROM core_moment WHERE kind = 'tests.pair'"
            moments = server.execute(count).fetchone()
            seen = acknowledged(started)
            wait_for(lambda: acknowledged(started) > seen + 1)
            count = "SELECT count(*) FROM core_auditentry WHERE action = 'tests.pair'"
            assert server.execute(count).fetchone() != moments


CUSTOMER = """
from regulars.customers.actions import people
anna = people.add_customer(way="staff", by=None, given_name="Annacanary", language="hu",
    addresses=[people.Address("email", "annacanary@example.com")])
print(anna.public_id)
"""
ERASE = """
from regulars.customers.actions import erasing
from regulars.customers.models import Customer
erasing.erase(Customer.objects.get(), by=None)
"""
NAMES = """list(m("customers", "Customer").objects.values_list("given_name", flat=True))"""


@pytest.mark.longer
@pytest.mark.parametrize("way", ["in the folder", "by the option", "control"])
def test_the_erased_stay_erased_after_a_restore(installation: Stage, way: str) -> None:
    installation.run(CUSTOMER)
    said(installation, "backup")
    (made,) = backups(installation)
    installation.run(ERASE)
    journal = installation.folder / "erasures.jsonl"
    assert journal.read_text().count("\n") == 1

    with empty_installation(installation.engine) as restored:
        option = ["--erasures", str(journal)] if way == "by the option" else []
        if way == "in the folder":
            shutil.copy(journal, restored.folder)
        said(restored, "restore", *option, str(made))

        assert restored.value(NAMES) == (["Annacanary"] if way == "control" else [""])


COPY_SENDS = (
    """list(m("core", "InstallationState").objects.values_list("sending_allowed", flat=True))"""
)
STEPS = {
    "sqlite": ["placed", "migrated", "marked", "files", "erased"],
    "postgresql": ["tables", "filled", "placed", "migrated", "erased"],
}


def backup_of_somebody_who_was_erased(installation: Stage) -> tuple[Path, Path]:
    """The backup, with a file in it, and the journal of erasures."""
    photo = installation.folder / "media" / "a.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"photo")
    installation.run(CUSTOMER)
    said(installation, "backup")
    (made,) = backups(installation)
    installation.run(ERASE)
    return made, installation.folder / "erasures.jsonl"


def at_work(stage: Stage) -> list[Path]:
    return list(stage.folder.glob(".regulars-at-work-*"))


def assert_restored(restored: Stage) -> None:
    assert restored.value(NAMES) == [""]
    assert restored.value(COPY_SENDS) == [False]
    assert (restored.folder / "media/a.jpg").read_bytes() == b"photo"
    assert at_work(restored) == []
    assert "Ready to start." in said(restored, "check")


RESTORE = """
import sys
from pathlib import Path
from django.conf import settings
from regulars.config.backup import databases, making
settings.MEDIA_ROOT = settings.DATA / "media"
{change}
making.bring_back(Path(sys.argv[1]), erasures=Path(sys.argv[2]))
"""
REFUSED = "print([problem.text for problem in boot.problems() if problem.stops])"


def restoring(
    restored: Stage, made: tuple[Path, Path], *, change: str = "", killed_at: str = ""
) -> int:
    at = {"REGULARS_CRASH_AT": f"restore.{killed_at}"}
    return restored.start(RESTORE.format(change=change), *made, **at).wait()


def what_stops(restored: Stage) -> str:
    return restored.run(f"from regulars.config import boot\n{REFUSED}")


@pytest.mark.longer
def test_a_restore_that_is_killed_never_starts_and_begins_anew(installation: Stage) -> None:
    """Each time at the next step, in what the kill before has left."""
    made = backup_of_somebody_who_was_erased(installation)
    with empty_installation(installation.engine) as restored:
        for step in STEPS[installation.engine]:
            assert restoring(restored, made, killed_at=step) == 9, step

            assert "did not come to its end" in what_stops(restored), step
            if step not in {"tables", "filled"}:
                assert restored.value(COPY_SENDS) == [False], step
        assert "did not come to its end" in said(restored, "migrate", status=1)
        assert restoring(restored, made, killed_at="empty") == 9
        # Without the option: the journal was taken before anything else.
        said(restored, "restore", str(made[0]))
        assert_restored(restored)


@pytest.mark.longer
def test_control_without_the_marks_a_killed_restore_sends_with_the_erased_in_it(
    installation: Stage,
) -> None:
    made = backup_of_somebody_who_was_erased(installation)
    unmarked = "databases._MARKING = databases._HOLDING = 'SELECT 1'"
    with empty_installation(installation.engine) as restored:
        assert restoring(restored, made, change=unmarked, killed_at="migrated") == 9

        assert what_stops(restored) == "[]"
        assert restored.value(COPY_SENDS) == [True]
        assert restored.value(NAMES) == ["Annacanary"]
        assert "There is data here already" in said(restored, "restore", str(made[0]), status=1)


@pytest.mark.longer
@pytest.mark.parametrize("failing", ["databases._compare", "making.erasing.replay_erasures"])
def test_a_restore_that_fails_leaves_nothing(installation: Stage, failing: str) -> None:
    made = backup_of_somebody_who_was_erased(installation)
    with empty_installation(installation.engine) as restored:
        assert restoring(restored, made, change=f"{failing} = None") == 1

        assert list((restored.folder / "media").glob("*")) == []
        said(restored, "restore", str(made[0]))
        assert_restored(restored)


@pytest.mark.longer
def test_nothing_is_restored_beside_a_running_one(installation: Stage) -> None:
    said(installation, "backup")
    (made,) = backups(installation)
    with empty_installation(installation.engine) as restored, sole_supervisor(restored.folder):
        output = said(restored, "restore", str(made), status=1)

    assert "Regulars is running with the data in" in output


@pytest.mark.longer
def test_the_copies_that_killed_backups_leave_are_deleted(installation: Stage) -> None:
    folder = installation.folder / "backups"
    killed_while_packing = """
import os, sys
from pathlib import Path
from regulars.config.backup import archive, making
archive.write = lambda *_, **__: os._exit(9)
making.make(Path(sys.argv[1]))
"""
    assert installation.start(killed_while_packing, folder).wait() == 9
    (left,) = folder.iterdir()
    assert any(left.rglob("*")), "a whole copy of the database"

    said(installation, "migrate")

    assert list(folder.iterdir()) == []


@pytest.mark.longer
def test_keys_are_rotated_and_everything_is_encrypted_anew(tmp_path: Path) -> None:
    """A folder with keys of its own, as `regulars migrate` makes them."""
    rotated = Stage("sqlite", tmp_path, f"sqlite:///{tmp_path}/db.sqlite3")
    own = {"REGULARS_SECRET_KEY": "", "REGULARS_FIELD_KEYS": ""}

    def ran(*command: str, status: int = 0) -> str:
        process = rotated.command(*command, **own)
        output, _ = process.communicate(timeout=180)
        assert process.returncode == status, output
        return output

    ran("migrate")
    save = (
        "import django; django.setup()\n"
        "from regulars.business.models import Business\n"
        "from regulars.core.crypto import encrypt\n"
        "Business.objects.create(name='B', smtp_url=encrypt('smtp://a:canarypass@mail.example'))"
    )
    process = rotated.python(save, **own)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    (old,) = json.loads((tmp_path / "secrets.json").read_text())["field_keys"]

    assert "1 stored secrets are encrypted with a new key" in ran("secrets", "rotate", "--drop-old")

    (new,) = json.loads((tmp_path / "secrets.json").read_text())["field_keys"]
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        (stored,) = database.execute("SELECT smtp_url FROM business_business").fetchone()
    assert Fernet(new).decrypt(stored.encode()) == b"smtp://a:canarypass@mail.example"
    with pytest.raises(InvalidToken):
        Fernet(old).decrypt(stored.encode())
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("secrets.json.*")) == []


@pytest.mark.longer
def test_a_damaged_backup_is_refused_and_nothing_is_restored(installation: Stage) -> None:
    said(installation, "backup")
    (made,) = backups(installation)
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 0xFF
    made.write_bytes(content)

    with empty_installation(installation.engine) as restored:
        assert "damaged" in said(restored, "restore", str(made), status=1)
        assert not (restored.folder / "media").exists()
        said(restored, "check", status=1)


@pytest.mark.longer
def test_a_restore_never_writes_over_data(installation: Stage) -> None:
    said(installation, "backup")
    (made,) = backups(installation)

    output = said(installation, "restore", str(made), status=1)

    assert "There is data here already" in output
    assert installation.value('m("core", "InstallationState").objects.get().sending_allowed')


@pytest.mark.longer
def test_verify_proves_a_backup_without_touching_anything(installation: Stage) -> None:
    said(installation, "backup", "--keep", "1")
    said(installation, "backup", "--keep", "1")
    (made,) = backups(installation)
    before = installation.value('list(m("core", "InstallationState").objects.values())')

    output = said(installation, "restore", "--verify", str(made))

    assert output.startswith("Restored and checked: ")
    assert installation.value('list(m("core", "InstallationState").objects.values())') == before


@pytest.mark.longer
def test_secrets_stay_out_of_backups_and_come_back_on_their_own(installation: Stage) -> None:
    kept = installation.folder / "kept.json"
    said(installation, "secrets", "export", str(kept))
    said(installation, "backup")
    (made,) = backups(installation)

    assert (kept.stat().st_mode & 0o777, made.stat().st_mode & 0o777) == (0o600, 0o600)
    unpacked = installation.folder / "unpacked"
    archive.unpack(made, unpacked)
    keys = json.loads(kept.read_text())
    for path in unpacked.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [
                key for key in [keys["key"], *keys["field_keys"]] if key.encode() in content
            ]
