"""PG1: no cell is run as a formula, and what was exported is imported again unchanged."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from regulars.business.models import Business
from regulars.core.models import AuditEntry
from regulars.customers import exports
from regulars.customers.actions import people, purchases
from regulars.customers.imports.unpack import harmless, plain
from regulars.customers.models import Customer
from tests.customers.imports.conftest import load, snapshot

CELLS = st.text(st.sampled_from("=+-@\t\r\n'’ \u3000＝＋－＠a1"), max_size=6) | st.text(max_size=8)


@given(CELLS)
def test_no_cell_starts_a_formula_and_each_comes_back(cell: str) -> None:
    out = harmless(cell)

    start = unicodedata.normalize("NFKC", out.lstrip())[:1]
    assert not (start and start in "=+-@")
    assert out[:1] not in {"\t", "\r"}
    assert plain(out) == cell


def stock(source: str = "till") -> Customer:
    """A customer with a dangerous name, a German phone number, and what they bought."""
    customer = people.add_customer(
        way="staff",
        by=None,
        given_name="=HYPERLINK(1)",
        family_name="Õun",
        language="et",
        note="line 1\nline 2",
        birth_month=5,
        birth_day=17,
        addresses=[
            people.Address("email", "a@example.com"),
            people.Address("phone", "+49301234567"),
        ],
        source_keys=[(source, "C1")],
    )
    import datetime as dt

    purchases.record_purchase(
        purchases.NewPurchase(
            source=source,
            document="-1+cmd",
            purchased_at=dt.datetime(2026, 3, 4, 9, 30, tzinfo=dt.UTC),
            total=650,
            currency="EUR",
            customer=customer,
            served_by="@Mari",
            lines=[
                purchases.NewLine(code="L1", name="Latte", quantity=2000, amount=500),
                purchases.NewLine(code="", name="+Cake", quantity=500, amount=150),
            ],
        )
    )
    return customer


def exported(kind: str, file_format: str) -> bytes:
    if file_format == "xlsx":
        return b"".join(exports.workbook(kind))
    return "".join(exports.lines(kind)).encode()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_was_exported_changes_nothing_when_imported(shop: Business, file_format: str) -> None:
    stock()
    before = snapshot()

    for kind in ("customers", "purchases"):
        batch = load(exported(kind, file_format), kind=kind, source="till", total_of="document")
        assert batch.counts["rejected"] == 0
        assert batch.counts["staged"]["known"] == 1

    assert snapshot() == before


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_fills_another_installation(shop: Business, file_format: str) -> None:
    stock()
    files = {kind: exported(kind, file_format) for kind in ("customers", "purchases")}
    rows = {kind: list(exports.rows(kind)) for kind in files}
    Customer.objects.get().purchases.get().lines.all().delete()
    Customer.objects.get().purchases.all().delete()
    Customer.objects.all().delete()

    for kind, content in files.items():
        load(content, kind=kind, source="till", total_of="document")

    assert {kind: list(exports.rows(kind)) for kind in files} == rows
    phones = Customer.objects.get().contact_points.filter(channel="phone")
    assert list(phones.values_list("address", flat=True)) == ["+49301234567"]


def test_cells_of_a_workbook_are_texts(shop: Business) -> None:
    stock()
    content = exported("customers", "xlsx")

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)

    assert sheet.to_python()[1][1] == "=HYPERLINK(1)"


def test_the_owner_exports_and_it_is_noted(owner_client: Client) -> None:
    stock()

    answer = owner_client.post("/customers/export/", {"kind": "customers", "file_format": "csv"})

    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # streams
    assert [row[:2] for row in csv.reader(io.StringIO(text))][1:] == [["C1", "'=HYPERLINK(1)"]]
    assert AuditEntry.objects.get(action="customers.export").details == {
        "kind": "customers",
        "format": "csv",
    }


def test_others_do_not_export(colleague_client: Client, stranger_client: Client) -> None:
    asked = {"kind": "customers", "file_format": "csv"}

    assert colleague_client.post("/customers/export/", asked).status_code == 403
    assert stranger_client.post("/customers/export/", asked).status_code == 403
    assert not AuditEntry.objects.filter(action="customers.export").exists()
