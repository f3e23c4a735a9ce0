"""Locks by name, for what no row stands for. They last until the transaction ends.

On SQLite a transaction that writes is alone anyway, so there nothing is done.
"""

from __future__ import annotations

import hashlib

from django.db import connection


def wait_for(name: str) -> None:
    """Take the lock `name`, once whoever holds it is done. Inside `transaction.atomic()`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number_of(name)])


def take(name: str) -> bool:
    """Take the lock `name` unless somebody else holds it; whether it was taken."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number_of(name)])
        return bool(cursor.fetchone()[0])


def _number_of(name: str) -> int:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], signed=True)
