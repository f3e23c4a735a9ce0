"""Whether what is stored still agrees with itself: asked every night, so that damage is noticed.

Each package registers in its `soundness.py` what it can compare:

    @soundness.check("surveys.counts", says=_("Answers and their counts do not agree."))
    def counts() -> list[str]: ...

A check reads, returns one technical line for each fault (none: sound), and mends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.core import triggers
from regulars.core.clock import now
from regulars.core.models import InstallationState

Find = Callable[[], list[str]]
AT_MOST = 20  # lines kept of one check


@dataclass(frozen=True)
class Check:
    """One thing to compare; `says` tells a shop owner what it means that it failed."""

    name: str
    says: str | Promise
    find: Find


@dataclass(frozen=True)
class Fault:
    """A check that failed, in the reader's words and in technical lines."""

    name: str
    says: str | Promise
    lines: list[str]


_checks: dict[str, Check] = {}


def check(name: str, *, says: str | Promise) -> Callable[[Find], Find]:
    """Register a check under a name of its own."""

    def register(find: Find) -> Find:
        _checks[name] = Check(name, says, find)
        return find

    return register


def registered() -> list[str]:
    """The names of all checks."""
    return sorted(_checks)


def look() -> list[Fault]:
    """Run every check. One that cannot read its rows has found a fault."""
    return [
        Fault(name, one.says, lines[:AT_MOST])
        for name, one in sorted(_checks.items())
        if (lines := _lines(one))
    ]


def look_and_note() -> list[Fault]:
    """Run every check and keep what was found with the installation's state."""
    faults = look()
    InstallationState.objects.update(
        audited_at=now(), faults={fault.name: fault.lines for fault in faults}
    )
    return faults


def noted() -> list[Fault]:
    """What the last look found."""
    kept: dict[str, Any] = InstallationState.objects.values_list("faults", flat=True).get()
    return [
        Fault(name, _checks[name].says if name in _checks else name, lines)
        for name, lines in sorted(kept.items())
    ]


def _lines(one: Check) -> list[str]:
    try:
        with transaction.atomic():  # so that PostgreSQL goes on after a failed statement
            return one.find()
    except DatabaseError as error:
        return [" ".join(str(error).split())[:300]]


@check(
    "core.engine",
    says=_(
        "The database is damaged. Please stop Regulars, keep the damaged file, and restore the "
        "last backup."
    ),
)
def engine() -> list[str]:
    """SQLite reads every page and every reference; PostgreSQL every index where it has amcheck."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(20)")
            said = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
            cursor.execute("PRAGMA foreign_key_check")
            return said + [f"{row[0]} {row[1]} points to nothing" for row in cursor.fetchall()]
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
        if cursor.fetchone() is None:
            return []
        cursor.execute(
            "SELECT bt_index_check(index => c.oid, heapallindexed => i.indisprimary) "
            "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_am am ON am.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE am.amname = 'btree' AND n.nspname = 'public' "
            "AND c.relpersistence <> 't' AND i.indisready AND i.indisvalid"
        )
    return []


@check(
    "core.history",
    says=_("What protects the history from being changed is missing. Please run: regulars migrate"),
)
def history() -> list[str]:
    """The triggers of the append-only tables are there."""
    return sorted({trigger.table for trigger in triggers.missing(connection)})
