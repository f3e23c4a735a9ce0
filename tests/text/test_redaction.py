import re
import unicodedata
from pathlib import Path

import pytest

from regulars.text import seeds
from regulars.text.redaction import findings, is_card, is_iban, redacted

EVALUATION = Path(__file__).parent / "evaluation"
MARK = re.compile(r"\[\[(\w+):([^\]]+)\]\]")


def planted(name: str) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """Language, text without marks, and the places of personal data in it."""
    found = []
    for line in (EVALUATION / name).read_text("utf-8").splitlines():
        if line.startswith(("#", "language\t")) or "\t" not in line:
            continue
        language, marked = line.split("\t")
        text, places, at = "", [], 0
        for match in MARK.finditer(marked):
            text += marked[at : match.start()]
            places.append((len(text), len(text) + len(match[2])))
            text, at = text + match[2], match.end()
        found.append((language, text + marked[at:], places))
    return found


@pytest.mark.parametrize(
    ("name", "least", "share"),
    [("redaction.tsv", 290, 0.98), ("redaction-second.tsv", 190, 0.94)],
)
def test_planted_data_is_covered_and_little_else(name: str, least: int, share: float) -> None:
    covered = total = false = 0

    for language, text, places in planted(name):
        spans = [f.span for f in findings(text, language)]
        hidden = {i for s in spans for i in range(s.start, s.end)}
        total += len(places)
        covered += sum(
            all(i in hidden for i in range(a, b) if text[i].isalnum()) for a, b in places
        )
        false += sum(not any(s.start < b and a < s.end for a, b in places) for s in spans)

    assert total >= least
    assert covered / total >= share
    assert covered / (covered + false) >= 0.95


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "Kovács Péter úr, +36 30 123 4567, a.b@c.hu",
            "hu",
            "█████ úr, █████, █████",
        ),
        ("Order 123456789, paid 12 500 Ft on 2026-11-02", "hu", None),
        ("GB82 WEST 1234 5698 7654 32", "en", "█████"),
        ("GB82 WEST 1234 5698 7654 33", "en", None),
        ("4111 1111 1111 1111", "en", "█████"),
        ("4111 1111 1111 1112", "ka", None),
        ("11773016-11111018-00000000", "hu", "█████"),
        ("11773016-11111018-00000001", "hu", None),
        ("7523169263", "bg", "█████"),
        ("7523169264", "bg", None),
        ("37605030299", "et", "█████"),
        ("06–30–123\u200b–4567", "hu", "█████"),
        ("Ostsin 7500000 euro eest", "et", None),
        ("Mr Best, dr patel", "en", "Mr █████, dr █████"),
        ("I'm Polish. This is Ridiculous.", "en", None),
    ],
)
def test_redacted(text: str, language: str, expected: str | None) -> None:
    assert redacted(text, language) == (text if expected is None else expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("კურიერი დაგვიანებით მოვიდა.", None),
        ("ექიმმა ყველაფერი დაწვრილებით ამიხსნა.", None),
        ("ქალბატონი ძალიან უხეში იყო.", None),
        ("ქალბატონი ველოდებოდა.", None),
        ("იციან, რა მქვია და რას ვსვამ.", None),
        ("მე ვარ უკმაყოფილო.", None),
        ("კურიერმა გიორგიმ დარეკა.", "კურიერმა █████ დარეკა."),
        ("ექიმს ლომიძეს მადლობა.", "ექიმს █████ მადლობა."),
        ("ქალბატონ თამარს ველაპარაკე.", "ქალბატონ █████ ველაპარაკე."),
        ("მე ვარ ნინო ბერიძე.", "მე ვარ █████."),
    ],
)
def test_georgian_names_are_told_from_what_people_do(text: str, expected: str | None) -> None:
    assert redacted(text, "ka") == (text if expected is None else expected)


def test_taught_georgian_sentences_are_hardly_covered() -> None:
    covered = [s.text for s in seeds.load("ka") if redacted(s.text, "ka") != s.text]

    assert covered == [
        "კურიერი გიორგი ყოველთვის ღიმილით მოდის, ყოჩაღ!",
        "ექიმი მარიამ ბერიძე არაჩვეულებრივი სპეციალისტია.",
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Köszönöm Kovács Péter úrnak és Dr. Szűcs Ágnesnek!", "hu"),
        ("Tänan doktor Mägi ja proua Õunapuu abi eest.", "et"),
        ("Говорих с г-н Йорданов за това.", "bg"),
    ],
)
def test_letters_typed_apart_from_their_accents_are_covered_whole(text: str, language: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert apart != text

    assert unicodedata.normalize("NFC", redacted(apart, language)) == redacted(text, language)
    assert redacted(text, language).count("█████") == len(findings(apart, language)) > 0


def test_check_digits() -> None:
    # The examples of ISO 13616 (UK) and the card networks' test number.
    assert is_iban("GB29 NWBK 6016 1331 9268 19")
    assert not is_iban("GB29 NWBK 6016 1331 9268 18")
    assert is_card("5555 5555 5555 4444")
    assert not is_card("5555 5555 5555 4445")


@pytest.mark.parametrize("language", ["hu", "bg", "et", "ka", "en"])
@pytest.mark.parametrize(
    "piece", ["a", "1", " ", "@", "A1 ", "a.", "+", "Aa ", "\0", "ა", "dr. Kovács ", "12 High "]
)
def test_findings_in_a_long_text_are_in_order_and_apart(piece: str, language: str) -> None:
    """A hundred thousand characters of the same; that it takes about a second is not timed here."""
    text = piece * (100_000 // len(piece))

    spans = [found.span for found in findings(text, language)]

    ends = [0, *(span.end for span in spans)]
    assert all(end <= span.start < span.end for end, span in zip(ends, spans, strict=False))
    assert ends[-1] <= len(text)
