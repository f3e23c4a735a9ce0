"""What `regulars check` and every start look at first: each fault is named, with the way out."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.utils import ConnectionHandler
from psycopg import sql

from regulars.config import boot, secrets, sqlite, variables
from regulars.core import triggers
from tests import postgresql

LONG_KEY = "a key of thirty-two letters that only tests use"


@pytest.fixture
def sound(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LazySettings:
    """An installation in which nothing is wrong outside of the database."""
    tmp_path.chmod(0o700)
    settings.DATA = tmp_path
    settings.DEBUG = False
    settings.SECRET_KEY = LONG_KEY
    for name in ("REGULARS_HOST", "REGULARS_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    return settings


def test_a_sound_environment_has_no_problem(sound: LazySettings) -> None:
    assert boot.environment() == []


# --- Debug in the open -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "public_url", "stops"),
    [
        ("127.0.0.1", "", False),
        ("::1", "http://localhost:8000", False),
        ("0.0.0.0", "", True),
        ("192.168.1.20", "", True),
        ("127.0.0.1", "https://regulars.example.com", True),
    ],
)
def test_debug_stops_where_others_could_look(
    sound: LazySettings, monkeypatch: pytest.MonkeyPatch, host: str, public_url: str, stops: bool
) -> None:
    sound.DEBUG = True
    monkeypatch.setenv("REGULARS_HOST", host)
    monkeypatch.setenv("REGULARS_PUBLIC_URL", public_url)

    found = boot.environment()

    assert [problem.stops for problem in found] == [True] * stops
    assert all("REGULARS_DEBUG" in problem.text for problem in found)


def test_without_debug_any_address_will_do(
    sound: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULARS_HOST", "0.0.0.0")

    assert boot.environment() == []


# --- Secrets and the folder --------------------------------------------------------------------


def test_a_short_key_stops(sound: LazySettings) -> None:
    sound.SECRET_KEY = "too short"

    (problem,) = boot.environment()

    assert problem.stops
    assert "REGULARS_SECRET_KEY" in problem.text


def test_secrets_that_went_missing_are_named_and_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New ones could read nothing that the old ones encrypted."""
    for name in ("REGULARS_SECRET_KEY", "REGULARS_FIELD_KEYS"):
        monkeypatch.delenv(name, raising=False)
    database = tmp_path / "db.sqlite3"
    made = secrets.load_secrets(tmp_path, database=database)
    database.write_bytes(b"rows")
    assert secrets.load_secrets(tmp_path, database=database) == made

    (tmp_path / secrets.FILE_NAME).unlink()

    with pytest.raises(variables.ConfigurationError, match="secrets"):
        secrets.load_secrets(tmp_path, database=database)
    assert not (tmp_path / secrets.FILE_NAME).exists()


def test_nothing_to_encrypt_with_stops(sound: LazySettings) -> None:
    sound.SECRETS = secrets.Secrets(key=LONG_KEY, field_keys=())

    (problem,) = boot.environment()

    assert problem.stops
    assert "REGULARS_FIELD_KEYS" in problem.text


