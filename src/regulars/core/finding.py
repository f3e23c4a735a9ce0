"""Searching for any part of a word among a million rows, on both engines.

A model says `search_index = "search_key"`: the text column that people search. On SQLite a full
text index of three letters each stands beside the table, kept by triggers; on PostgreSQL it is an
index of `pg_trgm`, where the server has that extension. Both are put in place after every
migration, since SQLite loses triggers when a migration rebuilds a table. Without them a search
reads every row: slower, and the same result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import RawSQL

M = TypeVar("M", bound=models.Model)
# So many are looked up by the index, or one row of five; what is more common than that is met
# soon in any order.
FEW = 5_000
ONE_OF = 5
LETTERS = 3
_EVENTS = ("insert", "update", "delete")


def containing(rows: models.QuerySet[M], words: Sequence[set[str]]) -> models.QuerySet[M]:
    """The rows whose searched text holds, of each set of spellings, at least one."""
    column = column_of(rows.model)
    looked_up = _looked_up(rows, words)
    if looked_up is not None:
        rows = rows.filter(pk__in=looked_up)
        words = [spellings for spellings in words if not _is_telling(spellings)]
    for spellings in words:
        wanted = models.Q()
        for spelling in spellings:
            wanted |= models.Q(**{f"{column}__contains": spelling})
        rows = rows.filter(wanted)
    return rows


def column_of(model: type[models.Model]) -> str:
    """The name of the model's searched column. Raises TypeError where it has none."""
    column = getattr(model, "search_index", None)
    if not isinstance(column, str):
        raise TypeError(f"{model.__name__} has no search_index")
    return column


def declared() -> list[type[models.Model]]:
    """Every model that is searched through an index."""
    return [model for model in apps.get_models() if isinstance(_declared(model), str)]


def install(connection: BaseDatabaseWrapper) -> None:
    """Put what is missing in place, on tables that exist and engines that have what it needs."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in declared():
            if model._meta.db_table not in tables:
                continue
            if connection.vendor == "postgresql":
                _install_in_postgresql(cursor, model)
            else:
                _install_in_sqlite(cursor, model)


def _declared(model: type[models.Model]) -> object:
    return getattr(model, "search_index", None)


# --- Looking up ----------------------------------------------------------------------------------


def _looked_up(rows: models.QuerySet[Any], words: Sequence[set[str]]) -> RawSQL | None:
    """The row numbers as a query, where the index can tell and they are not too many."""
    connection = connections[rows.db]
    telling = [spellings for spellings in words if _is_telling(spellings)]
    if not telling or connection.vendor != "sqlite":
        return None
    table = rows.model._meta.db_table
    wanted = " AND ".join(f"({' OR '.join(map(_quoted, spellings))})" for spellings in telling)
    with connection.cursor() as cursor:
        if not _present(cursor, table):
            return None
        cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')  # noqa: S608  # names of our own
        few = max(FEW, cursor.fetchone()[0] // ONE_OF)
        found = f'SELECT rowid FROM "{_index(table)}" WHERE "{_index(table)}" MATCH %s'  # noqa: S608  # names of our own
        cursor.execute(f"SELECT count(*) FROM ({found} LIMIT {few + 1})", [wanted])  # noqa: S608  # names of our own
        if cursor.fetchone()[0] > few:
            return None
        return RawSQL(found, [wanted])  # noqa: S611  # names of our own, the words a parameter


def _is_telling(spellings: set[str]) -> bool:
    """Whether the index knows the words: it consists of three letters each."""
    return bool(spellings) and all(len(one) >= LETTERS for one in spellings)


def _quoted(spelling: str) -> str:
    return '"' + spelling.replace('"', '""') + '"'


def numbers(wanted: list[int], alias: str = DEFAULT_DB_ALIAS) -> RawSQL:
    """Row numbers as one parameter, since engines limit how many a statement may have."""
    if connections[alias].vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [str(wanted)])  # integers
    return RawSQL("SELECT unnest(%s::bigint[])", [wanted])  # integers


# --- Putting in place ----------------------------------------------------------------------------


def _index(table: str) -> str:
    return f"{table}_found"


def _present(cursor: Any, table: str) -> bool:
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s", [_index(table)])
    return cursor.fetchone() is not None


def _install_in_sqlite(cursor: Any, model: type[models.Model]) -> None:
    table, column = model._meta.db_table, column_of(model)
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    triggers = {name for (name,) in cursor.fetchall()}
    wanted = dict(_triggers(table, column))
    if wanted.keys() <= triggers and _present(cursor, table):
        return
    if not _has_trigrams(cursor):
        return
    for name in wanted.keys() & triggers:
        cursor.execute(f'DROP TRIGGER "{name}"')
    cursor.execute(f'DROP TABLE IF EXISTS "{_index(table)}"')
    cursor.execute(
        f'CREATE VIRTUAL TABLE "{_index(table)}" USING fts5("{column}", tokenize=\'trigram\', '
        "columnsize=0)"
    )
    into = f'INSERT INTO "{_index(table)}"'  # names of our own, here and below
    # What is erased is overwritten in the index too.
    cursor.execute(f"{into}(\"{_index(table)}\", rank) VALUES ('secure-delete', 1)")
    cursor.execute(f'{into}(rowid, "{column}") SELECT id, "{column}" FROM "{table}"')  # noqa: S608
    for statement in wanted.values():
        cursor.execute(statement)


def _triggers(table: str, column: str) -> Iterator[tuple[str, str]]:
    index = _index(table)
    add = f'INSERT INTO "{index}"(rowid, "{column}") VALUES (NEW.id, NEW."{column}");'  # noqa: S608
    remove = f'DELETE FROM "{index}" WHERE rowid = OLD.id;'  # noqa: S608
    acts = {
        "insert": ("INSERT", add),
        "update": (f'UPDATE OF "{column}"', f"{remove} {add}"),
        "delete": ("DELETE", remove),
    }
    for event in _EVENTS:
        when, act = acts[event]
        name = f"{index}_{event}"
        yield name, f'CREATE TRIGGER "{name}" AFTER {when} ON "{table}" BEGIN {act} END'


def _has_trigrams(cursor: Any) -> bool:
    """Whether this SQLite has the full text index of three letters (3.34, compiled with FTS5)."""
    cursor.execute("SELECT sqlite_version()")
    version = tuple(map(int, cursor.fetchone()[0].split(".")))
    cursor.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')")
    return version >= (3, 42) and bool(cursor.fetchone()[0])


def _install_in_postgresql(cursor: Any, model: type[models.Model]) -> None:
    cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
    if cursor.fetchone() is None:
        return
    table, column = model._meta.db_table, column_of(model)
    # Whoever may not add extensions to the database does without the index.
    with suppress(DatabaseError), transaction.atomic(using=cursor.db.alias):
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute(
            f'CREATE INDEX IF NOT EXISTS "{_index(table)}" ON "{table}" '
            f'USING gin ("{column}" gin_trgm_ops)'
        )
