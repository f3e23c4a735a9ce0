import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars.text import evaluate, trained
from regulars.text.cli import text
from regulars.text.reading import Reader

EVALUATION = Path(__file__).parent / "evaluation"
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


def test_files_as_spreadsheets_write_them_are_read(tmp_path: Path) -> None:
    path = tmp_path / "saved.csv"
    path.write_bytes(
        "\ufeffTopic;Language;Sentiment;Text\r\n"
        'delivery;en-GB;negative;"Late; very late.\r\nNever again, ""never""."\r\n'
        ";HU;;Jó.\r\n"
        "parking;bg;so-so;Добре.\r\n".encode()
    )

    assert evaluate.labelled(path) == [
        evaluate.Labelled(
            "en", 'Late; very late.\r\nNever again, "never".', "delivery", "negative"
        ),
        evaluate.Labelled("hu", "Jó.", "", ""),
        evaluate.Labelled("bg", "Добре.", "", ""),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "columns are missing"),
        (b"language,text,topic,sentiment\n,,,\n", "wrong.csv holds no comment"),
        (b"PK\x03\x04\x14\x00", "wrong.csv is a spreadsheet; save it as CSV UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "is not in UTF-8"),
        (
            b"language,text,topic,sentiment\nEnglish,Fine.,,\n",
            "line 2: 'English' is not a language code such as hu, bg, et, ka, en",
        ),
        (b"language,text,topic,sentiment\n,Fine.,,\n", "line 2: '' is not a language code"),
        ("language,text,topic,sentiment\nhu,Jó.,,\n".encode("cp1250"), "is not in UTF-8"),
        (
            b"language,text,topic,sentiment\nen," + b"x" * 200_000 + b",,\n",
            "is not a table: field larger than field limit",
        ),
    ],
    ids=["empty", "no rows", "spreadsheet", "image", "name", "no code", "encoding", "field"],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)

    done = CliRunner().invoke(text, ["evaluate", str(path), "--encoder", "none"])

    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert message in done.output


@pytest.mark.parametrize(
    "content",
    [
        "language\ttext\ttopic\tsentiment\r\nhun\tJó.\tQuality\tPOSITIVE\r\n".encode("utf-16"),
        b"sep=;\r\nlanguage;text;topic;sentiment\r\nhu;J\xc3\xb3.;quality;positive;more\r\n;;;\r\n",
        b"language,text,topic,sentiment\rhu-HU,J\xc3\xb3., quality ,positive\r",
    ],
    ids=["UTF-16", "sep", "old line ends"],
)
def test_what_spreadsheets_save_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "saved.csv"
    path.write_bytes(content)

    assert evaluate.labelled(path) == [evaluate.Labelled("hu", "Jó.", "quality", "positive")]


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ("http://127.0.0.1:9/v1", "Connection refused"),
        ("st:some-model", "the package sentence-transformers is not installed"),
        ("magic", "'magic' is not an encoder"),
    ],
)
def test_an_encoder_that_cannot_work_is_said(file: Path, encoder: str, message: str) -> None:
    done = CliRunner().invoke(text, ["evaluate", str(file), "--encoder", encoder])

    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert message in done.output


def test_the_json_has_the_promised_shape(file: Path) -> None:
    done = CliRunner().invoke(text, ["evaluate", str(file), "--json", "--encoder", "none"])

    for parts in json.loads(done.stdout).values():
        assert {"accuracy", "low", "high", "n"} <= set(parts["topic"])
        assert {"accuracy", "abstained"} <= set(parts["sentiment"])


def test_what_does_not_count_is_said(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(
        "# from the till\n\nlanguage,text,topic,sentiment\nhu,Jó volt.,Szállítás,pozitív\n"
        "hu,Finom.,quality,positive\nhu,,price,negative\n",
        encoding="utf-8",
    )
    said: list[str] = []

    rows = evaluate.labelled(file, said.append)

    assert [(row.text, row.topic, row.sentiment) for row in rows] == [
        ("Jó volt.", "", ""),
        ("Finom.", "quality", "positive"),
    ]
    assert said == [
        "1 lines have no text and are left out",
        "topic: Szállítás (1) count as not labelled; known are delivery, price, staff, quality",
        "sentiment: pozitív (1) count as not labelled; known are positive, negative",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('language,text,topic,sentiment\nen,"Never ends,price,\nen,Two.,price,\n', "never closed"),
        ("language,text,topic,sentiment,text\nen,One.,,,Two.\n", "stands twice: text"),
    ],
)
def test_a_file_that_would_lose_comments_is_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match=message):
        evaluate.labelled(file)


