"""Keys are brought back only while nothing runs, and none is lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from regulars.config import secrets
from regulars.config.commands.secrets import secrets as command
from regulars.config.supervisor import sole_supervisor


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def keys(folder: Path, name: str) -> tuple[secrets.Secrets, Path]:
    made = secrets.Secrets(name, (Fernet.generate_key().decode(),))
    secrets.write(folder / name, made)
    return made, folder / name


def brought_back(file: Path) -> Result:
    return CliRunner().invoke(command, ["import", str(file)])


def test_each_import_keeps_the_keys_it_replaces(data: Path, tmp_path: Path) -> None:
    made = [keys(tmp_path, name) for name in ("first", "second", "third")]

    for _content, file in made:
        assert brought_back(file).exit_code == 0
    assert "already" in brought_back(made[-1][1]).output

    kept = ("secrets.json.before-import", "secrets.json.before-import-2", "secrets.json")
    assert [secrets.parse((data / name).read_text()) for name in kept] == [one for one, _ in made]
    assert {(data / name).stat().st_mode & 0o777 for name in kept} == {0o600}


def test_not_while_it_runs(data: Path, tmp_path: Path) -> None:
    _content, file = keys(tmp_path, "first")

    with sole_supervisor(data):
        done = brought_back(file)

    assert (done.exit_code, "Stop it first" in done.output) == (1, True)
    assert not (data / "secrets.json").exists()
