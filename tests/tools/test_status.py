from __future__ import annotations

from pathlib import Path

import pytest

from tools import status

IDS = '["Know"]\nK1 = "Customers"\nK2 = "Sales"\nK3 = "Buyers"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "docs" / "status"
    folder.mkdir(parents=True)
    (folder / "ids.toml").write_text(IDS)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text("def test_one() -> None: ...\n")
    monkeypatch.setattr(status, "ROOT", tmp_path)
    monkeypatch.setattr(status, "FOLDER", folder)
    monkeypatch.setattr(status, "PAGE", tmp_path / "docs" / "status.md")
    return folder


def test_the_worst_state_counts_and_every_id_is_listed(folder: Path) -> None:
    (folder / "a.toml").write_text(
        '[K1]\nstate = "works"\ntest = "tests/test_x.py::test_one"\n'
        '[K2]\nstate = "works"\ntest = "tests/test_x.py::test_one"\n'
    )
    (folder / "b.toml").write_text('[K2]\nstate = "partly"\nmissing = "No API yet."\n')

    page = status.written_page()

    assert list(status.faults_of(status.rows())) == []
    assert page.split("\n")[-5:] == [
        "|---|---|---|---|---|",
        "| K1 | Customers | works | [test_one](../tests/test_x.py) |  |",
        "| K2 | Sales | partly | [test_one](../tests/test_x.py) | No API yet. |",
        "| K3 | Buyers | not yet |  |  |",
        "",
    ]
    assert status.summary() == "Of 3: 1 works, 1 partly, 1 not yet."


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("[K9]\n", "is not an id of ids.toml"),
        ('[K1]\nstate = "done"\n', "state is “done”, but it may be: not yet, partly, works"),
        ('[K1]\nstate = "works"\n', "works, but names no test"),
        ('[K1]\nstate = "partly"\n', "works partly, but does not say what is missing"),
        (
            '[K1]\nstate = "partly"\nmissing = "x"\ntest = "tests/test_x.py::test_two"\n',
            "names tests/test_x.py::test_two, which does not exist",
        ),
    ],
)
def test_an_untrue_row_is_named(folder: Path, content: str, fault: str) -> None:
    (folder / "a.toml").write_text(content)

    faults = [text.partition("] ")[2] for text in status.faults_of(status.rows())]

    assert faults == [fault]
