"""From `REGULARS_DATABASE_URL` to Django's database settings, the same promises on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # The journal is written back every 16 MB, not every 4: others have to wait less often.
    # Reading through the mapped file spares a call of the system for each page.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;"
    "PRAGMA mmap_size=1073741824; PRAGMA wal_autocheckpoint=4000;",
}


def database_settings(url: str, *, folder: Path) -> dict[str, Any]:
    """Django's settings for `url`; an empty one means a SQLite file in `folder`.

    SQLite runs in write-ahead mode, writes through to the disk at each commit, and takes the
    write lock when a transaction begins: the one combination under which eight processes neither
    overspend nor fail with “database is locked”.
    """
    if not url or url.startswith("sqlite"):
        name = Path(unquote(urlsplit(url).path)) if url else folder / "regulars.sqlite3"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": SQLITE_OPTIONS,
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or dict(parse_qsl(parts.query)).get("host", "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": {k: v for k, v in parse_qsl(parts.query) if k != "host"},
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
