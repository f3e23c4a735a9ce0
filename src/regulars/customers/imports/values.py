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
LARGEST = Decimal(
    10**12
)  # an amount or a quantity; in any currency's minor unit it fits its column
EARLIEST = 1900  # the first year of a purchase
BORN_FROM = 1890
YOUNGEST = 13  # years, where only two digits of the year of birth are written

Birthday = tuple[int | None, int, int]  # year, month, day

_SIGNS = re.compile(r"[^\d.,()\-−+'’ ]")
_LETTERS_INSIDE = re.compile(r"\d\s*[^\W\d_]\D*\d")  # 1E5 is not fifteen
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*(?:\.\d+)?|\d+\."),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d*(?:,\d+)?|\d+,"),
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]|$)")
_SOLID = re.compile(r"(19|20)\d{6}")
_PARTS = re.compile(r"(\d{1,4})\s?[./\-]\s?(\d{1,2})\s?[./\-]\s?(\d{1,4})\.?(?!\d)")
_DAY_AND_MONTH = re.compile(r"(\d{1,2})\s?[./\-]\s?(\d{1,2})\.?")
_NO_YEAR = re.compile(r"(?:--|0000-)(\d{1,2})-?(\d{2})")
_MORNING, _EVENING = r"a\.?\s?m\b\.?|пр\.\s?об\.|de\b\.?", r"p\.?\s?m\b\.?|сл\.\s?об\.|du\b\.?"
_TIME = re.compile(
    rf"(?P<before>\D*?(?:(?<!\w)(?:(?P<am1>{_MORNING})|(?P<pm1>{_EVENING}))\s*)?)"
    r"(?<![\d+\-])(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,]\d+)?"
    rf"\s*(?:(?P<am2>{_MORNING})|(?P<pm2>{_EVENING}))?"
    r"\s*(?:(?:ч|ч\.|часа|h|uhr|óra|სთ\.?)(?!\w))?"
    r"\s*(?P<zone>[a-z]+)?\s?(?P<offset>[+\-−]\d{1,2}(?::?\d{2})?)?\s*",
    re.IGNORECASE,
)
# Hours ahead of UTC, by the names that exports write behind a time.
_ZONES = {
    **dict.fromkeys(("z", "utc", "ut", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "mez", "west", "bst"), 1),
    **dict.fromkeys(("cest", "mesz", "eet"), 2),
    **dict.fromkeys(("eest", "msk"), 3),
    "get": 4,
}
_FARTHEST = dt.timedelta(hours=14)  # from UTC, of any zone on Earth
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

    Parentheses and a minus behind it mean less than nothing. Raises ValueProblemError, also for
    more than LARGEST.
    """
    if _LETTERS_INSIDE.search(raw):
        raise ValueProblemError("bad_number")
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
    return within(-value if negative else value)


def within(value: Decimal) -> Decimal:
    """The number itself. Raises ValueProblemError for one that no column can hold."""
    if not value.is_finite():
        raise ValueProblemError("bad_number")
    if abs(value) > LARGEST:
        raise ValueProblemError("too_large")
    return value


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
    year, month, number = _parts(raw, order)
    return _day(int(year) + (2000 if len(year) == 2 else 0), month, number)


def _parts(raw: str, order: str) -> tuple[str, int, int]:
    """The year as it is written, month and day."""
    parts = _PARTS.match(raw.strip())
    if not parts:
        raise ValueProblemError("bad_date")
    by_letter = dict(zip(order, parts.groups(), strict=True))
    year, month, number = by_letter["y"], by_letter["m"], by_letter["d"]
    if len(year) not in {2, 4} or max(len(number), len(month)) > 2:
        raise ValueProblemError("bad_date")
    if len(year) == 2 and order == "ymd" and len(month + number) < 4:
        raise ValueProblemError("bad_date")  # nobody writes 26/8/7
    return year, int(month), int(number)


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
def birthday(raw: str, order: str, today: dt.date) -> Birthday:
    """A birthday whose parts stand in `order`, with or without its year.

    Of a year in two digits, the century is the last in which the person is at least YOUNGEST years
    old. Raises ValueProblemError.
    """
    if told := _NO_YEAR.fullmatch(raw):
        return _yearless(int(told.group(1)), int(told.group(2)))
    if told := _DAY_AND_MONTH.fullmatch(raw):
        first, second = int(told.group(1)), int(told.group(2))
        return _yearless(second, first) if order == "dmy" else _yearless(first, second)
    on = _certain_day(raw) or _day(*_born(raw, order, today))
    if on.year < BORN_FROM or on > today:
        raise ValueProblemError("bad_birthday")
    return on.year, on.month, on.day


def _born(raw: str, order: str, today: dt.date) -> tuple[int, int, int]:
    written, month, number = _parts(raw, order)
    year = int(written)
    if len(written) == 2:
        year += 2000
        if (year + YOUNGEST, month, number) > (today.year, today.month, today.day):
            year -= 100
    return year, month, number


def _yearless(month: int, number: int) -> Birthday:
    on = _day(2000, month, number)  # a leap year: 29 February is a birthday
    return None, on.month, on.day


def birthday_readings(raw: str, today: dt.date) -> dict[str, Birthday]:
    """How the birthday may be read: {order: birthday}."""
    found: dict[str, Birthday] = {}
    for order in ORDERS:
        try:
            found[order] = birthday(raw, order, today)
        except ValueProblemError:
            continue
    return found


@lru_cache(maxsize=65_536)
def moment(date: str, time: str, order: str, zone: ZoneInfo) -> dt.datetime:
    """The moment of a date and a time (from the date's own cell, when `time` is empty).

    Without an offset it is local time of `zone`; without a time it is noon, so that no zone moves
    it to another day. Raises ValueProblemError, also for a time that is not understood.
    """
    on = day(date, order)
    if on.year < EARLIEST:
        raise ValueProblemError("long_ago")
    written = time or _after_date(date)
    if not time and not any(map(str.isdigit, written)):
        return dt.datetime.combine(on, dt.time(12), tzinfo=zone)
    told = _TIME.fullmatch(written) or _TIME.fullmatch(_after_date(written))
    if told is None:
        raise ValueProblemError("bad_time")
    return dt.datetime.combine(on, _time(told), tzinfo=_offset(told) or zone)


def _after_date(raw: str) -> str:
    found = _ISO.match(raw) or _PARTS.match(raw.strip())
    return raw.strip()[found.end() :] if found else ""


def _time(told: re.Match[str]) -> dt.time:
    hour = int(told["hour"])
    is_morning, is_evening = (bool(told[f"{half}1"] or told[f"{half}2"]) for half in ("am", "pm"))
    if is_morning and (is_evening or hour > 12):
        raise ValueProblemError("bad_time")
    if is_morning or is_evening:
        hour = hour % 12 + (12 if is_evening else 0)
    try:
        return dt.time(hour, int(told["minute"]), int(told["second"] or 0))
    except ValueError as error:
        raise ValueProblemError("bad_time") from error


def _offset(told: re.Match[str]) -> dt.tzinfo | None:
    """The zone behind the time; None where there is none."""
    name, written = (told["zone"] or "").lower(), told["offset"]
    if name and (name not in _ZONES or (written and _ZONES[name])):
        raise ValueProblemError("bad_time")
    if not written:
        return dt.timezone(dt.timedelta(hours=_ZONES[name])) if name else None
    digits = written[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    away = dt.timedelta(hours=int(hours), minutes=int(minutes))
    if away > _FARTHEST or int(minutes) > 59:
        raise ValueProblemError("bad_time")
    return dt.timezone(away if written[0] == "+" else -away)


def yes_or_no(raw: str) -> bool | None:
    """What a tick in one of the five languages says; None where it says nothing."""
    word = raw.strip().casefold()
    if word in _YES:
        return True
    return False if word in _NO else None
