"""The seed, evaluation and word list files are sound, and their linter sees what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.text_lint import Sentence

from tools import text_lint


def sentence(text: str, *, kind: str = "plain", place: str = "here:1") -> Sentence:
    return Sentence(place, ("price",), "positive", kind, text)


def test_the_data_files_are_sound() -> None:
    assert text_lint.problems() == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("price\tpositive\tplain", "four columns with a text are wanted"),
        ("cost\tpositive\tplain\tFine prices.", "unknown topic cost"),
        ("price,price\tpositive\tplain\tFine prices.", "a topic twice"),
        ("price\tglad\tplain\tFine prices.", "unknown feeling glad"),
        ("price\tpositive\todd\tFine prices.", "unknown kind odd"),
        (
            "price\tpositive\tplain\tSzép a\u0301rak.",
            "spaces at the ends, or letters that are not composed (NFC)",
        ),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, row: str, problem: str) -> None:
    path = tmp_path / "hu.tsv"
    path.write_text(f"# made here\ntopics\tfeeling\tkind\ttext\n{row}\n", "utf-8")
    assert text_lint.read(path)[1] == [f"{tmp_path.name}/hu.tsv:3: {problem}"]


def test_a_file_says_how_it_was_made_and_has_a_header(tmp_path: Path) -> None:
    path = tmp_path / "hu.tsv"
    path.write_text("price\tpositive\tplain\tJó ár.\n", "utf-8")
    assert text_lint.read(path)[1] == [
        "hu.tsv: does not say how it was made",
        "hu.tsv: the header is missing",
    ]


def test_a_topic_of_praise_only_is_out_of_balance() -> None:
    seeds = [sentence(f"Fine price number {n}") for n in range(400)]
    found = list(text_lint.balance("en", seeds))
    assert "en: price has too few negative sentences" in found
    assert "en: price has no neutral or mixed sentence" in found
    assert "en: staff has 0 sentences, wanted 40" in found
    assert "en: price has too few positive sentences" not in found


def test_sentences_of_the_same_words_are_found_across_the_sets() -> None:
    seed = sentence("The soup was far too salty today.", place="seeds/en.tsv:9")
    same = sentence("Far too salty was the soup.", place="evaluation/en.tsv:7")
    other = sentence("The soup arrived hot and quickly.", place="evaluation/en.tsv:8")
    assert list(text_lint.duplicates([seed], [same, other])) == [
        "seeds/en.tsv:9 and evaluation/en.tsv:7 are alike: Far too salty was the soup."
    ]


@pytest.mark.parametrize(
    ("language", "text", "kind", "sound"),
    [
        ("ka", "ძალიან გემრიელი იყო", "plain", True),
        ("ka", "dzalian gemrieli iyo", "translit", True),
        ("ka", "dzalian gemrieli iyo", "plain", False),
        ("bg", "Много вкусна супа", "plain", True),
        ("bg", "Много вкуснa супа", "plain", False),
        ("hu", "Много вкусна супа", "plain", False),
        ("bg", "Екранът на Samsung е счупен", "plain", True),
    ],
)
def test_letters_of_another_alphabet_are_noticed(
    language: str, text: str, kind: str, sound: bool
) -> None:
    assert (text_lint.alphabet(language, sentence(text, kind=kind)) is None) is sound


def test_a_broken_mark_of_personal_data_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "redaction.tsv"
    path.write_text("language\ttext\nen\tCall [[phone:1 and [[shoe:2]].\n", "utf-8")
    assert "redaction.tsv:2: a mark is wrong" in list(text_lint.personal(path))


def test_broken_and_greedy_patterns_are_noticed(tmp_path: Path) -> None:
    content = (text_lint.LEXICONS / "en.toml").read_text("utf-8")
    path = tmp_path / "en.toml"
    path.write_text(content.replace("suggestions = [", "suggestions = ['(', 'x*',"), "utf-8")
    assert list(text_lint.lexicon(path)) == [
        "en.toml: (: missing ), unterminated subpattern at position 0",
        "en.toml: finds even nothing: x*",
    ]
