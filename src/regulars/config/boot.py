"""What must be true before Regulars starts; `regulars check` and `regulars up` ask the same."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from regulars.config import secrets, sqlite, variables
from regulars.config.backup import databases
from regulars.core import triggers


@dataclass(frozen=True)
class Problem:
    """A sentence that names the fault and the way out. `stops`: nothing may start with it."""

    text: str
    stops: bool


def problems() -> list[Problem]:
    """Everything that is wrong, what stops first."""
    found = [*environment(), *_asked(_database)]
    return sorted(found, key=lambda problem: not problem.stops)


def environment() -> list[Problem]:
    """What can be seen without the database."""
    checks: tuple[Callable[[], list[Problem]], ...] = (debug_in_the_open, weak_secret, open_folder)
    return [problem for check in checks for problem in check()]


def before_migrating() -> list[Problem]:
    """What stops even before the database is brought up to date."""
    return [*environment(), *_asked(unfinished_restore)]


def _database() -> Iterable[Problem]:
    if broken_off := unfinished_restore():
        return broken_off
    behind = pending_migrations()
    return [*faulty_engine(), *(behind or unprotected_history())]


def _asked(checks: Callable[[], Iterable[Problem]]) -> Iterator[Problem]:
    try:
        yield from checks()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        yield Problem(
            f"The database does not answer: {reason}. Look at REGULARS_DATABASE_URL.", stops=True
        )


# --- The environment ---------------------------------------------------------------------------


def debug_in_the_open() -> list[Problem]:
    """Error pages with details are for this computer only."""
    if not settings.DEBUG or not reachable_from_elsewhere():
        return []
    text = "REGULARS_DEBUG is on, and others can reach this address: error pages would show them "
    return [Problem(text + "passwords and customers. Unset REGULARS_DEBUG.", stops=True)]


def reachable_from_elsewhere() -> bool:
    """Whether the server listens beyond this computer or has a public address."""
    public = urlsplit(variables.PUBLIC_URL.read()).hostname or ""
    return not (_is_local(variables.HOST.read()) and _is_local(public))


def _is_local(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def weak_secret() -> list[Problem]:
    """The key that signs sessions and links, and the keys that encrypt."""
    found = []
    if len(settings.SECRET_KEY) < 32:
        text = "REGULARS_SECRET_KEY is missing or short. Give it at least 32 random characters, "
        found.append(Problem(text + "or unset it to have one made.", stops=True))
    if not settings.SECRETS.field_keys:
        text = "REGULARS_FIELD_KEYS is empty: nothing could be encrypted. Unset it, or give a key."
        found.append(Problem(text, stops=True))
    return found


def open_folder() -> list[Problem]:
    """The data folder holds customers and secrets: nobody else on this computer may look."""
    found = []
    folder = Path(settings.DATA)
    if not os.access(folder, os.W_OK | os.X_OK):
        text = f"{folder} cannot be written to by this user. Change its owner, or REGULARS_DATA."
        return [Problem(text, stops=True)]
    if _others_may(folder, stat.S_IWOTH | stat.S_IROTH):
        text = f"Everybody on this computer can look into {folder}. Run: chmod 700 '{folder}'"
        found.append(Problem(text, stops=False))
    kept = folder / secrets.FILE_NAME
    if kept.exists() and _others_may(kept, stat.S_IRWXG | stat.S_IRWXO):
        text = f"Others on this computer can read {kept}. Run: chmod 600 '{kept}'"
        found.append(Problem(text, stops=True))
    return found


def _others_may(path: Path, what: int) -> bool:
    return bool(path.stat().st_mode & what)


# --- The database ------------------------------------------------------------------------------


def unfinished_restore() -> list[Problem]:
    """Rows may be missing, and whoever was erased after the backup may be back."""
    if not databases.is_unfinished():
        return []
    text = "A restore into this installation did not come to its end. Run it again; it begins anew:"
    return [Problem(f"{text} regulars restore FILE", stops=True)]


def faulty_engine() -> list[Problem]:
    """Settings under which an answer that was thanked for could be lost."""
    return unsafe_postgresql() if connection.vendor == "postgresql" else faulty_sqlite()


def faulty_sqlite() -> list[Problem]:
    """The version, and the settings that keep what was committed."""
    found = []
    if sqlite.has_wal_fault():
        import sqlite3

        text = f"SQLite {sqlite3.sqlite_version} has a rare fault that can damage the database. "
        found.append(Problem(text + "Install the package pysqlite3.", stops=False))
    if _value("PRAGMA synchronous") not in {2, 3}:
        text = "SQLite does not write through to the disk (PRAGMA synchronous must be FULL)."
        found.append(Problem(text, stops=True))
    if _value("PRAGMA journal_mode") not in {"wal", "memory"}:
        text = "SQLite is not in write-ahead mode: the data folder's file system may not allow it "
        found.append(Problem(text + "(network folders do not). Use a local disk.", stops=True))
    return found


def unsafe_postgresql() -> list[Problem]:
    """Server settings that may lose or tear what was committed."""
    return [
        Problem(
            f"PostgreSQL runs with {name}=off, so that a power cut may lose answers or the whole "
            f"database. Set {name}=on on the server.",
            stops=True,
        )
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if _value(f"SHOW {name}") == "off"
    ]


def pending_migrations() -> list[Problem]:
    """The database must be as new as the program, and not newer."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        text = "The database is not up to date with this version. Run: regulars migrate"
        return [Problem(text, stops=True)]
    ahead = [
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in executor.loader.migrated_apps and (app, name) not in executor.loader.graph.nodes
    ]
    if ahead:
        text = f"The database belongs to a newer version of Regulars ({', '.join(sorted(ahead))})."
        return [Problem(f"{text} Install that version.", stops=True)]
    return []


def unprotected_history() -> list[Problem]:
    """The triggers that keep history as it was."""
    tables = sorted({trigger.table for trigger in triggers.missing(connection)})
    if not tables:
        return []
    text = f"History could be edited: triggers are missing on {', '.join(tables)}. "
    return [Problem(text + "Run: regulars migrate", stops=True)]


def _value(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
