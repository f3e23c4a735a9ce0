"""Waiting one's turn to write on SQLite.

SQLite's own waiting sleeps longer with each try, up to a tenth of a second, while a transaction of
ours holds the file for a few milliseconds: under load most of an answer's time was spent asleep.
Asking again every two milliseconds costs next to nothing and takes the turn when it comes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

EACH_SECONDS = 0.002


def take_turns(sender: object, connection: Any, **kwargs: Any) -> None:
    """A receiver of `connection_created`: wait briskly, for as long as the settings say.

    The standard library's module offers no such waiting; there SQLite's own stays.
    """
    if connection.vendor != "sqlite" or not hasattr(connection.connection, "set_busy_handler"):
        return
    patience = connection.settings_dict["OPTIONS"].get("timeout", 5)
    connection.connection.set_busy_handler(_handler(patience))


def _handler(patience: float) -> Callable[[int], bool]:
    until = 0.0

    def ask_again(asked: int) -> bool:
        """Whether to try once more; `asked` counts from 0 for each wait."""
        nonlocal until
        now = time.monotonic()
        if asked == 0:
            until = now + patience
        if now >= until:
            return False
        time.sleep(EACH_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
        return True

    return ask_again
