"""A data folder that cannot be used is a sentence, not a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from regulars.config.folders import data_folder


def test_it_is_made_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path / "a" / "b"))

    assert data_folder("static") == tmp_path / "a" / "b" / "static"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("command", ["up", "check", "backup"])
def test_where_nothing_can_be_written_every_command_says_so(tmp_path: Path, command: str) -> None:
    file = tmp_path / "file"
    file.touch()

    done = subprocess.run(
        [sys.executable, "-m", "regulars", command],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
            "REGULARS_DATA": str(file / "data"),
            "REGULARS_PORT": "18431",
        },
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert done.stderr == (
        f"regulars: Nothing can be written to {file / 'data'} (Not a directory). "
        "Change its owner, or choose another folder with REGULARS_DATA.\n"
    )
