"""Waiting one's turn on SQLite: brisk, bounded, and told when it was for nothing."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from regulars.core.waiting import take_turns


def opened(path: Path, *, patience: float) -> Any:
    """A connection as Django opens it, waiting as ours do."""
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    raw.execute("PRAGMA journal_mode=WAL")
    wrapper = SimpleNamespace(
        vendor="sqlite", connection=raw, settings_dict={"OPTIONS": {"timeout": patience}}
    )
    take_turns(None, wrapper)
    return raw


def test_who_waits_gets_the_turn_when_it_is_free(tmp_path: Path) -> None:
    holder, waiter = (opened(tmp_path / "x.sqlite3", patience=20) for _ in range(2))
    holder.execute("CREATE TABLE t (n INTEGER)")
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("INSERT INTO t VALUES (1)")
    timer = threading.Timer(0.05, lambda: holder.execute("COMMIT"))
    timer.start()
    waiter.execute("BEGIN IMMEDIATE")
    waiter.execute("INSERT INTO t VALUES (2)")
    waiter.execute("COMMIT")
    timer.join()
    assert waiter.execute("SELECT n FROM t ORDER BY n").fetchall() == [(1,), (2,)]


def test_patience_ends(tmp_path: Path) -> None:
    holder, waiter = (opened(tmp_path / "x.sqlite3", patience=0.02) for _ in range(2))
    holder.execute("BEGIN IMMEDIATE")
    for _ in range(2):  # the second wait is measured from its own beginning
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            waiter.execute("BEGIN IMMEDIATE")
    holder.execute("ROLLBACK")
    waiter.execute("BEGIN IMMEDIATE")


def test_another_engine_is_left_alone() -> None:
    take_turns(None, SimpleNamespace(vendor="postgresql", connection=object()))
