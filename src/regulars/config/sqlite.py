"""The SQLite that Django gets: the one from the `pysqlite3` wheel, newer than the system's.

SQLite before 3.51.3 has a rare fault in write-ahead logging. The alias must stand before Django
imports its database backend, so the settings call it first.
"""

from __future__ import annotations

import sys

FIXED_VERSION = (3, 51, 3)


def use_recent_sqlite() -> None:
    """Let `import sqlite3` give the wheel's library; the standard library's stays as fallback."""
    if "pysqlite3" in sys.modules:
        return
    try:
        import pysqlite3
        import pysqlite3.dbapi2
    except ImportError:
        return
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2


def has_wal_fault() -> bool:
    """Whether the SQLite in use is older than the version that mends write-ahead logging."""
    import sqlite3

    return sqlite3.sqlite_version_info < FIXED_VERSION
