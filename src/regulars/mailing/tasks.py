"""Background work of mailing."""

from __future__ import annotations

from regulars.core.queue import task
from regulars.core.queue.backend import URGENT
from regulars.mailing import actions, delivery


@task(priority=URGENT, time_limit=300)
def deliver_due() -> None:
    """Hand over what is due; when there is more than one run takes, another follows."""
    if delivery.deliver().more:
        actions.wake()
