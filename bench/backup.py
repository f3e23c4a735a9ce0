"""How long a backup of a large installation takes, and bringing it back.

    REGULARS_DATA=/folder/of/a/large/installation python bench/backup.py [--write]

Makes a backup with the command as an owner types it, restores it with every check into a folder
that is thrown away, and tells time and the largest memory of the commands. Any installation will
do; `python bench/pages.py` fills one with a million customers. `--write` writes
docs/results/backup.md.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "results" / "backup.md"


@dataclass(frozen=True)
class Run:
    """What a command took; memory in MB."""

    seconds: float
    processor: float
    memory: float


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=settings.DATA) as name:
        folder = Path(name)
        made = timed("backup", str(folder / "backups"))
        (file,) = (folder / "backups").iterdir()
        empty = folder / "restored"
        empty.mkdir(mode=0o700)
        shutil.copy(settings.DATA / "secrets.json", empty)
        restored = timed("restore", str(file), REGULARS_DATA=str(empty))
        size = sum(path.stat().st_size for path in empty.glob("*.sqlite3"))
        text = page(size, file.stat().st_size, made, restored, load)
    print(text)
    if "--write" in sys.argv:
        PAGE.write_text(text, "utf-8")


def timed(*command: str, **variables: str) -> Run:
    """Run `regulars …` to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "regulars", *command], env=os.environ | variables, check=True
    )
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, processor, after.ru_maxrss / 1000)


def page(size: int, packed: int, made: Run, restored: Run, load: float) -> str:
    """The page of results."""
    day = dt.datetime.now(dt.UTC).date()
    rows = "\n".join(
        f"| {name} | {run.seconds:.0f} s | {run.processor:.0f} s | {run.memory:.0f} MB |"
        for name, run in (("`regulars backup`", made), ("`regulars restore`", restored))
    )
    fast = restored.seconds * 1e9 / size <= 15 * 60
    return f"""# Backing up a large installation

`python bench/backup.py --write`, {day}, Python {platform.python_version()}, {os.cpu_count()} cores,
load at the start {load:.1f}. SQLite, a database of {size / 1e9:.2f} GB, which gives a backup of
{packed / 1e9:.2f} GB. The restore compares every file with its SHA-256, has SQLite check itself and
its references, and counts the rows of every table. The aim is 15 minutes for 1 GB; it is
{"met" if fast else "not met"}.

| what | time | processor time | largest memory so far |
|---|---|---|---|
{rows}

Others read and write while the backup is made. The memory counts up to 1 GB of the database file
that SQLite reads through the system's own cache, which takes it back when others need it.
"""


if __name__ == "__main__":
    main()
