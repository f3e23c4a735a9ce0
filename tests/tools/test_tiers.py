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


def test_only_what_passes_alone_is_forgiven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "alone.py"
    alone.write_text("import sys\nsys.exit(sys.argv[1] != 'unlucky')\n")
    count = tiers.Count(passed=5, failed=2)

    status = tiers.again_alone(
        [sys.executable, str(alone)], ["unlucky", "broken"], dict(os.environ), count
    )

    assert (status, count.line()) == (1, "6 passed, 1 failed, 0 skipped")
    assert "failed at first and passed alone: unlucky" in capsys.readouterr().out
    assert tiers.again_alone([sys.executable, str(alone)], ["unlucky"], {}, count) == 0


FAILS_IN_A_SUBTEST = """
def test_fine(): pass
def test_with_parts(subtests):
    for part in (1, 2):
        with subtests.test(part=part):
            assert part == 1
"""


def test_what_failed_is_named_also_with_subtests(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(FAILS_IN_A_SUBTEST)
    named = tmp_path / "failed"
    run = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--rootdir={tiers.ROOT}"]
    run += ["-c", f"{tiers.ROOT}/pyproject.toml", f"--failed-to={named}", "-p", "tests.failed"]

    assert tiers.status_of([*run, str(tmp_path)], tiers.environment("sqlite", tmp_path)) == 1
    assert [name.rpartition("::")[2] for name in named.read_text().splitlines()] == [
        "test_with_parts"
    ]


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
