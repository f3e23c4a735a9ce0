"""Background work of backups."""

from __future__ import annotations

from regulars.config.backup import nightly
from regulars.core.queue import task
from regulars.core.queue.backend import BULK


@task(priority=BULK, time_limit=4 * 3600)
def back_up() -> None:
    """Write the backup of this night."""
    nightly.back_up()
