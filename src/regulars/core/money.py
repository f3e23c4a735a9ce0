"""Money: whole minor units and a currency, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError


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
            locale=_locale(language),
            currency_digits=True,
        )
        if digits(currency)
        else _without_decimals(value, currency, language)
    )
    return _spaced(text)


def _locale(language: str | None) -> str:
    return (language or get_language() or "en").replace("-", "_")


def _spaced(text: str) -> str:
    """A currency in letters stands apart from its figure, as CLDR has it: HUF 3,490."""
    return re.sub(r"(?<=[A-Za-z])(?=-?\d)|(?<=\d)(?=[A-Za-z])", "\N{NO-BREAK SPACE}", text)


def _without_decimals(value: Decimal, currency: str, language: str | None) -> str:
    locale = Locale.parse(_locale(language))
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(value, currency, format=pattern, locale=locale, currency_digits=False)


class AmountError(DomainError):
    """What was typed is no amount, or could be read as two different ones."""

    code = "amount_unclear"

    def __init__(self, currency: str) -> None:
        super().__init__(
            _("This amount cannot be read for certain. Please write it like “%(example)s”.")
            % {"example": example(currency)}
        )


MOST: Final = 10**15  # minor units; amounts are below it
_SPACES: Final = re.compile("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]")
# One sign may group in threes, the other one begins the decimals: 1 234,50 and 1,234.50.
_WHOLE: Final = re.compile(r"[0-9]{1,15}|[1-9][0-9]{0,2}([ .,])[0-9]{3}(?:\1[0-9]{3}){0,3}")


def typed(text: str, currency: str) -> int:
    """What a person typed, in minor units of `currency`. Raises AmountError rather than guess.

    A comma or a point is the decimal sign where exactly as many figures as the currency has
    decimals stand behind it. Thousands may be grouped by spaces or by the other sign. A single
    comma or point before three figures is refused where the currency has decimals but not three:
    “1.500” may be one and a half or one thousand five hundred.
    """
    plain = _SPACES.sub(" ", text.strip())
    whole, sign, decimals = _parted(plain, digits(currency))
    grouped = _WHOLE.fullmatch(whole)
    by = grouped[1] if grouped else None
    is_open = by in (".", ",") and not sign and whole.count(by) == 1 and digits(currency) > 0
    if grouped is None or is_open:
        raise AmountError(currency)
    amount = int(re.sub(r"[ .,]", "", whole) + decimals.ljust(digits(currency), "0"))
    if amount >= MOST:
        raise AmountError(currency)
    return amount


def _parted(plain: str, length: int) -> tuple[str, str, str]:
    """The whole part, the decimal sign and the decimals; the last two empty where none stand."""
    found = re.fullmatch(rf"(.*)([.,])([0-9]{{{length}}})", plain) if length else None
    if found is None or found[2] in found[1]:  # 1.234.567: the same sign twice only groups
        return plain, "", ""
    return found[1], found[2], found[3]


def example(currency: str) -> str:
    """An amount as the language writes it, without the currency: 1 234,50."""
    pattern = "#,##0." + "0" * digits(currency) if digits(currency) else "#,##0"
    return format_decimal(Decimal("1234.5"), format=pattern, locale=_locale(None))
