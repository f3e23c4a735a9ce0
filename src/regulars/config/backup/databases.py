"""The database's part of a backup, on each engine: a consistent copy while others write.

SQLite is copied by `VACUUM INTO`. PostgreSQL is read by COPY in one repeatable-read transaction,
so nothing has to be installed beside Regulars and the versions of server and tools cannot differ.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from regulars.config.backup.archive import BackupError, Manifest, put
from regulars.core.faults import crash_point

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

SQLITE_FILE = "database.sqlite3"
TABLES = "tables"
# Stands in the database from before its first row until a restore has come to its end.
_MARK = "regulars_unfinished_restore"
_MARKING = f"CREATE TABLE IF NOT EXISTS {_MARK} (since varchar(40))"
# In the same step as the rows: whatever happens next, this is a copy and sends nothing.
_HOLDING = (
    "UPDATE core_installationstate SET sending_allowed = FALSE, restored_at = CURRENT_TIMESTAMP"
)
# Made again by `regulars migrate`, and worthless in another copy.
NOT_KEPT = frozenset({"core_cache", _MARK})


@dataclass
class Copied:
    """What a copy holds: rows by table, and where each sequence stands (PostgreSQL)."""

    rows: dict[str, int]
    sequences: dict[str, int] = field(default_factory=dict)


def copy_into(folder: Path) -> Copied:
    """Write a consistent copy of the database into `folder`."""
    if connection.vendor == "postgresql":
        return _copy_postgresql(folder)
    return _copy_sqlite(folder)


def is_empty() -> bool:
    """Whether the database has no table yet."""
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


def is_unfinished() -> bool:
    """Whether a restore into this database was broken off: it must not be used, but thrown away."""
    with connection.cursor() as cursor:
        return _MARK in connection.introspection.table_names(cursor)


def finish() -> None:
    """Say that the restore has come to its end."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {_MARK}")


def throw_away() -> None:
    """Empty the database. Only for one that a restore has begun to fill."""
    connection.close()
    if connection.vendor == "postgresql":
        _drop_tables()
        return
    target = Path(settings.DATABASES["default"]["NAME"])
    for ending in ("-wal", "-shm", ""):  # the mark is in the file itself, which goes last
        target.with_name(target.name + ending).unlink(missing_ok=True)


