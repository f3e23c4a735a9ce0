"""How long a fresh clone takes until it serves and until it is tested.

    python bench/from_a_clone.py          `bin/up` until the claim link is printed
    python bench/from_a_clone.py --test   the same, then `bin/test` in a second clone
    python bench/from_a_clone.py --demo   only how long the demo company takes to load

Writes docs/results/from-a-clone.md. The package cache of this machine is warm; nothing else is
shared with the clones. Without --test the last measured line on `bin/test` is kept.
"""

from __future__ import annotations

import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "docs" / "results" / "from-a-clone.md"
HEADING = "## The demo company"


def clone(folder: Path) -> Path:
    target = folder / "regulars"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(target)], check=True)
    return target


def environment() -> dict[str, str]:
    """This machine's, without this program's own virtual environment and settings."""
    own = str(Path(sys.executable).parent)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("REGULARS_")}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    kept["PATH"] = os.pathsep.join(p for p in kept["PATH"].split(os.pathsep) if p != own)
    return kept


def up(target: Path) -> float:
    """Seconds from the command to the printed claim link."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    process = subprocess.Popen(
        ["bin/up", "--port", str(port)],
        cwd=target,
        env=environment() | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if "/claim/" in line:
            break
    else:
        raise SystemExit("".join(printed))
    took = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return took


def test(target: Path) -> tuple[float, str]:
    """Seconds of `bin/test` and its closing count."""
    began = time.monotonic()
    done = subprocess.run(
        ["bin/test"], cwd=target, env=environment(), stdout=subprocess.PIPE, text=True
    )
    took = time.monotonic() - began
    if done.returncode:
        raise SystemExit(done.stdout[-5000:])
    return took, done.stdout.splitlines()[-1]


DEMO = """
import time
from regulars.config import boot
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.db import connection
from regulars.accounts.models import Role, Staff, StaffRole
from regulars.console import demo
from regulars.feedback.models import Feedback
owner = Staff.objects.create_user("owner@example.com", "a long enough word", name="Olga")
StaffRole.objects.create(staff=owner, role=Role.OWNER)
held, since = [], 0.0
begin, commit = connection._start_transaction_under_autocommit, connection._commit
def begun():
    global since
    begin()
    since = time.process_time()
def committed():
    commit()
    held.append(time.process_time() - since)
connection._start_transaction_under_autocommit, connection._commit = begun, committed
used, clock = time.process_time(), time.monotonic()
demo.begin(by=owner)
used, clock = time.process_time() - used, time.monotonic() - clock
print(used, clock, len(held), max(held), Feedback.objects.exclude(text="").count())
"""


def demo() -> str:
    """The section on the demo company, measured in a fresh folder on SQLite."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", DEMO],
            cwd=ROOT,
            env=environment()
            | {
                "PYTHONPATH": str(ROOT / "src"),
                "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
                "REGULARS_DATA": folder,
            },
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    used, clock, transactions, longest, comments = done.stdout.split()[-5:]
    return "\n".join(
        [
            HEADING,
            "",
            "`python bench/from_a_clone.py --demo`: 400 customers, three months of purchases,",
            "six of answers, cases, vouchers, thanks; SQLite in a fresh folder. Aims: 20 s of",
            "processor time, no transaction above about 1 s of it.",
            "",
            "| what | measured |",
            "|---|---|",
            f"| processor time | {float(used):.1f} s |",
            f"| by the clock | {float(clock):.1f} s |",
            f"| transactions | {transactions} |",
            f"| the longest of them, processor time | {float(longest):.2f} s |",
            f"| comments read afterwards in the background | {comments} |",
            "",
            f"{datetime.now(UTC).date()}; load at the start {load:.1f}.",
            "",
        ]
    )


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    if "--demo" in sys.argv:
        text = RESULT.read_text(encoding="utf-8").partition(HEADING)[0] + demo()
        RESULT.write_text(text, encoding="utf-8")
        print(text)
        return
    load = os.getloadavg()[0]
    lines = {}
    with tempfile.TemporaryDirectory() as folder:
        target = clone(Path(folder))
        first = up(target)
        used = processor_seconds()
        again = up(target)
        lines["`bin/up` in a fresh clone, until the claim link is printed"] = (
            f"{first:.0f} s ({used:.0f} s of one processor)"
        )
        lines["`bin/up` again, nothing to set up"] = f"{again:.0f} s"
    kept = [line for line in _old() if line.startswith("| `bin/test`")]
    if "--test" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            took, count = test(clone(Path(folder)))
        kept = [f"| `bin/test` in a fresh clone ({count}) | {took / 60:.1f} min |"]
    rows = [f"| {name} | {value} |" for name, value in lines.items()] + kept
    text = "\n".join(
        [
            "# From a fresh clone",
            "",
            "`python bench/from_a_clone.py --test`; the package cache is warm. Aim: `bin/up` in",
            "60 seconds on two processors.",
            "",
            "| what | time |",
            "|---|---|",
            *rows,
            "",
            f"Machine: {platform.machine()}, {os.cpu_count()} processors, {platform.system()}, "
            f"Python {platform.python_version()}; load at the start {load:.1f}.",
            "",
        ]
    )
    text += "\n" + (HEADING + RESULT.read_text(encoding="utf-8").partition(HEADING)[2])
    RESULT.write_text(text, encoding="utf-8")
    print(text)


def _old() -> list[str]:
    return RESULT.read_text(encoding="utf-8").splitlines() if RESULT.exists() else []


if __name__ == "__main__":
    main()
