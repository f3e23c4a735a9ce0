"""All recurring work, listed once."""

from __future__ import annotations

from regulars.core.queue.schedule import Every, Recurring
from regulars.mailing.tasks import deliver_due

SCHEDULE: tuple[Recurring, ...] = (
    Recurring("mailing.deliver", deliver_due, Every(1), "Hands over the messages that are due."),
)
