"""Runs the project's checks and tests and counts them; `bin/test` and `.ci/run` call it.

python tools/tiers.py             the checks of each commit (tier T1)
python tools/tiers.py --longer    the same, then the tests marked “longer”

The last line is “N passed, N failed, N skipped”; each check that is no pytest run counts as one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import postgresql  # noqa: E402  (the path is made above)

BIN = Path(sys.executable).parent
WORKERS = "2"
# A test that hangs says where, and costs one test instead of the whole run. Seconds; the longest
# test takes about four minutes on two busy cores, the longest run about fifteen.
TEST_ENDS_AFTER = 900
RUN_ENDS_AFTER = 2700
MOST_BY_CHANCE = 12  # where more tests fail, it is not because the machine was busy
CHECKS: dict[str, list[str]] = {
    "ruff": [f"{BIN}/ruff", "check", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "types": [f"{BIN}/mypy"],
    "imports": [f"{BIN}/lint-imports", "--no-cache"],
    "migrations": [
        *[sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
        *["--settings", "tests.settings"],
    ],
    "translations": [sys.executable, "tools/messages.py", "check"],
    "status": [sys.executable, "tools/status.py", "--check"],
}


@dataclass
class Count:
    """What was run so far."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def main() -> int:
    count = Count()
    with tempfile.TemporaryDirectory(prefix="regulars-test-") as folder:
        run_all(count, Path(folder))
    for name in count.broken:
        print(f"FAILED: {name}")
    print(count.line(), flush=True)
    return 1 if count.failed else 0


def run_all(count: Count, folder: Path) -> None:
    for name, command in CHECKS.items():
        check(name, command, count, folder)
    for engine in ("sqlite", "postgresql"):
        pytest(engine, "not longer and not by_hand", count, folder)
    if "--longer" in sys.argv:  # its races and kills choose both engines themselves
        pytest("sqlite", "longer and not by_hand", count, folder)
        pytest("postgresql", "longer and not by_hand", count, folder, "tests/api")


def check(name: str, command: list[str], count: Count, folder: Path) -> None:
    began = time.monotonic()
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=environment("sqlite", folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode:
        print(run.stdout)
        count.failed += 1
        count.broken.append(name)
    else:
        count.passed += 1
    state = "failed" if run.returncode else "passed"
    print(f"== {name}: {state} in {time.monotonic() - began:.1f} s", flush=True)


def pytest(engine: str, tier: str, count: Count, folder: Path, *paths: str) -> None:
    """One pytest run; on PostgreSQL only the tests that use the database."""
    name = f"pytest -m “{tier}” on {engine}"
    began = time.monotonic()
    report = folder / f"{engine}-{tier}.xml"
    failed = report.with_suffix(".failed")
    command = [sys.executable, "-m", "pytest", "-q", "-m", tier]
    command += ["-o", "junit_logging=no", f"--timeout={TEST_ENDS_AFTER}"]
    if engine == "postgresql":
        command.append("--database-only")
    environ = environment(engine, folder)
    outputs = [f"--junit-xml={report}", "-p", "tests.failed", f"--failed-to={failed}"]
    status = status_of([*command, *outputs, "-n", WORKERS, *paths], environ)
    add_report(report, count)
    tests = failed.read_text(encoding="utf-8").splitlines() if failed.exists() else []
    if status == 1 and 0 < len(tests) <= MOST_BY_CHANCE:
        status = again_alone([*command, "-n", "0", "-p", "no:randomly"], tests, environ, count)
    # 5: nothing was collected, which is fine for a tier that has no test yet
    if status not in {0, 5}:
        count.broken.append(name)
        if status != 1:
            count.failed += 1
    print(f"== {name}: ended in {time.monotonic() - began:.1f} s", flush=True)


def again_alone(command: list[str], tests: list[str], environ: dict[str, str], count: Count) -> int:
    """Run each test that failed once more, alone, and say which passes only so.

    Races and kills depend on how busy the machine is; a test that fails alone too has failed.
    """
    passed = [one for one in tests if status_of([*command, one], environ, TEST_ENDS_AFTER) == 0]
    count.failed -= len(passed)
    count.passed += len(passed)
    for test in passed:
        print(f"== failed at first and passed alone: {test}", flush=True)
    return 0 if len(passed) == len(tests) else 1


def status_of(command: list[str], environ: dict[str, str], seconds: float = RUN_ENDS_AFTER) -> int:
    """Run to the end or for so many seconds; then it ends with all that it started, status 124."""
    run = subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True)
    try:
        return run.wait(seconds)
    except subprocess.TimeoutExpired:
        print(f"== did not end within {seconds:g} s and was ended", flush=True)
        return 124
    finally:  # also where somebody presses Ctrl-C
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()


def add_report(report: Path, count: Count) -> None:
    if not report.exists():
        return
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        count.failed += failed
        count.skipped += skipped
        count.passed += max(int(suite.get("tests", 0)) - failed - skipped, 0)


def environment(engine: str, folder: Path) -> dict[str, str]:
    """What the child sees: this environment without REGULARS_ settings, and the tests' own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGULARS_")}
    kept["REGULARS_DATA"] = kept["REGULARS_TEST_DATA"] = str(folder / engine)
    kept["REGULARS_TEST_ENGINE"] = engine
    kept[postgresql.ADDRESS] = postgresql.server_url()
    kept["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return kept


if __name__ == "__main__":
    sys.exit(main())
