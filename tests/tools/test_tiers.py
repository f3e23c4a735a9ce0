"""What runs the tests ends what hangs, with everything that it started."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tools import tiers

HANGS = (
    "import pathlib, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
    "time.sleep(600)\n"
)


def test_a_run_that_hangs_is_ended_with_what_it_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "pid"

    status = tiers.status_of([sys.executable, "-c", HANGS, str(note)], dict(os.environ), 5)

    assert status == 124
    assert "did not end within 5 s" in capsys.readouterr().out
    assert _is_gone(int(note.read_text()))


def test_a_run_that_ends_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    ends = [sys.executable, "-c", "raise SystemExit(7)"]

    assert tiers.status_of(ends, dict(os.environ)) == 7
    assert not capsys.readouterr().out


def _is_gone(pid: int) -> bool:
    """Also where nobody has asked for its last word yet."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z"):
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False
