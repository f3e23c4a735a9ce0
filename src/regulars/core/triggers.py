"""History that nobody can edit: triggers that refuse UPDATE and DELETE, on both engines.

A model says `append_only = AppendOnly()` beside its `privacy`. The triggers are put in place after
every migration, because SQLite loses them when a migration rebuilds a table, and looked for at
each start. Their names carry a hash of what they do, so that a changed one is noticed too.

What erasure and retention must be able to do is said in the declaration, not by a way round it:
named columns may change, and rows past a set age may be deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "append_only_"
REFUSAL = "This is history: it is appended to, never changed."
_FUNCTION = "regulars_refuse_change"
_FUNCTION_BODY = f"BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23000'; END"


@dataclass(frozen=True)
class AppendOnly:
    """How strictly a table is append-only.

    `may_change`: fields that may still be updated (what erasure blanks). `deletable_after_days`:
    the age, by the field `age_by`, from which a row may be deleted; None keeps it for ever.
    """

    may_change: tuple[str, ...] = ()
    deletable_after_days: int | None = None
    age_by: str = "created_at"


@dataclass(frozen=True)
class Trigger:
    """One trigger of one table, with the statement that makes it."""

    table: str
    name: str
    statement: str


def declared() -> dict[type[models.Model], AppendOnly]:
    """Every append-only model."""
    return {
        model: rule
        for model in apps.get_models()
        if isinstance(rule := getattr(model, "append_only", None), AppendOnly)
    }


def wanted(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """The triggers that this database must have."""
    return [
        trigger
        for model, rule in declared().items()
        for trigger in _triggers(model, rule, connection)
    ]


def missing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Those of `wanted` that are absent, changed or switched off."""
    present = _present(connection)
    return [trigger for trigger in wanted(connection) if trigger.name not in present]


def install(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Put the missing ones in place, on tables that exist; which were made."""
    lacking = missing(connection)
    if not lacking:
        return []
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        made = [trigger for trigger in lacking if trigger.table in tables]
        if connection.vendor == "postgresql" and made:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql "
                f"AS $refuse$ {_FUNCTION_BODY} $refuse$"
            )
        for table in {trigger.table for trigger in made}:
            _drop(connection, cursor, table)
        for trigger in wanted(connection):
            if trigger.table in {other.table for other in made}:
                cursor.execute(trigger.statement)
    return made


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers, for a migration that has to rewrite rows; back afterwards."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger of ours. Until `install`, the boot check refuses to start."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in declared():
            if model._meta.db_table in tables:
                _drop(connection, cursor, model._meta.db_table)


def _triggers(
    model: type[models.Model], rule: AppendOnly, connection: BaseDatabaseWrapper
) -> Iterator[Trigger]:
    table = model._meta.db_table
    changed = _changed_condition(model, rule, connection)
    young = _young_condition(model, rule, connection)
    yield _trigger(connection, table, "UPDATE", changed)
    yield _trigger(connection, table, "DELETE", young)
    if connection.vendor == "postgresql":
        yield _trigger(connection, table, "TRUNCATE", "")


def _trigger(connection: BaseDatabaseWrapper, table: str, event: str, condition: str) -> Trigger:
    when = f" WHEN ({condition})" if condition else ""
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    act = (
        f"EXECUTE FUNCTION {_FUNCTION}()"
        if connection.vendor == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    body = f'BEFORE {event} ON "{table}" FOR EACH {each}{when} {act}'
    name = f"{PREFIX}{event.lower()}_{sha256(body.encode()).hexdigest()[:12]}"
    return Trigger(table, name, f'CREATE TRIGGER "{name}" {body}')


def _changed_condition(
    model: type[models.Model], rule: AppendOnly, connection: BaseDatabaseWrapper
) -> str:
    """True when a column that must stay differs; empty when every update is refused."""
    if not rule.may_change:
        return ""
    free = {_column(model, name) for name in rule.may_change}
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    fixed = [field.column for field in model._meta.local_fields if field.column not in free]
    return " OR ".join(f'OLD."{column}" {differs} NEW."{column}"' for column in fixed)


def _young_condition(
    model: type[models.Model], rule: AppendOnly, connection: BaseDatabaseWrapper
) -> str:
    """True when a row is too young to be deleted; empty when none may ever be."""
    if rule.deletable_after_days is None:
        return ""
    column, days = _column(model, rule.age_by), rule.deletable_after_days
    if connection.vendor == "postgresql":
        return f"OLD.\"{column}\" > now() - interval '{days} days'"
    return f"OLD.\"{column}\" > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{days} days')"


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} has no column")
    return str(field.column)


def _present(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            return {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [_FUNCTION])
        if {source.strip() for (source,) in cursor.fetchall()} != {_FUNCTION_BODY}:
            return set()
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        return {name for (name,) in cursor.fetchall()}


def _drop(connection: BaseDatabaseWrapper, cursor: Any, table: str) -> None:
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [f'"{table}"'],
        )
    else:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
    on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
    for (name,) in cursor.fetchall():
        if name.startswith(PREFIX):
            cursor.execute(f'DROP TRIGGER "{name}"{on_table}')
