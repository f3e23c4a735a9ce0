"""Background work of insight."""

from __future__ import annotations

from regulars.core.queue import task
from regulars.insight import actions


@task(in_transaction=True)
def write_monday_mails() -> None:
    """Queue the Monday mail for owners and managers."""
    actions.send_monday_mails()
