"""Statements that are composed once and run often, for the few paths where every moment counts.

Composing a statement takes Django's ORM far longer than a database needs to run it. While an
answer is stored all others wait for the lock, so there only the running may be left. Here the ORM
composes a statement once for each connection; from then on only its values change. What it means
is the ORM's to say, on either engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeAlias, TypeVar, cast

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import get_related_populators
from django.db.models.signals import post_save, pre_save
from django.db.models.sql import InsertQuery, UpdateQuery

M = TypeVar("M", bound=models.Model)
C = TypeVar("C")
Value: TypeAlias = str | int | date


@dataclass(frozen=True)
class _Text:
    """A statement whose parameters at some positions are named values."""

    sql: str
    parameters: tuple[Any, ...]
    places: dict[int, str]

    @classmethod
    def of(
        cls,
        sql: str,
        parameters: Sequence[Any],
        examples: dict[str, Value],
        connection: BaseDatabaseWrapper,
    ) -> _Text:
        adapted = {_adapted(value, connection): name for name, value in examples.items()}
        places = {n: adapted[one] for n, one in enumerate(parameters) if one in adapted}
        if sorted(places.values()) != sorted(examples):
            raise TypeError(f"Each of {sorted(examples)} must stand in the statement once: {sql}")
        return cls(sql, tuple(parameters), places)

    def filled(self, values: dict[str, Value], connection: BaseDatabaseWrapper) -> list[Any]:
        parameters = list(self.parameters)
        for position, name in self.places.items():
            parameters[position] = _adapted(values[name], connection)
        return parameters


class _PerConnection(Generic[C]):
    """What is composed for a connection, kept for as long as that lives.

    It is kept on the connection itself: what is composed knows its connection, and would keep it
    open after its thread has ended if anything else held it.
    """

    def __init__(self, compose: Callable[[BaseDatabaseWrapper], C]) -> None:
        self._compose = compose

    def on(self, connection: BaseDatabaseWrapper) -> C:
        kept = vars(connection).setdefault("_regulars_prepared", {})
        if self not in kept:
            kept[self] = self._compose(connection)
        return cast("C", kept[self])


class Select(Generic[M]):
    """A query that is composed once.

    `compose` builds it from the keywords in `examples`: values that no other part of the query
    has, each used once as it is (equality, no `__in`, no pattern). Annotations and prefetching
    are not read. Raises TypeError when it is first run and is not such a query.
    """

    def __init__(self, compose: Callable[..., models.QuerySet[M]], **examples: Value) -> None:
        self._compose = compose
        self._examples = examples
        self._composed = _PerConnection(self._composed_for)

    def rows(self, **values: Value) -> list[M]:
        """The rows for these values."""
        connection = transaction.get_connection()
        text, read = self._composed.on(connection)
        with connection.cursor() as cursor:
            cursor.execute(text.sql, text.filled(values, connection))
            return list(read(cursor.fetchall()))

    def first(self, **values: Value) -> M | None:
        """The first row for these values, if there is one."""
        return next(iter(self.rows(**values)), None)

    def _composed_for(
        self, connection: BaseDatabaseWrapper
    ) -> tuple[_Text, Callable[[list[Any]], Iterator[M]]]:
        queryset: Any = self._compose(**self._examples)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if compiler.annotation_col_map or queryset._prefetch_related_lookups:
            raise TypeError("A prepared query reads rows and what select_related names only")
        klass = compiler.klass_info
        start, end = klass["select_fields"][0], klass["select_fields"][-1] + 1
        names = [column[0].target.attname for column in compiler.select[start:end]]
        populators = get_related_populators(  # type: ignore[call-arg]  # stubs of a later Django
            klass, compiler.select, connection.alias
        )
        converters = compiler.get_converters([column[0] for column in compiler.select])
        model = cast("type[M]", klass["model"])

        def read(rows: list[Any]) -> Iterator[M]:
            for row in compiler.apply_converters(rows, converters) if converters else rows:
                found = model.from_db(connection.alias, names, row[start:end])
                for one in populators:
                    one.populate(row, found)
                yield found

        return _Text.of(sql, parameters, self._examples, connection), read


class Update:
    """A change of rows by `QuerySet.update` that is composed once.

    `compose` builds the rows to change and the new values from the keywords in `examples`, as
    for Select.
    """

    def __init__(
        self,
        compose: Callable[..., tuple[models.QuerySet[Any], dict[str, Any]]],
        **examples: Value,
    ) -> None:
        self._compose = compose
        self._examples = examples
        self._composed = _PerConnection(self._composed_for)

    def run(self, **values: Value) -> int:
        """Change the rows for these values; how many there were."""
        connection = transaction.get_connection()
        text = self._composed.on(connection)
        with _changing(connection) as cursor:
            cursor.execute(text.sql, text.filled(values, connection))
            return cast("int", cursor.rowcount)

    def _composed_for(self, connection: BaseDatabaseWrapper) -> _Text:
        rows, changes = self._compose(**self._examples)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        return _Text.of(sql, parameters, self._examples, connection)


def insert(row: models.Model) -> None:
    """Store a new row as `row.save(force_insert=True)` does. Raises IntegrityError as that does."""
    _insert(row, is_careful=False)


def insert_unless_there(row: models.Model) -> bool:
    """Store a new row unless one with the same unique values is there; whether it was stored.

    Waits for a transaction that is storing such a row just now, and breaks none of its own.
    """
    return _insert(row, is_careful=True)


@dataclass(frozen=True)
class _Insert:
    sql: str
    fields: list[models.Field[Any, Any]]


def _insert(row: models.Model, *, is_careful: bool) -> bool:
    model = type(row)
    if pre_save.has_listeners(model) or post_save.has_listeners(model):
        raise TypeError(f"Somebody listens to {model.__name__} being saved: save it")
    connection = transaction.get_connection()
    composed = _inserts.on(connection)
    if (model, is_careful) not in composed:
        composed[model, is_careful] = _composed_insert(row, connection, is_careful=is_careful)
    statement = composed[model, is_careful]
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in statement.fields
    ]
    with _changing(connection) as cursor:
        cursor.execute(statement.sql, values)
        stored = cursor.fetchone()
    if stored is None:
        return False
    row.pk = stored[0]
    row._state.adding = False
    row._state.db = connection.alias
    return True


def _composed_insert(
    row: models.Model, connection: BaseDatabaseWrapper, *, is_careful: bool
) -> _Insert:
    meta = row._meta
    fields = [one for one in meta.local_concrete_fields if one is not meta.auto_field]
    if meta.auto_field is None or meta.parents:
        raise TypeError(f"{meta.label} numbers its rows otherwise: save them")
    query: Any = InsertQuery(type(row))
    query.insert_values(fields, [row], raw=False)
    ((sql, parameters),) = query.get_compiler(connection=connection).as_sql()
    if len(parameters) != len(fields):
        raise TypeError(f"{meta.label} computes values in the statement: save it")
    ending = " ON CONFLICT DO NOTHING" if is_careful else ""
    number = connection.ops.quote_name(str(meta.auto_field.column))
    return _Insert(f"{sql}{ending} RETURNING {number}", fields)


@contextmanager
def _changing(connection: BaseDatabaseWrapper) -> Iterator[Any]:
    """A cursor; a failure in it breaks the transaction, as one of the ORM's changes does."""
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        yield cursor


def _nothing_yet(connection: BaseDatabaseWrapper) -> dict[tuple[type[models.Model], bool], _Insert]:
    return {}


_inserts = _PerConnection(_nothing_yet)


def _adapted(value: Value, connection: BaseDatabaseWrapper) -> Any:
    """The value as the database's module takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
