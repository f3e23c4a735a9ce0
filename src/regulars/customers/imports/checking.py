"""From rows to records: each row becomes part of a record or is refused with a reason."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from regulars.core import money
from regulars.core.keys import fold
from regulars.customers.addresses import AddressError, normal_address
from regulars.customers.imports import values
from regulars.customers.imports.columns import Kind, Reading
from regulars.customers.imports.doubts import PLACE
from regulars.customers.imports.values import ValueProblemError
from regulars.customers.models import ContactPoint

Record = dict[str, Any]
Told = dict[str, str]  # what the row's cells say, by their meaning
Channel = ContactPoint.Channel

LANGUAGES = {
    **dict.fromkeys(("en", "english", "angol", "английски", "inglise", "ინგლისური"), "en"),
    **dict.fromkeys(("hu", "hungarian", "magyar", "унгарски", "ungari", "უნგრული"), "hu"),
    **dict.fromkeys(("bg", "bulgarian", "bolgar", "български", "bulgaaria", "ბულგარული"), "bg"),
    **dict.fromkeys(("et", "estonian", "eszt", "естонски", "eesti", "ესტონური"), "et"),
    **dict.fromkeys(("ka", "georgian", "gruz", "грузински", "gruusia", "ქართული"), "ka"),
}
_NOT_SOLD = {
    *("cancelled", "canceled", "failed", "trash", "pending", "on-hold", "checkout-draft", "voided"),
    *("torolt", "sztornozva", "отказана", "анулирана", "tuhistatud", "გაუქმებული"),
}
LINES = 32_767  # of one document
TITLE = 120  # letters of a column's name that are kept beside a reason
MOST = 10**15  # of an amount, in the currency's minor unit
_REFUNDS = {"refund", "return", "visszaru", "visszaterités", "връщане", "tagastus", "დაბრუნება"}


@dataclass(frozen=True)
class Ground:
    """What a file does not say and the business does. `currency` counts where no column tells."""

    zone: ZoneInfo
    country: str
    currency: str
    family_name_first: bool
    now: dt.datetime


@dataclass(frozen=True)
class Rejection:
    """A row (counted from 1 below the header) that is not loaded; `column` is a field or empty.

    One that `is_loaded` all the same says what its record goes without.
    """

    number: int
    cells: list[str]
    reason: str
    column: str = ""
    is_loaded: bool = False


class RowProblemError(Exception):
    """A row that cannot be loaded."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


@dataclass(slots=True)
class Row:
    """One row: its number, its cells, and the texts of those that mean something and say it."""

    number: int
    cells: list[Any]
    told: dict[str, str]


@dataclass(slots=True)
class Group:
    """The rows of one document (or one row, where there are none)."""

    document: str
    rows: list[Row] = field(default_factory=list)


