"""Places where a test may let the process die, as a power cut would."""

from __future__ import annotations

import os


def crash_point(name: str) -> None:
    """End this process at once, without clean-up, when REGULARS_CRASH_AT names this place.

    Only a test's environment sets the variable. `name@2` dies at the second passage, and so on.
    """
    wanted = os.environ.get("REGULARS_CRASH_AT")
    if not wanted:
        return
    place, _, passage = wanted.partition("@")
    if place != name:
        return
    _passages[name] = _passages.get(name, 0) + 1
    if _passages[name] >= int(passage or 1):
        os._exit(9)


_passages: dict[str, int] = {}
