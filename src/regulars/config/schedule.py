"""All recurring work, listed once."""

from __future__ import annotations

from regulars.core.queue.schedule import Recurring

SCHEDULE: tuple[Recurring, ...] = ()
