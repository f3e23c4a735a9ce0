"""PG3, PG4, PG5: files that burst, lie, or are written in whatever encoding."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from regulars.business.models import Business
from regulars.customers.imports import batches, unpack
from regulars.customers.imports.files import FileRefusedError
from regulars.customers.models import Customer, ImportBatch, Purchase
from tests.customers.imports.conftest import check, load, snapshot


def archive(*entries: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        archive(("xl/worksheets/sheet1.xml", b"<a/>" * 14_000_000)),
        archive(("xl/worksheets/sheet1.xml", b" " * 2_000_000)),
        archive(*((f"xl/{number}.xml", b"x") for number in range(1_001))),
    ],
    ids=["56 MB", "ratio", "entries"],
)
def test_a_bomb_is_refused_before_it_is_unpacked(shop: Business, content: bytes) -> None:
    with pytest.raises(FileRefusedError) as refused:
        batches.begin([content], file_name="a.xlsx", kind="customers", by=None)

    assert refused.value.code == "bomb"
    assert not ImportBatch.objects.exists()


def test_entities_are_refused(shop: Business) -> None:
    bad = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    batch = batches.begin(
        [archive(("xl/workbook.xml", bad))], file_name="a.xlsx", kind="customers", by=None
    )

    with pytest.raises(FileRefusedError) as refused:
        batches.look(batch)

    assert refused.value.code == "entities"


@pytest.mark.parametrize(
    ("encoding", "asked"),
    [
        ("utf-8", {}),
        ("utf-8-sig", {}),
        ("utf-16", {}),
        ("utf-16-le", {}),
        ("cp1250", {"encoding": "cp1250"}),
    ],
)
def test_encodings(shop: Business, encoding: str, asked: dict[str, str]) -> None:
    load("Name;E-mail\nŐri Ödön;o@example.com\n".encode(encoding), **asked)

    assert list(Customer.objects.values_list("given_name", "family_name")) == [("Őri", "Ödön")]


@pytest.mark.parametrize(
    ("encoding", "word"), [("cp1251", "Иван"), ("cp1257", "Žaneta"), ("cp1252", "Žoë")]
)
def test_code_pages_are_asked_for_with_what_they_would_say(
    tmp_path: Path, encoding: str, word: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(f"name\n{word}\n".encode(encoding))

    with pytest.raises(unpack.InDoubtError) as doubt:
        unpack.unpack(path, tmp_path)

    readings = dict(doubt.value.args[0])
    assert [word] in readings.values()


def test_a_workbook_knows_its_dates_and_numbers(shop: Business) -> None:
    import datetime as dt

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Receipt", "Date", "Total", "Phone"])
    day = book.add_format({"num_format": "d.m.yyyy"})
    sheet.write_row(1, 0, ["A1"])
    sheet.write_datetime(1, 1, dt.datetime(2025, 8, 7), day)  # noqa: DTZ001  # sheets know no zones
    sheet.write_row(1, 2, [1.5, "+49301234567"])
    book.close()

    with_dates = load(file.getvalue(), name="a.xlsx")

    assert with_dates.mapping["doubts"] == []
    one = Purchase.objects.in_force().get()
    assert (one.purchased_at.date().isoformat(), one.total) == ("2025-08-07", 150)


@pytest.mark.parametrize(
    ("rows", "abouts"),
    [
        ("1;7/8/25;12.50", ["order"]),
        ("1;17/8/25;12.50", []),
        ("1;2025-08-07;1.000", ["decimal"]),
        ("1;2025-08-07;1.234,56", []),
        ("1;7/8/25;1,000", ["order", "decimal"]),
        ("1;07/08/2025;5", ["order"]),
        ("1;8/8/2025;5", []),
        ("1;2025-08-07;5\n1;2025-08-07;5", ["total_of"]),
        ("1;2025-08-07;5\n1;2025-08-07;6", []),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked(
    shop: Business, rows: str, abouts: list[str]
) -> None:
    content = f"receipt;date;amount\n{rows}\n".encode()
    batch = batches.begin([content], file_name="a.csv", kind="purchases", by=None)

    batches.look(batch)

    assert [doubt["about"] for doubt in batch.mapping["doubts"]] == abouts


def test_equal_rows_without_documents_are_all_kept_and_known_again(shop: Business) -> None:
    content = b"customer number,date,amount\n1,2025-01-02,5\n1,2025-01-02,5\n2,2025-01-02,5\n"

    first = load(content, source="till")
    after = snapshot()
    second = load(content + b"1,2025-01-02,5\n", source="till")

    assert first.counts["staged"] == {"known": 0, "customers": 2, "purchases": 3}
    assert second.counts["staged"] == {"known": 3, "purchases": 1}
    assert len(after["customers_purchase"]) == 3


def test_known_customers_are_completed_and_restored(shop: Business) -> None:
    load(b"customer number,name\nA,Mari\n", source="till")
    before = snapshot()

    batch = load(b"customer number,name,phone\nA,Mari Mets,+3725551234\n", source="till")

    assert batch.counts["staged"] == {"changed": 1}
    assert snapshot() != before
    batches.undo(batch, by=None)
    batches.sweep(batch)
    after, changes = snapshot(), "customers_importchange"
    assert {**after, changes: []} == {**before, changes: []}


def test_rejected_rows_and_a_dry_run_write_nothing(shop: Business) -> None:
    before = snapshot()

    batch = check(b"name,email\nMari,mari@example.com\nJaan,at home\n,\n", kind="customers")

    assert snapshot() == before
    assert batch.counts["forecast"] == {"known": 0, "customers": 1}
    rows = batch.rejections.values_list("number", "cells", "reason", "column")
    assert list(rows) == [(2, ["Jaan", "at home"], "bad_email", "email")]
