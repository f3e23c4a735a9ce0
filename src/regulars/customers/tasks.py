"""Background work about customers."""

from __future__ import annotations

from regulars.core.queue import task
from regulars.customers.actions import erasing, standings


@task
def refresh_standings() -> None:
    """Kinds of customers change as days pass."""
    standings.refresh_all()


@task
def keep_erasure_journal() -> None:
    """A line that a crash kept from the journal is written later."""
    erasing.write_journal()
