"""Background work of the console."""

from __future__ import annotations

import logging

from regulars.accounts.models import Staff
from regulars.console import actions, demo
from regulars.core.queue import task
from regulars.core.queue.backend import BULK

log = logging.getLogger(__name__)


@task(priority=BULK, time_limit=3600)
def look_for_damage() -> None:
    """Compare what is stored with itself; owners hear of what is wrong."""
    actions.look_for_damage()


@task(max_attempts=2)
def load_demo(load: str, by: int | None) -> None:
    """Load the demo company for the person of row number `by`, unless it was left meanwhile."""
    person = None if by is None else Staff.objects.filter(pk=by).first()
    try:
        demo.go_on(load, by=person)
    except demo.DemoError as error:
        log.info("The demo company is not loaded: %s", error)