def load_from(folder: Path, manifest: Manifest) -> None:
    """Fill the empty database from `folder`, check it, and bring it up to date.

    It is marked as unfinished, and as a copy that sends nothing, before anybody can see a row;
    `finish` takes the first mark away. Raises BackupError when rows are missing or do not belong
    together.
    """
    if manifest.engine != connection.vendor:
        raise BackupError(
            f"This is a backup of {manifest.engine}, but REGULARS_DATABASE_URL means "
            f"{connection.vendor}. Restore it on {manifest.engine}."
        )
    _require_known(manifest)
    if connection.vendor == "postgresql":
        _load_postgresql(folder / TABLES, manifest)
    else:
        _load_sqlite(folder / SQLITE_FILE, manifest)
    crash_point("restore.placed")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def applied_migrations() -> list[list[str]]:
    """Every migration of this database, as [app, name]."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


# --- SQLite ------------------------------------------------------------------------------------


def _copy_sqlite(folder: Path) -> Copied:
    target = folder / SQLITE_FILE
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(target)])
    return Copied(_checked_rows(target))


def _checked_rows(path: Path) -> dict[str, int]:
    """The rows of each table of a SQLite file, after its own checks of itself."""
    with closing(sqlite3.connect(path)) as database:
        faults = [row[0] for row in database.execute("PRAGMA integrity_check")]
        if faults != ["ok"]:
            raise BackupError(f"The database is damaged: {faults[0]}")
        orphans = database.execute("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise BackupError(f"{len(orphans)} rows point to rows that are missing: {orphans[0]}")
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608  # names of tables, from the file itself
            for (name,) in names
            if name not in NOT_KEPT
        }


def _load_sqlite(source: Path, manifest: Manifest) -> None:
    _compare(_checked_rows(source), manifest)
    with closing(sqlite3.connect(source)) as database, database:
        database.execute(_MARKING)
        database.execute(_HOLDING)
    source.chmod(0o600)
    target = Path(settings.DATABASES["default"]["NAME"])
    throw_away()  # the empty file that looking into it has made
    target.parent.mkdir(parents=True, exist_ok=True)
    put(source, target)


# --- PostgreSQL --------------------------------------------------------------------------------


def _connect() -> psycopg.Connection[Any]:
    import psycopg

    parameters = connection.get_connection_params()
    kept: dict[str, Any] = {k: v for k, v in parameters.items() if isinstance(v, (str, int))}
    return psycopg.connect(**kept)


def _copy_postgresql(folder: Path) -> Copied:
    from psycopg import IsolationLevel

    (folder / TABLES).mkdir()
    with closing(_connect()) as server:
        server.isolation_level = IsolationLevel.REPEATABLE_READ
        server.read_only = True
        rows = {
            table: _copy_table(server, table, folder / TABLES / f"{table}.copy")
            for table in _tables(server)
        }
        return Copied(rows, _sequences(server))


def _copy_table(server: psycopg.Connection[Any], table: str, target: Path) -> int:
    """Write the table as COPY text, its columns in the first line; the number of rows."""
    columns = _columns(server, table)
    rows = 0
    with target.open("wb") as file, server.cursor() as cursor:
        file.write(("\t".join(columns) + "\n").encode())
        with cursor.copy(_copying("COPY {} ({}) TO STDOUT", table, columns)) as copying:
            for block in copying:
                data = bytes(block)
                rows += data.count(b"\n")  # a line break inside a value is escaped
                file.write(data)
    return rows


def _tables(server: psycopg.Connection[Any]) -> list[str]:
    found = server.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    )
    return [name for (name,) in found if name not in NOT_KEPT]


def _columns(server: psycopg.Connection[Any], table: str) -> list[str]:
    found = server.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [f'"{table}"'],
    )
    return [name for (name,) in found]


def _sequences(server: psycopg.Connection[Any]) -> dict[str, int]:
    found = server.execute(
        "SELECT sequencename, last_value FROM pg_sequences "
        "WHERE schemaname = current_schema() AND last_value IS NOT NULL"
    )
    return {name: int(value) for name, value in found}


def _copying(statement: LiteralString, table: str, columns: list[str]) -> Composed:
    from psycopg import sql

    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(statement).format(sql.Identifier(table), names)


def _load_postgresql(folder: Path, manifest: Manifest) -> None:
    """Make the tables as they were, fill them in one transaction; foreign keys check themselves."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKING)
    executor = MigrationExecutor(connection)
    executor.migrate(_targets(manifest))
    crash_point("restore.tables")
    with closing(_connect()) as server:
        tables = _tables(server)
        quoted = ", ".join(f'"{table}"' for table in tables)
        server.execute(f"TRUNCATE {quoted}")
        rows = {path.stem: _load_table(server, path) for path in sorted(folder.glob("*.copy"))}
        _compare(rows, manifest)
        for name, value in manifest.sequences.items():
            server.execute("SELECT setval(%s::regclass, %s)", [f'"{name}"', value])
        server.execute(_HOLDING)
        crash_point("restore.filled")
        server.commit()


def _drop_tables() -> None:
    with closing(_connect()) as server:
        found = server.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
        quoted = ", ".join(f'"{name}"' for (name,) in found)
        if quoted:
            server.execute(f"DROP TABLE {quoted} CASCADE")
        server.commit()


def _load_table(server: psycopg.Connection[Any], source: Path) -> int:
    with source.open("rb") as file, server.cursor() as cursor:
        columns = file.readline().decode().rstrip("\n").split("\t")
        with cursor.copy(_copying("COPY {} ({}) FROM STDIN", source.stem, columns)) as copying:
            while block := file.read(1 << 20):
                copying.write(block)
        counted = cursor.execute(f'SELECT count(*) FROM "{source.stem}"').fetchone()  # noqa: S608  # as above
    return int(counted[0]) if counted else 0


def _targets(manifest: Manifest) -> list[tuple[str, str]]:
    """The last migrations that had been applied: those that no other one builds on."""
    applied = {(app, name) for app, name in manifest.migrations}
    graph = MigrationExecutor(connection).loader.graph
    return [
        key
        for key in sorted(applied & set(graph.nodes))
        if not any(
            child.key in applied and child.key[0] == key[0] for child in _children(graph, key)
        )
    ]


def _children(graph: Any, key: tuple[str, str]) -> Any:
    return graph.node_map[key].children


# --- Both --------------------------------------------------------------------------------------


def _require_known(manifest: Manifest) -> None:
    loader = MigrationExecutor(connection).loader
    ahead = [
        f"{app}.{name}"
        for app, name in manifest.migrations
        if app in loader.migrated_apps and (app, name) not in loader.graph.nodes
    ]
    if ahead:
        raise BackupError(
            f"The backup was made by a newer version of Regulars ({ahead[0]}). Install that one."
        )


def _compare(rows: dict[str, int], manifest: Manifest) -> None:
    differing = sorted(
        name for name in {*rows, *manifest.rows} if rows.get(name) != manifest.rows.get(name)
    )
    if differing:
        name = differing[0]
        raise BackupError(
            f"{name} has {rows.get(name)} rows, but the manifest says {manifest.rows.get(name)}"
        )
