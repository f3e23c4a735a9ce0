"""Money as people type it: read for certain or refused, in every language."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from regulars.core import money

LANGUAGES = [code for code, _name in settings.LANGUAGES]
DECIMALS = {"JPY": 0, "HUF": 0, "EUR": 2, "GEL": 2, "KWD": 3}
SPACES = (" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")
READ = {
    "EUR": {
        "12": 1200,
        "12,50": 1250,
        "12.50": 1250,
        "0,05": 5,
        "1500": 150000,
        "1 500": 150000,
        "1 234,50": 123450,
        "1.234,50": 123450,
        "1,234.50": 123450,
        "1.234.567": 123456700,
        "12 345 678.90": 1234567890,
    },
    "HUF": {"2490": 2490, "1 500": 1500, "1.500": 1500, "1,500": 1500, "1.234.567": 1234567},
    "JPY": {"1,500": 1500, "0": 0, "007": 7},
    "KWD": {"12": 12000, "12,500": 12500, "1.500": 1500, "1,234.500": 1234500, "1 234": 1234000},
}
REFUSED = {
    "EUR": [
        *("12,5", "12.345", "1.500", "1,500", "1,234,50", "1.234.50", "1 23,50", "1.23,450"),
        *(",50", "0.500", "-5", "+5", "1e3", "12 €", "½", "١٢", "12,50,", "x", "9" * 5000),
    ],
    "HUF": ["12,50", "12.5", "1.5000", "0.500", "1.500,00", "1 500.25"],
    "JPY": ["12.50", "1,50", "1000000000000000"],
    "KWD": ["12.50", "12,5", "1.2345"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_amount_is_read_alike_in_every_language(language: str) -> None:
    """The sign for decimals follows from the currency, not from whose page it is."""
    with translation.override(language):
        read = {
            currency: {text: money.typed(text, currency) for text in texts}
            for currency, texts in READ.items()
        }

    assert read == READ


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", REFUSED)
def test_an_amount_that_is_not_certain_is_refused_with_an_example_that_is(
    language: str, currency: str
) -> None:
    with translation.override(language):
        example = money.example(currency)
        for text in REFUSED[currency]:
            with pytest.raises(money.AmountError) as refused:
                money.typed(text, currency)
            assert example in str(refused.value)

        assert (
            money.typed(example, currency) == {0: 1234, 2: 123450, 3: 1234500}[DECIMALS[currency]]
        )


@given(
    st.integers(0, 10**12),
    st.sampled_from(sorted(DECIMALS)),
    st.sampled_from(["", *SPACES, ".", ","]),
    st.sampled_from([".", ","]),
)
def test_what_is_written_with_usual_signs_is_the_amount(
    amount: int, currency: str, group: str, sign: str
) -> None:
    """Never another amount: the worst that a page may do with money."""
    assume(group != sign)
    length = DECIMALS[currency]
    whole, part = divmod(amount, 10**length)
    text = f"{whole:,}".replace(",", group) + (f"{sign}{part:0{length}}" if length else "")

    assert money.typed(text, currency) == amount


def test_what_the_pages_show_can_be_typed_again() -> None:
    for language in LANGUAGES:
        for currency in DECIMALS:
            with translation.override(language):
                shown = money.format_money(1234567, currency)
                figures = "".join(c for c in shown if c.isdigit() or c in ".,").strip(".")
                assert money.typed(figures, currency) == 1234567, shown
