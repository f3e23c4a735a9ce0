"""Taking data out: CSV and Excel files that no spreadsheet program runs as formulas."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.core import audit, money
from regulars.core.models import AuditEntry
from regulars.customers.imports.columns import Kind
from regulars.customers.imports.reasons import row_reason
from regulars.customers.imports.unpack import harmless
from regulars.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    ImportBatch,
    Purchase,
    PurchaseLine,
)

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CUSTOMER_COLUMNS: Final = (
    *("key", "given_name", "family_name", "company", "email", "phone", "language", "birthday"),
    *("place", "note", "agreed"),
)
PURCHASE_COLUMNS: Final = (
    *("document", "date", "key", "total", "currency", "place", "served_by", "refund_of"),
    *("item_code", "item_name", "category", "quantity", "line_amount"),
)
_AT_ONCE = 1_000


def note(kind: str, *, file_format: str, by: Staff) -> AuditEntry:
    """Note who takes which data along. Call it before the first row leaves."""
    return audit.note("customers.export", by=by, kind=kind, format=file_format)


def lines(kind: str) -> Iterator[str]:
    """All customers or purchases as lines of CSV, with a byte order mark for spreadsheets."""
    yield "\ufeff"
    yield from csv_lines(rows(kind))


def workbook(kind: str) -> Iterator[bytes]:
    """The same as an Excel file, every cell a text; written to a temporary file first."""
    import xlsxwriter  # only where somebody takes an Excel file along

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        book = xlsxwriter.Workbook(target.name, {"constant_memory": True})
        sheet = book.add_worksheet()
        for number, row in enumerate(rows(kind)):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        book.close()
        target.seek(0)
        while piece := target.read(1 << 16):
            yield piece


def rows(kind: str) -> Iterator[Sequence[str]]:
    """The header (names that an import knows) and one row for each customer, or line sold."""
    return _customers() if kind == Kind.CUSTOMERS else _purchases()


def csv_lines(cells: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as lines of CSV (commas, quotes as in RFC 4180), each cell harmless."""
    line = _Line()
    writer = csv.writer(line)
    for row in cells:
        writer.writerow([harmless(cell) for cell in row])
        yield line.text


class _Line:
    """What csv writes into: keeps the last line."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


# --- Customers ---------------------------------------------------------------------------------


def _customers() -> Iterator[Sequence[str]]:
    yield CUSTOMER_COLUMNS
    found = (
        Customer.objects.in_force()
        .select_related("home_place")
        .prefetch_related(
            "keys",
            Prefetch("contact_points", ContactPoint.objects.order_by("-is_preferred", "pk")),
            Prefetch("consents", Consent.objects.order_by("happened_at", "pk")),
        )
        .order_by("pk")
    )
    for customer in found.iterator(chunk_size=_AT_ONCE):
        yield (
            _key(customer),
            *(customer.given_name, customer.family_name, customer.company),
            *(_address(customer, channel) for channel in ("email", "phone")),
            customer.language,
            _birthday(customer),
            customer.home_place.name if customer.home_place else "",
            customer.note,
            _agreed(customer),
        )


def _key(customer: Customer, source: str = "") -> str:
    """The key that a source (or, without one, any) knows the customer by; else our own."""
    known = [key for key in customer.keys.all() if not source or key.source == source]
    return known[0].value if known else customer.public_id


def _address(customer: Customer, channel: str) -> str:
    points = [point for point in customer.contact_points.all() if point.channel == channel]
    return points[0].address if points else ""


def _birthday(customer: Customer) -> str:
    if customer.birth_month is None:
        return ""
    year = "-" if customer.birth_year is None else f"{customer.birth_year:04d}"
    return f"{year}-{customer.birth_month:02d}-{customer.birth_day:02d}"


def _agreed(customer: Customer) -> str:
    """“yes” to questions by e-mail; “no” only where everything by e-mail was refused."""
    newest = {c.purpose: c.given for c in customer.consents.all() if c.channel == "email"}
    if newest.get(Consent.Purpose.SURVEYS):
        return "yes"
    refused = [newest.get(purpose) is False for purpose in Consent.Purpose]
    return "no" if all(refused) else ""


# --- Purchases ---------------------------------------------------------------------------------


def _purchases() -> Iterator[Sequence[str]]:
    yield PURCHASE_COLUMNS
    found = (
        Purchase.objects.in_force()
        .select_related("customer", "place", "refund_of")
        .prefetch_related(
            "customer__keys",
            Prefetch("lines", PurchaseLine.objects.select_related("item").order_by("number")),
        )
        .order_by("pk")
    )
    for purchase in found.iterator(chunk_size=_AT_ONCE):
        sold = list(purchase.lines.all())
        head = _head(purchase)
        if not sold:
            yield (*head, "", "", "", "", "")
        for line in sold:
            yield (*head, *_line(line, purchase.currency))


def _head(purchase: Purchase) -> tuple[str, ...]:
    customer = purchase.customer
    return (
        purchase.document,
        purchase.purchased_at.isoformat(),
        _key(customer, purchase.source) if customer else "",
        _major(purchase.total, purchase.currency),
        purchase.currency,
        purchase.place.name if purchase.place else "",
        purchase.served_by,
        purchase.refund_of.document if purchase.refund_of else "",
    )


def _line(line: PurchaseLine, currency: str) -> tuple[str, ...]:
    code = "" if line.item.code.startswith("name:") else line.item.code
    quantity = format(Decimal(line.quantity).scaleb(-3).normalize(), "f")
    amount = _major(line.amount, currency)
    return code, line.item.name, line.item.category, quantity, amount


def _major(amount: int, currency: str) -> str:
    return format(money.Money(amount, currency).decimal, "f")


# --- Rows that were not loaded -----------------------------------------------------------------


def rejected_rows(batch: ImportBatch) -> Iterator[str]:
    """The rows that were not loaded as CSV: the file's columns, row number, reason in words."""
    yield "\ufeff"
    yield from csv_lines(_rejected(batch, batch.mapping.get("info", {}).get("header", [])))


def _rejected(batch: ImportBatch, header: Sequence[str]) -> Iterator[list[str]]:
    yield [*header, _("Row"), _("Why it was not loaded")]
    for row in batch.rejections.order_by("number").iterator(chunk_size=_AT_ONCE):
        cells = [*row.cells, *[""] * (len(header) - len(row.cells))]
        reason = str(row_reason(row.reason))
        yield [*cells, str(row.number), f"{row.column}: {reason}" if row.column else reason]
