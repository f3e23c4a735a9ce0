"""What in a file can be read in two ways. A person is asked; nothing is guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulars.customers.imports import values
from regulars.customers.imports.columns import Reading

NUMBERS = ("total", "line_amount", "line_price", "quantity", "refunded")
PLACE = 120  # letters of a place's name
MOST_PLACES = 10_000  # names that are counted
_SHOWN = 4


@dataclass(frozen=True)
class Choice:
    """One way to read: its code and what a few cells would then say, as ISO dates or numbers.

    A birthday without its year is “--12-25”.
    """

    code: str
    says: list[str]


@dataclass(frozen=True)
class Doubt:
    """A question about the `order`, `decimal`, `encoding` or `total_of`, with a few cells."""

    about: str
    written: list[str]
    choices: list[Choice]


class Observer:
    """Looks at every row once and keeps the readings that all of them allow."""

    def __init__(self, reading: Reading, *, kind: str, today: dt.date) -> None:
        self._reading = reading
        self._today = today
        self._orders = set(values.ORDERS)
        self._decimals = set(values.DECIMALS)
        self._days: dict[str, dict[str, Any]] = {}
        self._numbers: dict[str, dict[str, Any]] = {}
        self._date_columns = _columns(reading, ["date"])
        self._birthday_columns = _columns(reading, ["birthday"])
        self._number_columns = _columns(reading, NUMBERS)
        self._place_columns = _columns(reading, ["place"])
        self.places: dict[str, int] = {}  # the rows of each name of a place
        self._totals: dict[str, str] = {}
        self._repeated: list[str] = []
        self._differ = False
        self._seen: dict[str, bool] = {}

    def see(self, row: Sequence[Any]) -> None:
        """Take one more row into account."""
        for number in self._date_columns:
            if number < len(row) and _is_news(row[number], self._days):
                self._see_day(values.text(row[number]), self._days_of)
        for number in self._birthday_columns:
            if number < len(row) and _is_news(row[number], self._days):
                self._see_day(values.text(row[number]), self._birthdays_of)
        for number in self._place_columns:
            if number < len(row) and row[number]:
                self._see_place(values.text(row[number])[:PLACE])
        for number in self._number_columns:
            if number < len(row) and _is_news(row[number], self._numbers):
                self._see_number(values.text(row[number]))
        if self._asks_about_totals:
            self._see_total(row)

    def _see_place(self, name: str) -> None:
        if name in self.places or len(self.places) < MOST_PLACES:
            self.places[name] = self.places.get(name, 0) + 1

    @property
    def _asks_about_totals(self) -> bool:
        columns, reading = self._reading.columns, self._reading
        is_plain = not reading.format and not reading.total_of
        own = {"line_amount", "line_price"} & set(columns)
        return is_plain and {"document", "total"} <= set(columns) and not own

    def _see_total(self, row: Sequence[Any]) -> None:
        columns = self._reading.columns
        if max(columns["document"], columns["total"]) >= len(row):
            return
        document, total = (values.text(row[columns[name]]) for name in ("document", "total"))
        first = self._totals.setdefault(document, total)
        if first != total:
            self._differ = True
        elif document in self._repeated or len(self._repeated) >= _SHOWN:
            return
        elif self._seen.get(document):
            self._repeated.append(document)
        self._seen[document] = True

    def _days_of(self, raw: str) -> dict[str, dt.date]:
        limit = self._today + dt.timedelta(days=1)
        return {o: day for o, day in values.day_readings(raw).items() if day <= limit}

    def _birthdays_of(self, raw: str) -> dict[str, values.Birthday]:
        return values.birthday_readings(raw, self._today)

    def _see_day(self, raw: str, read: Callable[[str], Mapping[str, Any]]) -> None:
        if not raw or raw in self._days:
            return
        readings = dict(read(raw))
        if len(self._days) < 50_000:
            self._days[raw] = readings
        if readings:  # what cannot be read at all is refused later, and says nothing here
            self._orders &= set(readings)

    def _see_number(self, raw: str) -> None:
        if not raw or raw in self._numbers:
            return
        readings = values.decimal_readings(raw)
        if len(self._numbers) < 50_000:
            self._numbers[raw] = readings
        if readings:
            self._decimals &= set(readings)

    def settled(self) -> Reading:
        """The reading with what the whole file tells by itself."""
        reading = self._reading
        if not reading.order and len(self._orders) == 1:
            reading = reading.with_(order=next(iter(self._orders)))
        if not reading.order and not self._open_days():
            reading = reading.with_(order="ymd")
        if not reading.decimal and len(self._decimals) == 1:
            reading = reading.with_(decimal=next(iter(self._decimals)))
        if not reading.decimal and not self._open_numbers():
            reading = reading.with_(decimal=".")
        if not reading.total_of and self._asks_about_totals:
            if self._differ:
                reading = reading.with_(total_of="line")
            elif not self._repeated:
                reading = reading.with_(total_of="document")
        return reading

    def doubts(self) -> list[Doubt]:
        """What is still to be asked."""
        reading = self.settled()
        found = []
        if not reading.order:
            cells = self._open_days()[:_SHOWN]
            orders = [o for o in values.ORDERS if o in (self._orders or set(values.ORDERS))]
            choices = [
                Choice(o, [_shown(self._days[cell].get(o)) for cell in cells]) for o in orders
            ]
            found.append(Doubt("order", cells, choices))
        if not reading.decimal:
            cells = self._open_numbers()[:_SHOWN]
            choices = [
                Choice(sign, [_shown(self._numbers[cell].get(sign)) for cell in cells])
                for sign in values.DECIMALS
            ]
            found.append(Doubt("decimal", cells, choices))
        if not reading.total_of and self._asks_about_totals:
            cells = [f"{one}: {self._totals[one]}" for one in self._repeated]
            found.append(Doubt("total_of", cells, [Choice("line", []), Choice("document", [])]))
        return found

    def _open_days(self) -> list[str]:
        return [raw for raw, found in self._days.items() if len(set(found.values())) > 1]

    def _open_numbers(self) -> list[str]:
        return [raw for raw, found in self._numbers.items() if len(set(found.values())) > 1]


def _is_news(cell: Any, seen: Mapping[str, Any]) -> bool:
    return isinstance(cell, str) and cell not in seen


def _columns(reading: Reading, meanings: Iterable[str]) -> list[int]:
    return [reading.columns[meaning] for meaning in meanings if meaning in reading.columns]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        year, month, day = value
        return f"{'-' if year is None else year}-{month:02}-{day:02}"
    return value.isoformat() if isinstance(value, dt.date) else format(value, "f")
