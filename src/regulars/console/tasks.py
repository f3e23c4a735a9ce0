"""Background work of the console."""

from __future__ import annotations

from regulars.console import actions
from regulars.core.queue import task
from regulars.core.queue.backend import BULK


@task(priority=BULK, time_limit=3600)
def look_for_damage() -> None:
    """Compare what is stored with itself; owners hear of what is wrong."""
    actions.look_for_damage()
