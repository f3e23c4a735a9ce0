"""From rows to records: each row becomes part of a record or is refused with a reason."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from regulars.core import money
from regulars.core.keys import fold
from regulars.customers.actions.people import is_day
from regulars.customers.addresses import AddressError, normal_address
from regulars.customers.imports import values
from regulars.customers.imports.columns import Kind, Reading
from regulars.customers.imports.values import ValueProblemError
from regulars.customers.models import ContactPoint

Record = dict[str, Any]
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
    """A row (counted from 1 below the header) that is not loaded; `column` is a field or empty."""

    number: int
    cells: list[str]
    reason: str
    column: str = ""


class RowProblemError(Exception):
    """A row that cannot be loaded."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


@dataclass
class Group:
    """The rows of one document (or one row, where there are none)."""

    document: str
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)


class Checker:
    """Reads all rows of a batch's folder; yields records and rejections in the file's order."""

    def __init__(self, folder: Path, reading: Reading, *, kind: str, ground: Ground) -> None:
        self._path = folder / "rows.jsonl"
        self._reading = reading
        self._columns = reading.columns
        self._kind = kind
        self._ground = ground
        self._width = 0

    def __iter__(self) -> Iterator[Record | Rejection]:
        make = self._customer if self._kind == Kind.CUSTOMERS else self._purchases
        for group in self._groups():
            try:
                yield from make(group)
            except RowProblemError as problem:
                column = self._title(problem.column)
                for number, row in group.rows:
                    cells = [values.text(cell) for cell in row]
                    yield Rejection(number, cells, problem.reason, column)

    def _title(self, meaning: str) -> str:
        number = self._columns.get(meaning)
        return "" if number is None else self._header[number]

    # --- Rows of one document ------------------------------------------------------------------

    def _groups(self) -> Iterator[Group]:
        rows = rows_of(self._path)
        _number, self._header = next(rows)
        self._width = len(self._header)
        if self._kind == Kind.PURCHASES and "document" in self._columns:
            yield from self._by_document(rows)
            return
        seen: Counter[str] = Counter()
        for number, row in rows:
            mark = fingerprint(row)
            seen[mark] += 1
            yield Group(f"row:{mark}:{seen[mark]}", [(number, row)])

    def _by_document(self, rows: Iterable[tuple[int, list[Any]]]) -> Iterator[Group]:
        column = self._columns["document"]
        if not _is_scattered(self._path, column):
            yield from _runs(rows, column)
            return
        groups: dict[str, Group] = {}
        for number, row in rows:
            document = _at(row, column) or f"#{number}"
            groups.setdefault(document, Group(_at(row, column))).rows.append((number, row))
        yield from groups.values()

    # --- Purchases -----------------------------------------------------------------------------

    def _purchases(self, group: Group) -> Iterator[Record]:
        number, row = group.rows[0]
        self._refuse_unsold(row)
        currency = self._currency(group)
        lines = [line for _n, one in group.rows if (line := self._line(one, currency))]
        total = self._total(group, lines, currency)
        if self._cell(row, "receipt_type") and fold(self._cell(row, "receipt_type")) in _REFUNDS:
            total = -abs(total)
            lines = [[*line[:3], -abs(line[3]), -abs(line[4])] for line in lines]
        if not group.document:
            raise RowProblemError("no_document", "document")
        if len(group.document) > 110:
            raise RowProblemError("too_long", "document")
        record: Record = {
            "n": number,
            "doc": group.document,
            "at": self._moment(row),
            "total": total,
            "cur": currency,
            "who": self._person(row, strict=False),
            "place": self._cell(row, "place"),
            "by": self._cell(row, "served_by")[:120],
            "lines": lines,
            "refund_of": self._cell(row, "refund_of")[:120],
        }
        yield record
        refunded = self._refunded(group, currency)
        if refunded:
            yield record | {
                "doc": f"{group.document}-refund",
                "total": -refunded,
                "lines": [],
                "refund_of": group.document,
            }

    def _refuse_unsold(self, row: Sequence[Any]) -> None:
        status = self._cell(row, "status")
        if not status:
            return
        if fold(status) in _NOT_SOLD or values.day_readings(status):
            raise RowProblemError("cancelled", "status")

    def _currency(self, group: Group) -> str:
        told = next((t for _n, row in group.rows if (t := self._cell(row, "currency"))), "")
        currency = (told or self._ground.currency).upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise RowProblemError("bad_currency", "currency")
        return currency

    def _line(self, row: Sequence[Any], currency: str) -> list[Any] | None:
        name, code = self._cell(row, "item_name")[:240], self._cell(row, "item_code")[:110]
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
        category = self._cell(row, "category")[:120]
        thousandths = int((count * 1000).to_integral_value(ROUND_HALF_UP))
        return [code, name or code, category, thousandths, _minor(amount or Decimal(0), currency)]

    def _total(self, group: Group, lines: Sequence[Sequence[Any]], currency: str) -> int:
        told = [self._number(row, "total") for _n, row in group.rows]
        amounts = [amount for amount in told if amount is not None]
        if amounts and self._reading.total_of == "line":
            return _minor(sum(amounts, Decimal(0)), currency)
        if amounts:
            return _minor(amounts[0], currency)
        if "total" in self._columns:
            raise RowProblemError("no_amount", "total")
        if not lines:
            plain = [self._number(row, "line_amount") for _n, row in group.rows]
            known = [amount for amount in plain if amount is not None]
            if not known:
                raise RowProblemError("no_amount", "line_amount")
            return _minor(sum(known, Decimal(0)), currency)
        return sum(int(line[4]) for line in lines)

    def _refunded(self, group: Group, currency: str) -> int:
        told = next((t for _n, row in group.rows if (t := self._cell(row, "refunded"))), "")
        parts = [part for part in told.split("+") if part]
        return sum(abs(_minor(self._parsed(part, "refunded"), currency)) for part in parts)

    def _moment(self, row: Sequence[Any]) -> str:
        date, time = self._cell(row, "date"), self._cell(row, "time")
        if not date:
            raise RowProblemError("no_date", "date")
        try:
            at = values.moment(date, time, self._reading.order or "ymd", self._ground.zone)
        except ValueProblemError as problem:
            raise RowProblemError(str(problem), "date") from problem
        if at > self._ground.now + dt.timedelta(days=1):
            raise RowProblemError("in_the_future", "date")
        return at.astimezone(dt.UTC).isoformat()

    # --- People --------------------------------------------------------------------------------

    def _customer(self, group: Group) -> Iterator[Record]:
        number, row = group.rows[0]
        person = self._person(row, strict=True)
        if person is None:
            raise RowProblemError("nobody")
        if not {"key", "email", "phone"} & set(person):
            person["key"] = group.document
        language = self._cell(row, "language")
        yield {
            "n": number,
            "who": person,
            "language": LANGUAGES.get(fold(language), ""),
            "birthday": self._birthday(row),
            "note": self._note(row),
            "place": self._cell(row, "place"),
            "agreed": values.yes_or_no(self._cell(row, "agreed")),
            "agreed_phone": values.yes_or_no(self._cell(row, "agreed_phone")),
        }

    def _person(self, row: Sequence[Any], *, strict: bool) -> dict[str, str] | None:
        """Who it is; None where the row does not tell. Without `strict`, bad addresses are left."""
        key = self._cell(row, "key")[:200]
        given, family = self._names(row)
        company = self._cell(row, "company")[:200]
        found = {
            "key": "" if key == "0" and self._reading.format == "woocommerce_orders" else key,
            "given": given[:120],
            "family": family[:120],
            "company": company,
            **self._addresses(row, strict=strict),
        }
        if not any(found.values()):
            return None
        if not strict and not (found["key"] or found["email"] or found["phone"]):
            found["key"] = f"name:{fold(f'{given} {family} {company}')}"[:200]
        return {name: value for name, value in found.items() if value}

    def _names(self, row: Sequence[Any]) -> tuple[str, str]:
        given, family = self._cell(row, "given_name"), self._cell(row, "family_name")
        whole = self._cell(row, "name")
        if given or family or not whole:
            return given, family
        first, _, rest = whole.partition(" ")
        if self._ground.family_name_first and rest:
            return rest, first
        return first, rest

    def _addresses(self, row: Sequence[Any], *, strict: bool) -> dict[str, str]:
        email, phone = self._cell(row, "email"), self._cell(row, "phone").lstrip("'")
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

    def _birthday(self, row: Sequence[Any]) -> list[int | None] | None:
        raw = self._cell(row, "birthday")
        if not raw:
            return None
        if raw.startswith(("--", "0000-")):
            parts = raw.removeprefix("0000").strip("-").split("-")
            if len(parts) == 2 and all(part.isdigit() for part in parts):
                month, number = int(parts[0]), int(parts[1])
                if is_day(None, month, number):
                    return [None, month, number]
            raise RowProblemError("bad_date", "birthday")
        try:
            on = values.day(raw, self._reading.order or "ymd")
        except ValueProblemError as problem:
            raise RowProblemError(str(problem), "birthday") from problem
        if not 1890 <= on.year <= self._ground.now.year:
            raise RowProblemError("bad_date", "birthday")
        return [on.year, on.month, on.day]

    # --- Cells ---------------------------------------------------------------------------------

    def _cell(self, row: Sequence[Any], meaning: str) -> str:
        number = self._columns.get(meaning)
        return "" if number is None else _at(row, number)

    def _note(self, row: Sequence[Any]) -> str:
        number = self._columns.get("note")
        return values.paragraphs(row[number]) if number is not None and number < len(row) else ""

    def _number(self, row: Sequence[Any], meaning: str) -> Decimal | None:
        number = self._columns.get(meaning)
        if number is None or number >= len(row):
            return None
        cell = row[number]
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return Decimal(repr(cell))
        raw = _at(row, number)
        return self._parsed(raw, meaning) if raw else None

    def _parsed(self, raw: str, meaning: str) -> Decimal:
        try:
            return values.amount(raw, self._reading.decimal or ".")
        except ValueProblemError as problem:
            raise RowProblemError(str(problem), meaning) from problem


