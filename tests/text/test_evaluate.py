import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars.text import evaluate, trained
from regulars.text.cli import text

CSV = """language,text,topic,sentiment
en,The delivery was slow.,delivery,negative
en,The waiter was very friendly.,staff,positive
en,The prices are too high.,price,
hu,Szuper volt.,,positive
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.csv"
    path.write_text(CSV, "utf-8")
    return path


def test_the_command_prints_json(file: Path) -> None:
    done = CliRunner().invoke(text, ["evaluate", str(file), "--json", "--encoder", "none"])

    found = json.loads(done.output)
    assert done.exit_code == 0
    assert found["en"]["topic"] == {
        "accuracy": 1.0,
        "low": 0.4385,
        "high": 1.0,
        "macro_f1": 1.0,
        "abstained": 0.0,
        "n": 3,
        "confusion": {
            "delivery": {"delivery": 1},
            "price": {"price": 1},
            "staff": {"staff": 1},
        },
    }
    assert found["en"]["sentiment"]["n"] == 2
    assert found["hu"]["topic"]["n"] == 0
    assert found["hu"]["topic"]["accuracy"] is None


def test_the_command_prints_a_table(file: Path) -> None:
    done = CliRunner().invoke(text, ["evaluate", str(file), "--encoder", "none"])

    assert done.exit_code == 0
    assert "topic" in done.output
    assert "1.000" in done.output


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", "utf-8")

    done = CliRunner().invoke(text, ["evaluate", str(path), "--encoder", "none"])

    assert done.exit_code == 1
    assert "columns are missing: language, sentiment, text, topic" in done.output


def test_wilson_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857, table I: 81 of 263.
    assert evaluate.wilson(81, 263) == (0.2553, 0.3662)
    assert evaluate.wilson(0, 0) == (None, None)


def test_weights_are_those_of_the_data_files() -> None:
    assert trained.shipped_from() == trained.made_from(), "run python tools/text_weights.py"
