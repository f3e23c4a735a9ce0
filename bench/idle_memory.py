"""How much memory an installation takes that does nothing, over all its processes.

    python bench/idle_memory.py [--write]

Starts `regulars up` with an empty data folder, opens the sign-in page and the health page once, so
that the web worker has loaded what it needs, waits half a minute, and reads the kernel's own
figures: USS is what would be free if the process ended, PSS counts shared pages by their share; the
sum of PSS is what all processes take together. Linux only. `--write` writes
docs/results/idle-memory.md.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "results" / "idle-memory.md"
IDLE_SECONDS = 30


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(Path(folder))
    total = sum(pss for _name, _uss, pss in lines)
    table = ["| process | USS, MB | PSS, MB |", "|---|---|---|"]
    table += [f"| {name} | {uss:.0f} | {pss:.0f} |" for name, uss, pss in lines]
    table.append(f"| **all together** | | **{total:.0f}** |")
    text = "\n".join(table)
    print(text)
    if "--write" in sys.argv:
        PAGE.write_text(page(text, total), "utf-8")


def page(table: str, total: float) -> str:
    day = dt.datetime.now(dt.UTC).date()
    return f"""# Idle memory

`python bench/idle_memory.py --write`, {day}, Python {platform.python_version()}, {os.cpu_count()}
cores, SQLite, one web worker and one background worker, an empty installation, half a minute after
the sign-in page was opened. The aim is 200 MB for all processes together; it is
{"met" if total <= 200 else "not met"}.

{table}

USS is what one process has for itself; PSS adds its share of what several use. The model that reads
comments is loaded when the first comment arrives, and stays in the background worker for as long as
that lives.
"""


def measure(folder: Path) -> list[tuple[str, float, float]]:
    port = free_port()
    environment = os.environ | {"REGULARS_DATA": str(folder), "REGULARS_PORT": str(port)}
    up = subprocess.Popen(
        [sys.executable, "-m", "regulars", "up"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for path in ("healthz", "account/login/", "readyz"):
            wait_for(f"http://localhost:{port}/{path}")
        time.sleep(IDLE_SECONDS)
        return [(name_of(pid), *figures(pid)) for pid in family(up.pid)]
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)


def wait_for(url: str) -> None:
    for _attempt in range(600):
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def name_of(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
    if "granian" in words:
        parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
        own = Path(f"/proc/{parent}/cmdline").read_bytes()
        return "web worker" if b"granian" in own else "web server's master"
    return "background worker" if " work" in words else "supervisor"


def figures(pid: int) -> tuple[float, float]:
    """USS and PSS in MB (10^6 bytes)."""
    values = {
        name: int(rest.split()[0]) * 1024 / 1e6
        for name, _colon, rest in (
            line.partition(":")
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        )
    }
    return values["Private_Clean"] + values["Private_Dirty"], values["Pss"]


if __name__ == "__main__":
    main()
