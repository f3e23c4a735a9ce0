"""tools/setup.sh: what bin/up finds broken it makes anew, and what is whole it leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands in for uv: makes an environment, or refuses to make it over another, as uv does.
UV = """#!/usr/bin/env bash
set -eu
echo "$*" >> calls
[ "$1" = venv ] || exit 0
case " $* " in *" --clear "*) rm -rf .venv ;; esac
if [ -e .venv ]; then echo "already exists" >&2; exit 2; fi
"$5" -m venv --without-pip .venv
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of the project as the set-up reads."""
    made = tmp_path / "clone"
    for folder in (".tools/bin", "tools", "requirements"):
        (made / folder).mkdir(parents=True)
    for file in ("pyproject.toml", "tools/setup.sh", "tools/build_hook.py"):
        shutil.copy(ROOT / file, made / file)
    for file in (ROOT / "requirements").glob("*.txt"):
        shutil.copy(file, made / "requirements")
    shutil.copy(ROOT / "requirements/uv.txt", made / ".tools/uv.txt")
    (made / "tools/messages.py").touch()
    uv = made / ".tools/bin/uv"
    uv.write_text(UV)
    uv.chmod(0o755)
    return made


def set_up(clone: Path, kind: str = "app") -> list[str]:
    """Set up; what uv was asked for, each call by its first words."""
    calls = clone / "calls"
    calls.unlink(missing_ok=True)
    script = f"set -euo pipefail; . tools/setup.sh; set_up {kind}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=clone, capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    subprocess.run([clone / ".venv/bin/python", "-c", ""], check=True)
    asked = calls.read_text().splitlines() if calls.exists() else []
    return [" ".join(call.split()[:2]).removesuffix(" --quiet") for call in asked]


INSTALLED = ["pip sync", "pip install"]
ALL = ["venv", *INSTALLED]


def test_what_is_whole_is_left(clone: Path) -> None:
    assert [set_up(clone), set_up(clone)] == [ALL, []]


def test_the_tools_for_development_hold_the_application(clone: Path) -> None:
    assert [set_up(clone), set_up(clone, "dev"), set_up(clone)] == [ALL, INSTALLED, []]


def test_what_is_asked_for_anew_is_installed(clone: Path) -> None:
    set_up(clone)
    with (clone / "requirements/app.txt").open("a") as file:
        file.write("# more\n")

    assert set_up(clone) == INSTALLED


def test_a_python_that_is_gone(clone: Path) -> None:
    """As after an upgrade of the system."""
    set_up(clone)
    for python in (clone / ".venv/bin").glob("python*"):
        python.unlink()
        python.symlink_to("/gone/python")

    assert [set_up(clone), set_up(clone)] == [ALL, []]


def test_another_python_than_the_packages_are_for(clone: Path) -> None:
    set_up(clone)
    (lib,) = (clone / ".venv/lib").iterdir()
    lib.rename(lib.with_name("python3.1"))

    assert set_up(clone) == ALL


def test_one_that_was_half_made(clone: Path) -> None:
    (clone / ".venv").mkdir()

    assert set_up(clone) == ALL


def test_an_installation_that_was_broken_off_goes_on(clone: Path) -> None:
    set_up(clone)
    (clone / ".venv/regulars-set-up").unlink()

    assert set_up(clone) == INSTALLED


def test_a_clone_that_was_moved(clone: Path) -> None:
    set_up(clone)
    moved = clone.rename(clone.with_name("elsewhere"))

    assert [set_up(moved), set_up(moved)] == [ALL, []]


def test_one_that_is_reached_by_a_link_stays(clone: Path) -> None:
    set_up(clone)
    link = clone.with_name("link")
    link.symlink_to(clone)

    assert set_up(link) == []
