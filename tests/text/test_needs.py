from collections import Counter
from pathlib import Path

import pytest

from regulars.text import needs
from regulars.text.reading import Reader


@pytest.mark.parametrize(
    ("text", "language", "kinds"),
    [
        ("There was glass in my soup.", "en", ["safety"]),
        ("I will call my lawyer tomorrow.", "en", ["legal"]),
        ("Feljelentem önöket a fogyasztóvédelemnél!", "hu", ["legal"]),
        ("The soup was tasty.", "en", []),
    ],
)
def test_urgent(text: str, language: str, kinds: list[str]) -> None:
    assert [u.kind for u in needs.urgent(text, language)] == kinds


EVALUATION = Path(__file__).parent / "evaluation"


@pytest.mark.parametrize(
    ("name", "least"), [("urgent", 0.75), ("urgent-second", 0.85), ("urgent-third", 0.9)]
)
def test_urgent_matters_nobody_taught_are_found(reader: Reader, name: str, least: float) -> None:
    lines = (EVALUATION / f"{name}.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line.count("\t") == 2]
    rows = [row for row in rows if row[0] != "language"]
    read = [bool(reader.read(text, languages=[code]).urgent) for code, _, text in rows]
    found = Counter(zip((kind != "none" for _, kind, _ in rows), read, strict=True))

    assert found[True, True] / (found[True, True] + found[True, False]) >= least
    assert found[False, True] <= 0.1 * (found[False, True] + found[False, False])


def test_suggestions_are_sentences() -> None:
    text = "Nice shop. It would be good if you opened on Sundays."

    assert [s.of(text) for s in needs.suggestions(text, "en")] == [
        "It would be good if you opened on Sundays."
    ]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Great. When will you open again?", "en", ["When will you open again?"]),
        ("Mikor lesz újra raktáron", "hu", ["Mikor lesz újra raktáron"]),
        ("What is this?!", "en", []),
        ("Hm?", "en", []),
    ],
)
def test_questions(text: str, language: str, expected: list[str]) -> None:
    assert [s.of(text) for s in needs.questions(text, language)] == expected


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("Kovács Péter úr nagyon kedves volt.", "hu", ["Kovács Péter"]),
        ("Г-жа Петрова е чудесна.", "bg", ["Петрова"]),
        ("Proua Tamm oli väga sõbralik.", "et", ["Tamm"]),
        ("ქალბატონი ნინო ძალიან თავაზიანი იყო.", "ka", ["ნინო"]),
        ("The best was Anna at the desk, so helpful.", "en", ["Anna"]),
        ("Mr Smith was rude.", "en", []),
        ("Jess at reception was so helpful!", "en", ["Jess"]),
        ("We had a lovely December in London.", "en", []),
        ("Деси беше много мила.", "bg", ["Деси"]),
        ("გიორგიმ ძალიან კარგად მოგვემსახურა.", "ka", ["გიორგიმ"]),
    ],
)
def test_praised(text: str, language: str, names: list[str]) -> None:
    assert [p.name for p in needs.praised(text, language)] == names
