"""Background work about customers."""

from __future__ import annotations

from regulars.core.queue import task
from regulars.customers.actions import standings


@task
def refresh_standings() -> None:
    """Kinds of customers change as days pass."""
    standings.refresh_all()