def test_other_languages_are_measured_and_said_to_be_foreign(tmp_path: Path) -> None:
    path = tmp_path / "german.csv"
    path.write_text("language,text,topic,sentiment\nde,Sehr teuer.,price,negative\n", "utf-8")

    done = CliRunner().invoke(text, ["evaluate", str(path), "--json", "--encoder", "none"])

    assert json.loads(done.stdout)["de"]["topic"]["n"] == 1
    assert done.stderr == "de: not one of hu, bg, et, ka, en; read without word lists.\n"


@pytest.mark.parametrize(
    ("name", "topic", "feeling", "abstained"),
    [
        ("simple", 0.95, 0.9, 0.15),
        ("blind", 0.9, 0.9, 0.3),
        ("blind-hard", 0.75, 0.85, 0.3),
        ("blind-second", 0.8, 0.85, 0.3),
        ("blind-second-hard", 0.5, 0.6, 0.5),
        pytest.param("blind-third", 0.88, 0.88, 0.32, marks=pytest.mark.longer),
        pytest.param("blind-fourth", 0.9, 0.88, 0.32, marks=pytest.mark.longer),
        pytest.param("blind-fifth", 0.88, 0.85, 0.32, marks=pytest.mark.longer),
        pytest.param("blind-seventh", 0.93, 0.85, 0.25, marks=pytest.mark.longer),
    ],
)
def test_comments_are_read_as_well_as_the_page_says(
    reader: Reader, name: str, topic: float, feeling: float, abstained: float
) -> None:
    found = evaluate.measured(evaluate.labelled(EVALUATION / f"{name}.csv"), reader)

    assert set(found) == {"hu", "bg", "et", "ka", "en"}
    for parts in found.values():
        assert parts["topic"]["accuracy"] >= topic
        assert parts["sentiment"]["accuracy"] >= feeling
        assert parts["sentiment"]["abstained"] <= abstained


@pytest.mark.longer
def test_comments_that_only_tell_are_read_as_well_as_the_page_says(reader: Reader) -> None:
    found = evaluate.measured(evaluate.labelled(EVALUATION / "blind-sixth.csv"), reader)

    assert set(found) == {"et", "ka"}
    for parts in found.values():
        assert parts["sentiment"]["accuracy"] >= 0.78
        assert parts["sentiment"]["abstained"] <= 0.3


@pytest.mark.longer
def test_new_hungarian_comments_are_read_as_well_as_the_page_says(reader: Reader) -> None:
    found = evaluate.measured(evaluate.labelled(EVALUATION / "blind-eighth.csv"), reader)

    assert found["hu"]["topic"]["accuracy"] >= 0.93
    assert found["hu"]["sentiment"]["accuracy"] >= 0.92
    assert found["hu"]["sentiment"]["abstained"] <= 0.25


@pytest.mark.longer
def test_a_hostile_readers_comments_are_read_as_well_as_the_page_says(reader: Reader) -> None:
    found = evaluate.measured(evaluate.labelled(EVALUATION / "blind-ninth.csv"), reader)

    assert set(found) == {"hu", "bg", "et", "ka", "en"}
    for parts in found.values():
        assert parts["topic"]["accuracy"] >= 0.9
        assert parts["sentiment"]["accuracy"] >= 0.9
        assert parts["sentiment"]["abstained"] <= 0.3


def test_wilson_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857, table I: 81 of 263.
    assert evaluate.wilson(81, 263) == (0.2553, 0.3662)
    assert evaluate.wilson(0, 0) == (None, None)


def test_weights_are_those_of_the_data_files() -> None:
    assert trained.shipped_from() == trained.made_from(), "run python tools/text_weights.py"
