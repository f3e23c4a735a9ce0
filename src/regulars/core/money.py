"""Money: whole minor units and a currency, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language


@lru_cache(maxsize=64)
def digits(currency: str) -> int:
    """How many decimals the currency has in its minor unit (ISO 4217), e.g. EUR 2, KWD 3.

    HUF has two by ISO and none in practice: prices are kept and shown in whole forints.
    """
    return 0 if currency == "HUF" else int(get_currency_precision(currency))


@dataclass(frozen=True, order=True)
class Money:
    """An amount in minor units (cents, tetri; whole forints) of `currency` (ISO 4217)."""

    amount: int
    currency: str

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount).scaleb(-digits(self.currency))

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)


def format_money(amount: int, currency: str, language: str | None = None) -> str:
    """The amount as the language writes it: 1 234,50 €, 12,50 ₾, 3 490 Ft."""
    value = Decimal(amount).scaleb(-digits(currency))
    text: str = (
        format_currency(
            value,
            currency,
            locale=(language or get_language() or "en").replace("-", "_"),
            currency_digits=False,
            decimal_quantization=True,
            format=None,
        )
        if digits(currency)
        else _without_decimals(value, currency, language)
    )
    return _spaced(text)


def _spaced(text: str) -> str:
    """A currency in letters stands apart from its figure, as CLDR has it: HUF 3,490."""
    return re.sub(r"(?<=[A-Za-z])(?=-?\d)|(?<=\d)(?=[A-Za-z])", "\N{NO-BREAK SPACE}", text)


def _without_decimals(value: Decimal, currency: str, language: str | None) -> str:
    from babel import Locale

    locale = Locale.parse((language or get_language() or "en").replace("-", "_"))
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(value, currency, format=pattern, locale=locale, currency_digits=False)