def rows_of(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """(number, cells) of every row; number 0 is the header."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            yield number, json.loads(line)


def fingerprint(row: Sequence[Any]) -> str:
    """22 characters that tell rows with different cells apart."""
    cells = "\x1f".join(map(values.text, row)).rstrip("\x1f")
    digest = hashlib.sha256(cells.encode("utf-8", "surrogatepass")).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _at(row: Sequence[Any], number: int) -> str:
    return values.text(row[number]) if number < len(row) else ""


def _runs(rows: Iterable[tuple[int, list[Any]]], column: int) -> Iterator[Group]:
    current: Group | None = None
    for number, row in rows:
        document = _at(row, column)
        if current is None or document != current.document or not document:
            if current is not None:
                yield current
            current = Group(document)
        current.rows.append((number, row))
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


def _minor(value: Decimal, currency: str) -> int:
    return int(value.scaleb(money.digits(currency)).to_integral_value(ROUND_HALF_UP))


def ground_of(settings: Mapping[str, Any], *, now: dt.datetime) -> Ground:
    """The ground from the business's profile (`language`, `time_zone`, `country`, `currency`)."""
    return Ground(
        zone=ZoneInfo(settings["time_zone"]),
        country=settings["country"],
        currency=settings["currency"],
        family_name_first=settings["language"] == "hu",
        now=now,
    )
