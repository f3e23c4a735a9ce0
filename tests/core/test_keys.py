from __future__ import annotations

import pytest

from regulars.core import keys


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Őri Ágnes", "ori agnes"),
        ("Иван Йорданов", "иван йорданов|ivan yordanov"),
        ("ნინო ბერიძე", "ნინო ბერიძე|nino beridze"),
        ("  Jõgeva\tTäht ", "jogeva taht"),
        ("Straße", "strasse"),
        ("ЩЕРЮ Ёлка", "щерю елка|shteryu elka"),
        ("", ""),
        ("a\x00b", "ab"),
    ],
)
def test_search_key(text: str, expected: str) -> None:
    assert keys.search_key(text) == expected


def test_search_key_keeps_parts_apart() -> None:
    assert keys.search_key("Anna", "anna@example.com") == "anna|anna@example.com"


def test_sort_key_orders_numbers_and_accents() -> None:
    names = ["Zoltán", "Ábel", "Abel 10", "Abel 9", "Иван", "ნინო"]

    assert sorted(names, key=keys.sort_key) == [
        "Ábel",
        "Abel 9",
        "Abel 10",
        "Zoltán",
        "Иван",
        "ნინო",
    ]
