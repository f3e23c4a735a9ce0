"""Two transactions at once on PostgreSQL: the second begins while the first is still open."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction

ON_POSTGRESQL = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"
)


def two_at_once(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Run `second` beside `first`, which commits once `second` has to wait or is done."""

    def beside() -> None:
        try:
            second()
        finally:
            connection.close()

    other = Thread(target=beside)
    with transaction.atomic():
        first()
        other.start()
        while other.is_alive() and not _somebody_waits():
            other.join(0.01)
    other.join()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # A transaction keeps the list of connections that it has seen first, without newer ones.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])