def test_a_folder_that_all_can_read_is_told(sound: LazySettings, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    (problem,) = boot.environment()

    assert not problem.stops
    assert f"chmod 700 '{tmp_path}'" in problem.text


def test_secrets_that_others_can_read_stop(sound: LazySettings, tmp_path: Path) -> None:
    kept = tmp_path / secrets.FILE_NAME
    kept.write_text("{}")
    kept.chmod(0o640)

    (problem,) = boot.environment()

    assert problem.stops
    assert f"chmod 600 '{kept}'" in problem.text


def test_a_folder_that_cannot_be_written_to_stops(
    sound: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the kernel's answer is made up."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    (problem,) = boot.environment()

    assert problem.stops
    assert "REGULARS_DATA" in problem.text


# --- SQLite ------------------------------------------------------------------------------------


@pytest.fixture
def file_with(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Lets the boot check look at a SQLite file opened with other settings than ours."""
    opened = []

    def open_with(commands: str) -> None:
        handler = ConnectionHandler(
            {
                "default": {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": tmp_path / "other.sqlite3",
                    "OPTIONS": {"init_command": commands},
                }
            }
        )
        opened.append(handler["default"])
        monkeypatch.setattr(boot, "connection", opened[-1])

    yield open_with
    for one in opened:
        one.close()


def test_our_settings_of_sqlite_are_sound(file_with: Any) -> None:
    file_with("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")

    assert boot.faulty_engine() == []


@pytest.mark.parametrize(
    ("commands", "names"),
    [
        ("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", "synchronous"),
        ("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL", "write-ahead"),
    ],
)
def test_a_sqlite_that_could_lose_answers_stops(file_with: Any, commands: str, names: str) -> None:
    file_with(commands)

    (problem,) = boot.faulty_engine()

    assert problem.stops
    assert names in problem.text


def test_a_sqlite_with_the_fault_of_its_log_is_named(
    file_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_with("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")

    (problem,) = boot.faulty_engine()

    assert not problem.stops
    assert "SQLite 3.40.1" in problem.text
    assert "pysqlite3" in problem.text


def test_the_sqlite_that_ships_has_no_such_fault() -> None:
    assert not sqlite.has_wal_fault()


# --- PostgreSQL --------------------------------------------------------------------------------


@pytest.mark.longer
@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_postgresql_that_could_lose_answers_is_refused(unsafe_server: str, name: str) -> None:
    """The command itself, on a real server that was set up so."""
    with psycopg.connect(unsafe_server, autocommit=True) as server:
        server.execute("ALTER SYSTEM RESET ALL")
        server.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        server.execute("SELECT pg_reload_conf()")
    eventually(unsafe_server, name, "off")

    done = check(unsafe_server)

    assert done.returncode == 1
    assert f"Refused: PostgreSQL runs with {name}=off" in done.stderr


@pytest.fixture(scope="module")
def unsafe_server() -> Iterator[str]:
    """A PostgreSQL of its own, which no other test uses."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-unsafe-"))
    server = postgresql.start(folder)
    yield f"postgresql://postgres@/postgres?host={folder}"
    postgresql.stop(server, folder, os.getpid())


def eventually(url: str, name: str, wanted: str) -> None:
    """The server takes a moment to read its settings anew."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with psycopg.connect(url) as server:
            found = server.execute("SELECT current_setting(%s)", [name]).fetchone()
        if found == (wanted,):
            return
        time.sleep(0.05)
    raise AssertionError(f"{name} never became {wanted}")


def check(url: str) -> subprocess.CompletedProcess[str]:
    """`regulars check` as somebody types it."""
    kept = {
        name: one
        for name, one in os.environ.items()
        if not name.startswith(("REGULARS_", "DJANGO_"))
    }
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [sys.executable, "-m", "regulars", "check"],
            env=kept | {"REGULARS_DATA": folder, "REGULARS_DATABASE_URL": url},
            capture_output=True,
            text=True,
        )


# --- Both --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_sound_database_has_no_problem(sound: LazySettings) -> None:
    assert boot.problems() == []


@pytest.mark.django_db
def test_what_stops_is_said_first(sound: LazySettings, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    trigger = triggers.wanted(connection)[0]
    table = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{trigger.name}"{table}')

    found = boot.problems()

    assert [problem.stops for problem in found] == [True, False]
    assert f"triggers are missing on {trigger.table}" in found[0].text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "DELETE FROM django_migrations WHERE app = 'rewards' AND id = "
            "(SELECT max(id) FROM django_migrations WHERE app = 'rewards')",
            "regulars migrate",
        ),
        (
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('rewards', '9999_from_tomorrow', CURRENT_TIMESTAMP)",
            "rewards.9999_from_tomorrow",
        ),
    ],
    ids=["behind", "ahead"],
)
def test_a_database_of_another_version_stops(sound: LazySettings, change: str, said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(change)

    (problem,) = boot.problems()

    assert problem.stops
    assert said in problem.text


def test_a_database_that_does_not_answer_is_named(
    db: None, sound: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    handler = ConnectionHandler(
        {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": tmp_path / "nowhere" / "database.sqlite3",
            }
        }
    )
    monkeypatch.setattr(boot, "connection", handler["default"])

    (problem,) = boot.problems()

    assert problem.stops
    assert "REGULARS_DATABASE_URL" in problem.text