class Checker:
    """Reads all rows of a batch's folder; yields records and rejections in the file's order.

    `places` gives names of places that mean another one. What a record leaves out is empty. Each
    cell is read once, and each date and amount that comes again is known already.
    """

    def __init__(
        self,
        folder: Path,
        reading: Reading,
        *,
        kind: str,
        ground: Ground,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self._path = folder / "rows.jsonl"
        self._reading = reading
        self._columns = reading.columns
        self._kind = kind
        self._ground = ground
        self._today = ground.now.astimezone(ground.zone).date()
        self._places = places or {}
        self._place = lru_cache(maxsize=65_536)(self._place_of)
        self._moment = lru_cache(maxsize=65_536)(self._moment_of)

    def __iter__(self) -> Iterator[Record | Rejection]:
        make = self._customer if self._kind == Kind.CUSTOMERS else self._purchases
        for group in self._groups():
            try:
                yield from make(group)
            except RowProblemError as problem:
                for row in group.rows:
                    yield self._rejection(row, problem.reason, problem.column)

    def _rejection(self, row: Row, reason: str, meaning: str, **more: bool) -> Rejection:
        cells = [values.text(cell) for cell in row.cells]
        return Rejection(row.number, cells, reason, self._title(meaning)[:TITLE], **more)

    def _title(self, meaning: str) -> str:
        number = self._columns.get(meaning)
        return "" if number is None else self._header[number]

    # --- Rows of one document ------------------------------------------------------------------

    def _groups(self) -> Iterator[Group]:
        numbered = rows_of(self._path)
        _number, self._header = next(numbered)
        rows = self._rows(numbered)
        if self._kind == Kind.PURCHASES and "document" in self._columns:
            yield from self._by_document(rows)
            return
        seen: Counter[str] = Counter()
        for row in rows:
            mark = fingerprint(row.cells)
            seen[mark] += 1
            yield Group(f"row:{mark}:{seen[mark]}", [row])

    def _rows(self, numbered: Iterable[tuple[int, list[Any]]]) -> Iterator[Row]:
        wanted, text = list(self._columns.items()), values.text
        for number, cells in numbered:
            width = len(cells)
            told = {
                meaning: said for meaning, at in wanted if at < width and (said := text(cells[at]))
            }
            yield Row(number, cells, told)

    def _by_document(self, rows: Iterable[Row]) -> Iterator[Group]:
        if not _is_scattered(self._path, self._columns["document"]):
            yield from _runs(rows)
            return
        groups: dict[str, Group] = {}
        for row in rows:
            document = row.told.get("document", "")
            groups.setdefault(document or f"#{row.number}", Group(document)).rows.append(row)
        yield from groups.values()

    # --- Purchases -----------------------------------------------------------------------------

    def _purchases(self, group: Group) -> list[Record]:
        told = group.rows[0].told
        _refuse_unsold(told)
        currency = self._currency(group)
        lines = [line for row in group.rows if (line := self._line(row, currency))]
        if len(lines) > LINES:
            raise RowProblemError("too_many_lines", "document")
        total = self._total(group, lines, currency)
        if "receipt_type" in told and fold(told["receipt_type"]) in _REFUNDS:
            total = -abs(total)
            lines = [[*line[:3], -abs(line[3]), -abs(line[4])] for line in lines]
        if not group.document:
            raise RowProblemError("no_document", "document")
        if len(group.document) > 110:
            raise RowProblemError("too_long", "document")
        record: Record = {
            "n": group.rows[0].number,
            "doc": group.document,
            "at": self._moment(told.get("date", ""), told.get("time", "")),
            "total": total,
            "cur": currency,
            "who": self._person(told, strict=False),
        }
        if lines:
            record["lines"] = lines
        if "place" in told and (place := self._place(told["place"])):
            record["place"] = place
        if server := told.get("served_by"):
            record["by"] = server[:120]
        if original := told.get("refund_of"):
            record["refund_of"] = original[:120]
        return [record, *self._refund(group, record)]

    def _refund(self, group: Group, record: Record) -> list[Record]:
        """The refund that the file writes beside the sale, as a purchase of its own."""
        refunded = self._refunded(group, record["cur"])
        if not refunded:
            return []
        sale = {name: value for name, value in record.items() if name != "lines"}
        own = {"doc": f"{group.document}-refund", "total": -refunded, "refund_of": group.document}
        return [sale | own]

    def _currency(self, group: Group) -> str:
        told = next((t for row in group.rows if (t := row.told.get("currency"))), "")
        currency = (told or self._ground.currency).upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise RowProblemError("bad_currency", "currency")
        return currency

    def _line(self, row: Row, currency: str) -> list[Any] | None:
        name, code = row.told.get("item_name", "")[:240], row.told.get("item_code", "")[:110]
        if not name and not code:
            return None
        quantity = self._number(row, "quantity")
        count = Decimal(1) if quantity is None else quantity
        amount = self._number(row, "line_amount")
        price = self._number(row, "line_price")
        if amount is None and price is not None:
            amount = price * count
        if amount is None and self._reading.total_of == "line":
            amount = self._number(row, "total")
        category = row.told.get("category", "")[:120]
        thousandths = int((count * 1000).to_integral_value(ROUND_HALF_UP))
        own = _minor(amount or Decimal(0), currency, "line_amount")
        return [code, name or code, category, thousandths, own]

    def _total(self, group: Group, lines: Sequence[Sequence[Any]], currency: str) -> int:
        amounts = self._numbers(group, "total")
        if amounts and self._reading.total_of == "line":
            return _minor(sum(amounts, Decimal(0)), currency, "total")
        if amounts:
            return _minor(amounts[0], currency, "total")
        if "total" in self._columns:
            raise RowProblemError("no_amount", "total")
        if not lines:
            known = self._numbers(group, "line_amount")
            if not known:
                raise RowProblemError("no_amount", "line_amount")
            return _minor(sum(known, Decimal(0)), currency, "line_amount")
        return _bounded(sum(int(line[4]) for line in lines), "line_amount")

    def _numbers(self, group: Group, meaning: str) -> list[Decimal]:
        told = (self._number(row, meaning) for row in group.rows)
        return [number for number in told if number is not None]

    def _refunded(self, group: Group, currency: str) -> int:
        told = next((t for row in group.rows if (t := row.told.get("refunded"))), "")
        parts = [part for part in told.split("+") if part]
        numbers = (abs(self._parsed(part, "refunded")) for part in parts)
        return _minor(sum(numbers, Decimal(0)), currency, "refunded")

    def _moment_of(self, date: str, time: str) -> str:
        if not date:
            raise RowProblemError("no_date", "date")
        try:
            at = values.moment(date, time, self._reading.order or "ymd", self._ground.zone)
        except ValueProblemError as problem:
            raise RowProblemError(str(problem), "date") from problem
        if at > self._ground.now + dt.timedelta(days=1):
            raise RowProblemError("in_the_future", "date")
        return at.astimezone(dt.UTC).isoformat()

    def _place_of(self, name: str) -> str:
        """The name of the place that is meant; empty where the place is to be left out."""
        return self._places.get(fold(name[:PLACE]), name[:PLACE])

    # --- People --------------------------------------------------------------------------------

    def _customer(self, group: Group) -> Iterator[Record | Rejection]:
        row = group.rows[0]
        told = row.told
        person = self._person(told, strict=True)
        if person is None:
            raise RowProblemError("nobody")
        if not {"key", "email", "phone"} & set(person):
            person["key"] = group.document
        birthday = self._birthday(told)
        if birthday is None and "birthday" in told:
            yield self._rejection(row, "bad_birthday", "birthday", is_loaded=True)
        record = {
            "n": row.number,
            "who": person,
            "language": LANGUAGES.get(fold(told.get("language", "")), ""),
            "birthday": birthday,
            "note": values.paragraphs(row.cells[self._columns["note"]]) if "note" in told else "",
            "place": self._place(told["place"]) if "place" in told else "",
            "agreed": values.yes_or_no(told.get("agreed", "")),
            "agreed_phone": values.yes_or_no(told.get("agreed_phone", "")),
        }
        yield {name: value for name, value in record.items() if value not in ("", None)}

    def _person(self, told: Told, *, strict: bool) -> dict[str, str] | None:
        """Who it is; None where the row does not tell. Without `strict`, bad addresses are left."""
        # Shopify writes an apostrophe before its numbers, so that spreadsheets leave them alone.
        key = told.get("key", "").removeprefix("'")[:200]
        given, family = self._names(told)
        company = told.get("company", "")[:200]
        found = {
            "key": "" if key == "0" and self._reading.format == "woocommerce_orders" else key,
            "given": given[:120],
            "family": family[:120],
            "company": company,
        }
        if "email" in told or "phone" in told:
            found |= self._addresses(told, strict=strict)
        person = {name: value for name, value in found.items() if value}
        if not person:
            return None
        if not strict and person.keys().isdisjoint(("key", "email", "phone")):
            person["key"] = f"name:{fold(f'{given} {family} {company}')}"[:200]
        return person

    def _names(self, told: Told) -> tuple[str, str]:
        given, family = told.get("given_name", ""), told.get("family_name", "")
        whole = told.get("name", "")
        if given or family or not whole:
            return given, family
        first, _, rest = whole.partition(" ")
        if self._ground.family_name_first and rest:
            return rest, first
        return first, rest

    def _addresses(self, told: Told, *, strict: bool) -> dict[str, str]:
        email, phone = told.get("email", ""), told.get("phone", "").lstrip("'")
        if email and "@" not in email and not phone and any(ch.isdigit() for ch in email):
            email, phone = "", email
        return {
            "email": self._address(Channel.EMAIL, email, strict=strict),
            "phone": self._address(Channel.PHONE, phone, strict=strict),
        }

    def _address(self, channel: str, raw: str, *, strict: bool) -> str:
        if not raw:
            return ""
        try:
            return normal_address(channel, raw, country=self._ground.country)
        except AddressError as error:
            if strict:
                raise RowProblemError(f"bad_{channel}", str(channel)) from error
            return ""

    def _birthday(self, told: Told) -> values.Birthday | None:
        """None where there is none, or none that can be read."""
        raw = told.get("birthday", "")
        if not raw:
            return None
        try:
            return values.birthday(raw, self._reading.order or "ymd", self._today)
        except ValueProblemError:
            return None

    # --- Numbers -------------------------------------------------------------------------------

    def _number(self, row: Row, meaning: str) -> Decimal | None:
        raw = row.told.get(meaning)
        if raw is None:
            return None
        cell = row.cells[self._columns[meaning]]
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return self._parsed(Decimal(repr(cell)), meaning)
        return self._parsed(raw, meaning)

    def _parsed(self, raw: str | Decimal, meaning: str) -> Decimal:
        try:
            if isinstance(raw, Decimal):
                return values.within(raw)
            return values.amount(raw, self._reading.decimal or ".")
        except ValueProblemError as problem:
            raise RowProblemError(str(problem), meaning) from problem


def rows_of(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """(number, cells) of every row; number 0 is the header."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            yield number, from_json(line)


def fingerprint(row: Sequence[Any]) -> str:
    """22 characters that tell rows with different cells apart."""
    cells = "\x1f".join(map(values.text, row)).rstrip("\x1f")
    digest = hashlib.sha256(cells.encode("utf-8", "surrogatepass")).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _refuse_unsold(told: Told) -> None:
    status = told.get("status")
    if status and (fold(status) in _NOT_SOLD or values.day_readings(status)):
        raise RowProblemError("cancelled", "status")


def _at(row: Sequence[Any], number: int) -> str:
    return values.text(row[number]) if number < len(row) else ""


def _runs(rows: Iterable[Row]) -> Iterator[Group]:
    current: Group | None = None
    for row in rows:
        document = row.told.get("document", "")
        if current is None or document != current.document or not document:
            if current is not None:
                yield current
            current = Group(document)
        current.rows.append(row)
    if current is not None:
        yield current


def _is_scattered(path: Path, column: int) -> bool:
    """Whether the rows of some document do not stand together."""
    ended: set[str] = set()
    last = ""
    rows = rows_of(path)
    next(rows)
    for _number, row in rows:
        document = _at(row, column)
        if document != last:
            if document in ended:
                return True
            ended.add(last)
            last = document
    return False


@lru_cache(maxsize=65_536)
def _minor(value: Decimal, currency: str, meaning: str) -> int:
    """In the currency's minor unit. Raises RowProblemError for what no column can hold."""
    scaled = value.scaleb(money.digits(currency))
    return _bounded(int(scaled.to_integral_value(ROUND_HALF_UP)), meaning)


def _bounded(minor: int, meaning: str) -> int:
    if abs(minor) > MOST:
        raise RowProblemError("too_large", meaning)
    return minor


def ground_of(settings: Mapping[str, Any], *, now: dt.datetime) -> Ground:
    """The ground from the business's profile (`language`, `time_zone`, `country`, `currency`)."""
    return Ground(
        zone=ZoneInfo(settings["time_zone"]),
        country=settings["country"],
        currency=settings["currency"],
        family_name_first=settings["language"] == "hu",
        now=now,
    )
