"""How fast `regulars import` takes the CDNOW log, alone and while somebody else writes.

    python bench/import_cdnow.py

Writes docs/results/import.md. Where `django-import-export` and `tablib` can be imported, the same
file goes through them in the same run (`bench/import_rival.py`). The log comes with the package
`lifetimes`: 69,659 purchases of 23,570 customers. The writer stands for customers who answer: one
small transaction after another.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WRITER = """
import sys, time
import django; django.setup()
from pathlib import Path
from django.db import transaction
from regulars.core.models import AuditEntry
stop, waits = Path(sys.argv[1]), []
while not stop.exists():
    began = time.monotonic()
    with transaction.atomic():
        AuditEntry.objects.create(action="bench.write")
    waits.append(time.monotonic() - began)
    time.sleep(0.02)
waits.sort()
print(len(waits), waits[len(waits) // 2], waits[int(len(waits) * 0.95)], waits[-1])
"""


def cdnow() -> Path:
    """The log, found without importing its package."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"


def installation(folder: Path) -> dict[str, str]:
    """A fresh one, as environment variables."""
    environment = os.environ | {
        "REGULARS_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
        "PYTHONPATH": str(ROOT / "src"),
        "REGULARS_LOG_LEVEL": "ERROR",
    }
    environment.pop("REGULARS_DATABASE_URL", None)
    subprocess.run([sys.executable, "-m", "regulars", "migrate"], env=environment, check=True)
    return environment


def rival() -> str:
    """A row of the table for `django-import-export`; empty where it is not installed."""
    if importlib.util.find_spec("import_export") is None:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, str(ROOT / "bench" / "import_rival.py"), str(cdnow()), folder],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    took, busy, loaded, memory = json.loads(done.stdout.splitlines()[-1])
    each = f"{took:.1f} | {busy:.1f} | {loaded / took:,.0f} | {memory:.0f}"
    return f"| `django-import-export` | {each} |"


def load(environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds by the clock and of the processor for the whole command, and its most memory in MB.

    The processor's seconds include those of the process that unpacks the file.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "regulars", "import", str(cdnow()), "--kind", "purchases"),
            *("--source", "cdnow", "--currency", "USD", "--yes"),
        ],
        env=environment,
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Measure and write down."""
    with tempfile.TemporaryDirectory() as folder:
        environment = installation(Path(folder))
        first, first_cpu, memory = load(environment)
        again, again_cpu, _memory = load(environment)
    with tempfile.TemporaryDirectory() as folder:
        environment = installation(Path(folder))
        stop = Path(folder) / "stop"
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(stop)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        beside, beside_cpu, _memory = load(environment)
        stop.touch()
        told = writer.communicate(timeout=60)[0].split()
    writes, median, p95, longest = int(told[0]), *(float(part) * 1000 for part in told[1:])
    load_average = os.getloadavg()[1]
    other = rival()
    text = f"""# Importing the CDNOW log

69,659 purchases of 23,570 customers from one text file, by `regulars import … --yes` into a fresh
SQLite installation, the whole command from start to end. Made by `python bench/import_cdnow.py`.

| | seconds | processor seconds | purchases/s | MB |
|---|---|---|---|---|
| first time | {first:.1f} | {first_cpu:.1f} | {69_659 / first:,.0f} | {memory:.0f} |
| the same file again (nothing changes) | {again:.1f} | {again_cpu:.1f} | | |
| while somebody else writes | {beside:.1f} | {beside_cpu:.1f} | {69_659 / beside:,.0f} | |
{other}

The other writer made {writes:,} transactions meanwhile: median {median:.0f} ms, 95 % within
{p95:.0f} ms, the longest {longest:.0f} ms.

`django-import-export` is given the easier task: two plain tables without documents of its own, no
questions about dates and numbers, no rejected rows, no undo, no going on after a kill, one long
transaction in which nobody else can write; it runs in its fastest documented way (`use_bulk`,
batches of 1,000, `skip_diff`, customers looked up in memory). MB is the most that the largest
process held.

Machine: {platform.machine()}, {os.cpu_count()} processors, {platform.system()}, Python
{platform.python_version()}; load average of the last five minutes {load_average:.1f} (above 2 means
that other work ran beside it: then the processor's seconds are what counts, and they too come out
higher than on a quiet machine).
"""
    target = ROOT / "docs" / "results" / "import.md"
    target.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
