import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.text.clauses import clauses, sentences


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "A futár kedves volt, de két órát késett.",
            "hu",
            [("A futár kedves volt", False), ("de két órát késett.", True)],
        ),
        (
            "Azt mondta az eladó, hogy nincs raktáron.",
            "hu",
            [("Azt mondta az eladó, hogy nincs raktáron.", False)],
        ),
        (
            "Nice food but the waiter was rude! Never again",
            "en",
            [("Nice food", False), ("but the waiter was rude!", True), ("Never again", False)],
        ),
        ("Dr. Kovács segített.", "hu", [("Dr. Kovács segített.", False)]),
        ("Good soup. 10 🙂", "en", [("Good soup.", False)]),
        ("10.", "en", []),
        ("", "en", []),
    ],
)
def test_clauses(text: str, language: str, expected: list[tuple[str, bool]]) -> None:
    assert [(c.text, c.after_contrast) for c in clauses(text, language)] == expected


@given(st.text(max_size=300))
def test_spans_are_places_in_the_text_in_order(text: str) -> None:
    found = clauses(text, "en")

    assert [c.span.start for c in found] == sorted(c.span.start for c in found)
    assert all(0 <= c.span.start < c.span.end <= len(text) for c in found)
    assert all(len(c.text) == c.span.end - c.span.start for c in found)


def test_a_number_does_not_end_a_sentence() -> None:
    text = "It cost 3.50 and was cold. Bad."

    assert [s.of(text) for s in sentences(text)] == ["It cost 3.50 and was cold.", "Bad."]
