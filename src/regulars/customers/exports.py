"""Taking data out: rows as CSV that no spreadsheet program runs as formulas."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _

from regulars.customers.imports.reasons import row_reason
from regulars.customers.models import ImportBatch

_STARTS_FORMULA: Final = frozenset("=+-@\t\r\x00")
_SIGN: Final = "'"


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet program would run as a formula.

    Such cells begin, also after spaces or in full width, with = + - @, a tab or a return. An
    apostrophe that is there already gets another one, so that `plain` gives back the same text.
    """
    return f"{_SIGN}{cell}" if _is_formula(cell) or cell.startswith(_SIGN) else cell


def plain(cell: str) -> str:
    """The cell as it was before `harmless`."""
    return cell[1:] if cell.startswith(_SIGN) else cell


def _is_formula(cell: str) -> bool:
    if cell[:1] in _STARTS_FORMULA:
        return True
    start = unicodedata.normalize("NFKC", cell.lstrip(" \u00a0\u3000\ufeff"))[:1]
    return bool(start) and start in _STARTS_FORMULA


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as lines of CSV (commas, quotes as in RFC 4180), each cell harmless."""
    line = _Line()
    writer = csv.writer(line)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        yield line.text


class _Line:
    """What csv writes into: keeps the last line."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def rejected_rows(batch: ImportBatch) -> Iterator[str]:
    """The rows that were not loaded as CSV: row number, the file's columns, the reason in words."""
    header = batch.mapping["info"]["header"]
    yield from csv_lines(_rejected(batch, header))


def _rejected(batch: ImportBatch, header: Sequence[str]) -> Iterator[list[str]]:
    yield [*header, _("Row"), _("Why it was not loaded")]
    for row in batch.rejections.order_by("number").iterator(chunk_size=1000):
        cells = [*row.cells, *[""] * (len(header) - len(row.cells))]
        reason = str(row_reason(row.reason))
        yield [*cells, str(row.number), f"{row.column}: {reason}" if row.column else reason]
