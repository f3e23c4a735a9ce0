"""Single cells as shops fill them in."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from regulars.business.models import Business
from regulars.customers.imports import batches, checking, files, values
from regulars.customers.imports.columns import Reading
from regulars.customers.models import Customer, ImportBatch, ImportRejection, Purchase
from tests.customers.imports.conftest import check, load

TALLINN = ZoneInfo("Europe/Tallinn")
TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((word, True) for word in ("yes", "Igen", "да", "JAH", "კი", "დიახ", "1", " x ")),
        *((word, False) for word in ("no", "Nem", "не", "ei", "არა", "0")),
        *((word, None) for word in ("", "perhaps", "?")),
    ],
)
def test_a_tick_is_read_in_five_languages(written: str, meant: bool | None) -> None:
    assert values.yes_or_no(written) is meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-08-07 23:15:00+00", "2026-08-07T23:15+00:00"),
        ("2026-08-07 23:15:00.123456+00", "2026-08-07T23:15+00:00"),
        ("2026-08-07T10:15Z", "2026-08-07T10:15+00:00"),
        ("2026-08-07 10:15:00 GMT", "2026-08-07T10:15+00:00"),
        ("2026-08-07 10:15:00 UTC+2", "2026-08-07T10:15+02:00"),
        ("2026-08-07 10:15 CEST", "2026-08-07T10:15+02:00"),
        ("2026-01-07 10:15 EET", "2026-01-07T10:15+02:00"),
        ("2026-08-07 10:15 GET", "2026-08-07T10:15+04:00"),
        ("2026-08-07 10:15 -0330", "2026-08-07T10:15-03:30"),
        ("07.08.2026 г., 14:30 ч.", "2026-08-07T14:30+03:00"),
        ("07.08.2026 г., 14:30:05 ч", "2026-08-07T14:30:05+03:00"),
        ("07.08.2026 10.15 p. m.", "2026-08-07T22:15+03:00"),
        ("07.08.2026, 12:15 a.m.", "2026-08-07T00:15+03:00"),
        ("07.08.2026 2:15 сл.об.", "2026-08-07T14:15+03:00"),
        ("2026. 08. 07. du. 2:15", "2026-08-07T14:15+03:00"),
        ("2026. 08. 07. péntek 14:15", "2026-08-07T14:15+03:00"),
        ("2026-08-07 10:15", "2026-08-07T10:15+03:00"),
        ("2026-08-07", "2026-08-07T12:00+03:00"),
        ("07.08.2026 г.", "2026-08-07T12:00+03:00"),
    ],
)
def test_a_time_is_read_with_its_zone(written: str, meant: str) -> None:
    order = "ymd" if written.startswith("2026") else "dmy"

    read = values.moment(written, "", order, TALLINN)

    assert read == dt.datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2026-08-07 10:15 XYZ", "bad_time"),
        ("2026-08-07 10:15:00 +99:00", "bad_time"),
        ("2026-08-07 10:15:00 +02:75", "bad_time"),
        ("2026-08-07 10:15 CET+3", "bad_time"),
        ("2026-08-07 13:15 a.m.", "bad_time"),
        ("2026-08-07 25:15", "bad_time"),
        ("2026-08-07 at 10", "bad_time"),
        ("2026-08-07+02:00", "bad_time"),
        ("0001-01-01 00:10", "long_ago"),
        ("1753-01-01", "long_ago"),
    ],
)
def test_a_time_that_is_not_understood_is_never_noon(written: str, reason: str) -> None:
    with pytest.raises(values.ValueProblemError, match=reason):
        values.moment(written, "", "ymd", TALLINN)


def test_a_column_of_times_may_hold_the_whole_moment() -> None:
    read = values.moment("2026-08-07", "1899-12-30T14:30:00", "ymd", TALLINN)

    assert read == dt.datetime(2026, 8, 7, 14, 30, tzinfo=TALLINN)


@pytest.mark.parametrize(
    ("written", "order", "meant"),
    [
        ("25.12.85", "dmy", (1985, 12, 25)),
        ("24.12.19", "dmy", (1919, 12, 24)),  # nobody of seven
        ("22.11.13", "dmy", (2013, 11, 22)),  # thirteen today
        ("23.11.13", "dmy", (1913, 11, 23)),  # tomorrow
        ("24.12.2019", "dmy", (2019, 12, 24)),
        ("29.02.", "dmy", (None, 2, 29)),
        ("05.06", "dmy", (None, 6, 5)),
        ("05/06", "mdy", (None, 5, 6)),
        ("02-29", "ymd", (None, 2, 29)),
        ("02. 29.", "ymd", (None, 2, 29)),
        ("--02-29", "dmy", (None, 2, 29)),
        ("--1225", "dmy", (None, 12, 25)),
        ("0000-02-29", "dmy", (None, 2, 29)),
        ("1985-12-25 00:00:00", "dmy", (1985, 12, 25)),
        ("1985-02-29", "ymd", None),
        ("30.02.", "dmy", None),
        ("24.12.2099", "dmy", None),
        ("01.01.1800", "dmy", None),
        ("unknown", "dmy", None),
    ],
)
def test_birthdays_with_short_years_and_without(
    written: str, order: str, meant: values.Birthday | None
) -> None:
    assert values.birthday_readings(written, TODAY).get(order) == meant


def test_no_birthday_costs_a_customer(shop: Business) -> None:
    rows = "25.12.85", "29.02.", "soon", "31.04.1980", ""
    people = "".join(f"A{n},a{n}@example.com,{day}\n" for n, day in enumerate(rows))

    batch = load(f"name,email,birthday\n{people}".encode(), kind="customers")

    fields = ("birth_year", "birth_month", "birth_day")
    born = Customer.objects.in_force().order_by("pk").values_list("given_name", *fields)
    assert list(born) == [
        ("A0", 1985, 12, 25),
        ("A1", None, 2, 29),
        ("A2", None, None, None),
        ("A3", None, None, None),
        ("A4", None, None, None),
    ]
    assert (batch.counts["rejected"], batch.counts["reasons"]) == (0, {})
    assert batch.counts["without"] == {"bad_birthday": 2}
    told = ImportRejection.objects.order_by("number").values_list("number", "reason", "column")
    assert list(told) == [(3, "bad_birthday", "birthday"), (4, "bad_birthday", "birthday")]


def test_birthdays_without_years_tell_the_order_or_are_asked_for(shop: Business) -> None:
    clear = check(b"name,birthday\nA,29.02.\nB,05.06.\n", kind="customers")
    assert [r["birthday"] for r in files.records(clear)] == [[None, 2, 29], [None, 6, 5]]

    with pytest.raises(batches.ImportRefusedError):
        check(b"name,birthday\nA,04.02.\nB,05.06.\n", kind="customers", name="other.csv")
    asked = ImportBatch.objects.latest("pk").mapping["doubts"]
    assert [(choice["code"], choice["says"]) for choice in asked[0]["choices"]] == [
        ("dmy", ["--02-04", "--06-05"]),
        ("mdy", ["--04-02", "--05-06"]),
        ("ymd", ["--04-02", "--05-06"]),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-01-05,99999999999999999999,1,EUR", "too_large"),
        ("2026-01-05,999999999999,1,KWD", ""),
        ("2026-01-05,1e30,1,EUR", "bad_number"),
        ("2026-01-05,5,99999999999999999999,EUR", "too_large"),
        ("2026-01-05 10:00:00 +99:00,5,1,EUR", "bad_time"),
        ("0001-01-01 00:10,5,1,EUR", "long_ago"),
        ("9999-12-31 23:59:59 -12:00,5,1,EUR", "in_the_future"),
    ],
)
def test_one_odd_cell_costs_its_row_only(shop: Business, row: str, reason: str) -> None:
    head = f"document,date,total,quantity,currency,item,{'x' * 200}\n"
    batch = load(f"{head}1,{row},Tea,\n2,2026-01-05,5,1,EUR,Tea,\n".encode(), kind="purchases")

    assert batch.counts["reasons"] == ({reason: 1} if reason else {})
    assert Purchase.objects.in_force().count() == (1 if reason else 2)


def test_numbers_of_json_have_bounds_too(shop: Business) -> None:
    rows = ("1e300", "123456789012345678901234567890", "5")
    sold = ",".join(
        f'{{"document": "{n}", "date": "2026-01-05", "total": {total}, "name": "Ann"}}'
        for n, total in enumerate(rows)
    )

    batch = load(f"[{sold}]".encode(), kind="purchases", name="sold.json")

    assert batch.counts["reasons"] == {"bad_number": 1, "too_large": 1}
    assert list(Purchase.objects.values_list("document", "total")) == [("2", 500)]


def test_a_reason_is_kept_beside_a_long_title(shop: Business) -> None:
    title = "address " * 30
    batch = batches.begin(
        [f"name,{title}\nA,rossz\n".encode()], file_name="x.csv", kind="customers", by=None
    )
    batches.look(batch, asked=Reading(columns={"email": 1}))

    batches.check(batch)

    assert batch.counts["reasons"] == {"bad_email": 1}
    assert ImportRejection.objects.get().column == title[:120]


def test_a_document_of_too_many_lines_is_refused(
    shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LINES", 2)
    rows = "".join(f"1,2026-01-05,5,Tea{n}\n" for n in range(3))

    batch = check(f"document,date,line amount,item\n{rows}".encode(), kind="purchases")

    assert batch.counts["reasons"] == {"too_many_lines": 3}
