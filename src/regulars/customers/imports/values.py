"""What a cell says, once it is known how the file writes dates and numbers. Nothing is guessed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

ORDERS = ("dmy", "mdy", "ymd")
DECIMALS = (".", ",")

_SIGNS = re.compile(r"[^\d.,()\-−+'’ ]")
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*(?:\.\d+)?|\d+\."),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d*(?:,\d+)?|\d+,"),
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]|$)")
_SOLID = re.compile(r"(19|20)\d{6}")
_PARTS = re.compile(r"(\d{1,4})\s?[./\-]\s?(\d{1,2})\s?[./\-]\s?(\d{1,4})\.?(?!\d)")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*([AaPp]\.?[Mm]\.?)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$"
)
_YES = {
    *("yes", "y", "true", "1", "x", "ja", "subscribed", "opted in"),
    *("igen", "i", "hozzájárul", "hozzájárult", "да", "съгласен", "съгласна"),
    *("jah", "nõus", "კი", "დიახ", "თანახმა", "ვეთანხმები"),
}
_NO = {
    *("no", "n", "false", "0", "-", "nein", "unsubscribed", "opted out"),
    *("nem", "не", "ei", "არა"),
}


class ValueProblemError(Exception):
    """A cell that cannot be read; the argument is the code of the reason."""


def text(cell: Any) -> str:
    """The cell as text: compatibility forms kept, white space squeezed, no control characters."""
    if isinstance(cell, str) and cell.isprintable():
        return " ".join(cell.split()) if " " in cell else cell
    if isinstance(cell, dict):
        return str(cell["d"])
    if cell is None:
        return ""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    kept = "".join(" " if ch.isspace() else ch for ch in str(cell) if _is_shown(ch))
    return " ".join(kept.split())


def paragraphs(cell: Any) -> str:
    """The cell as a text of several lines."""
    lines = str(cell if cell is not None else "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(text(line) for line in lines.split("\n")).strip()


def _is_shown(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) != "Cc"


@lru_cache(maxsize=65_536)
def amount(raw: str, decimal: str) -> Decimal:
    """A number written with `decimal` as its decimal sign; currency signs are left out.

    Parentheses and a minus behind it mean less than nothing. Raises ValueProblemError.
    """
    digits = _bare(raw)
    negative = "-" in digits or digits.startswith("(")
    digits = digits.strip("()-+")
    if not digits or not _GROUPED[decimal].fullmatch(digits):
        raise ValueProblemError("bad_number")
    grouping = "," if decimal == "." else "."
    try:
        value = Decimal(digits.replace(grouping, "").replace(",", "."))
    except InvalidOperation as error:
        raise ValueProblemError("bad_number") from error
    return -value if negative else value


def _bare(raw: str) -> str:
    plain = unicodedata.normalize("NFKC", raw).replace("−", "-")
    return re.sub(r"[ '’]", "", _SIGNS.sub("", plain)).strip(".") if plain else ""


def decimal_readings(raw: str) -> dict[str, Decimal]:
    """How the number may be read: {decimal sign: value}; one value when both agree."""
    found: dict[str, Decimal] = {}
    for sign in DECIMALS:
        try:
            found[sign] = amount(raw, sign)
        except ValueProblemError:
            continue
    return found


@lru_cache(maxsize=65_536)
def day(raw: str, order: str) -> dt.date:
    """A date whose parts stand in `order`; ISO and 19970101 are read in any order.

    Raises ValueProblemError.
    """
    certain = _certain_day(raw)
    if certain is not None:
        return certain
    parts = _PARTS.match(raw.strip())
    if not parts:
        raise ValueProblemError("bad_date")
    first, second, third = parts.groups()
    by_letter = dict(zip(order, (first, second, third), strict=True))
    if len(by_letter["y"]) not in {2, 4} or max(len(by_letter["d"]), len(by_letter["m"])) > 2:
        raise ValueProblemError("bad_date")
    if len(by_letter["y"]) == 2 and order == "ymd" and len(by_letter["m"] + by_letter["d"]) < 4:
        raise ValueProblemError("bad_date")  # nobody writes 26/8/7
    year = int(by_letter["y"]) + (2000 if len(by_letter["y"]) == 2 else 0)
    return _day(year, int(by_letter["m"]), int(by_letter["d"]))


def _certain_day(raw: str) -> dt.date | None:
    if iso := _ISO.match(raw):
        return _day(*(int(part) for part in iso.groups()))
    solid = raw.strip()
    if _SOLID.fullmatch(solid):
        return _day(int(solid[:4]), int(solid[4:6]), int(solid[6:]))
    return None


def _day(year: int, month: int, number: int) -> dt.date:
    try:
        return dt.date(year, month, number)
    except ValueError as error:
        raise ValueProblemError("bad_date") from error


def day_readings(raw: str) -> dict[str, dt.date]:
    """How the date may be read: {order: day}."""
    found: dict[str, dt.date] = {}
    for order in ORDERS:
        try:
            found[order] = day(raw, order)
        except ValueProblemError:
            continue
    return found


@lru_cache(maxsize=65_536)
def moment(date: str, time: str, order: str, zone: ZoneInfo) -> dt.datetime:
    """The moment of a date and a time (from the date's own cell, when `time` is empty).

    Without an offset it is local time of `zone`; without a time it is noon, so that no zone moves
    it to another day. Raises ValueProblemError.
    """
    on = day(date, order)
    told = _TIME.search(time or _after_date(date))
    if told is None:
        if time:
            raise ValueProblemError("bad_time")
        return dt.datetime.combine(on, dt.time(12), tzinfo=zone)
    at = _time(told)
    return dt.datetime.combine(on, at, tzinfo=_offset(told.group(5)) or zone)


def _after_date(raw: str) -> str:
    found = _ISO.match(raw) or _PARTS.match(raw.strip())
    return raw.strip()[found.end() :] if found else ""


def _time(told: re.Match[str]) -> dt.time:
    hour = int(told.group(1))
    half = (told.group(4) or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return dt.time(hour, int(told.group(2)), int(told.group(3) or 0))
    except ValueError as error:
        raise ValueProblemError("bad_time") from error


def _offset(raw: str | None) -> dt.tzinfo | None:
    if not raw:
        return None
    if raw in {"Z", "UTC"}:
        return dt.UTC
    digits = raw[1:].replace(":", "")
    away = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-away if raw[0] == "-" else away)


def yes_or_no(raw: str) -> bool | None:
    """What a tick in one of the five languages says; None where it says nothing."""
    word = raw.strip().casefold()
    if word in _YES:
        return True
    return False if word in _NO else None
