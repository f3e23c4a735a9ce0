"""Writes docs/develop/moments.md: the kinds of moments, who reacts to them, recurring work.

python tools/moments_page.py            write the page
python tools/moments_page.py --check    exit status 1 when it is stale
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "develop" / "moments.md"

INTRODUCTION = """\
# Moments and recurring work

A moment is something that happened, written in the transaction of the change itself; the
customer's history, reactions of other packages and webhooks are readings of it. This page is
written by `python tools/moments_page.py`; do not edit it.
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
        os.environ["REGULARS_DATA"] = folder
        sys.path.insert(0, str(ROOT / "src"))
        import django

        django.setup()
        page = written_page()
    if "--check" in sys.argv:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
        print("current" if current else "stale: run python tools/moments_page.py")
        return 0 if current else 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


def written_page() -> str:
    """The page. Django must be set up."""
    return INTRODUCTION + kinds_table() + schedule_table()


def kinds_table() -> str:
    from regulars.core.moments import KINDS

    rows = [
        row([f"`{kind}`", sentence(payload), fields(payload), reactions(kind)])
        for kind, payload in sorted(KINDS.items())
        if payload.__module__.startswith("regulars.")
    ]
    head = "\n## Kinds\n\n| kind | when | holds | reactions |\n|---|---|---|---|\n"
    return head + "".join(rows)


def schedule_table() -> str:
    from regulars.config.schedule import SCHEDULE

    rows = [
        row([f"`{entry.name}`", str(entry.does), rhythm(entry.when)])
        for entry in sorted(SCHEDULE, key=lambda entry: entry.name)
    ]
    head = "\n## Recurring work\n\n| name | what it does | when |\n|---|---|---|\n"
    return head + "".join(rows)


def sentence(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def fields(payload: Any) -> str:
    return ", ".join(f"`{name}`" for name in payload.model_fields)


def reactions(kind: str) -> str:
    from regulars.core.moments import REACTIONS

    found = [r for r in REACTIONS.values() if r.kind == kind and is_ours(r.run)]
    return ", ".join(f"`{reaction.name}`" for reaction in sorted(found, key=lambda r: r.name))


def is_ours(function: Any) -> bool:
    return str(function.__module__).startswith("regulars.")


def rhythm(when: Any) -> str:
    from regulars.core.queue.schedule import Daily, Every, Weekly

    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    if isinstance(when, Every):
        return f"every {when.minutes} minutes"
    if isinstance(when, Daily):
        return f"each day at {when.at:%H:%M}"
    if isinstance(when, Weekly):
        return f"each {days[when.weekday]} at {when.at:%H:%M}"
    raise TypeError(f"{when} has no rhythm that this page knows")


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.exit(main())
