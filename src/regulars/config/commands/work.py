"""`regulars work`: one background worker, which also starts the recurring work."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click


@click.command()
def work() -> None:
    """Run background work until stopped. Several may run, on several machines."""
    import django

    django.setup()
    from regulars.core.queue import worker

    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.serve(stopping, between=_start_recurring)


def _start_recurring() -> None:
    from django.utils import timezone

    from regulars.business.queries import time_zone
    from regulars.config.schedule import SCHEDULE
    from regulars.core.queue.schedule import start_due

    start_due(SCHEDULE, now=timezone.now(), zone=time_zone())
