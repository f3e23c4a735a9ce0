"""Hints at topics and feeling: loose word lists that the classifiers weigh."""

import pytest

from regulars.text import normal
from regulars.text.features import HINTED, hint_counts


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Unwrapped it on the porch.", "en", [2, 0, 0, 0, 0, 0, 0]),
        ("It was 12 €.", "en", [0, 1, 0, 0, 0, 0, 0]),
        ("12 000 Ft!", "hu", [0, 2, 0, 0, 0, 0, 0]),
        ("Clumsy and moody, moody, moody, moody.", "en", [0, 0, 0, 0, 0, 3, -3]),
        ("Not moody.", "en", [0, 0, 0, 0, 1, 0, 1]),
        ("Unwrapped it for 12 €.", "de", [0, 1, 0, 0, 0, 0, 0]),
    ],
    ids=[
        "topic",
        "money",
        "an amount and a currency by name",
        "at most three",
        "negated",
        "a language without lists",
    ],
)
def test_hints_are_counted(text: str, language: str, expected: list[float]) -> None:
    assert HINTED == ("delivery", "price", "staff", "quality")
    assert hint_counts(normal.folded(text), language).tolist() == expected
