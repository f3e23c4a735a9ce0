"""What the database knows of its tables' sizes, by which it chooses how to look things up."""

from __future__ import annotations

from django.db import connection, models


def know(*tables: type[models.Model]) -> None:
    """After many rows were written at once, let PostgreSQL look at what the tables hold now.

    It does so by itself minutes later; until then it plans for empty tables, and a page that takes
    milliseconds takes seconds. SQLite finds its way by the indexes alone.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")
