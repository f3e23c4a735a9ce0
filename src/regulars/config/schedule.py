"""All recurring work, listed once."""

from __future__ import annotations

from regulars.accounts.tasks import forget_what_ended
from regulars.core.queue.schedule import Every, Recurring
from regulars.mailing.tasks import deliver_due

SCHEDULE: tuple[Recurring, ...] = (
    Recurring("mailing.deliver", deliver_due, Every(1), "Hands over the messages that are due."),
    Recurring(
        "accounts.forget",
        forget_what_ended,
        Every(60),
        "Forgets sessions and counters of tries that are over.",
    ),
)
