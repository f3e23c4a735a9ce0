"""The CDNOW log: 69,659 purchases of 23,570 customers, without documents, with true duplicates."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from django.db.models import Sum

from regulars.business.models import Business
from regulars.core.models import Job, Moment
from regulars.customers.imports import batches
from regulars.customers.models import Customer, CustomerKey, ImportBatch, Purchase
from tests.customers.imports.conftest import cdnow, load, snapshot

ROWS = [line.split() for line in cdnow().read_text("ascii").splitlines()[1:]]


@pytest.mark.longer
def test_everything_arrives_once_and_leaves_without_a_trace(shop: Business) -> None:
    before = snapshot()

    first = load(cdnow().read_bytes(), name="CDNOW_master.txt", source="cdnow", currency="USD")

    cents = sum(int(Decimal(row[3]) * 100) for row in ROWS)
    bought = Purchase.objects.in_force()
    assert bought.count() == len(ROWS) == 69_659
    assert Customer.objects.in_force().count() == len({row[0] for row in ROWS}) == 23_570
    assert bought.aggregate(total=Sum("total"))["total"] == cents
    assert bought.filter(total=0).count() == 80
    assert repeated(Counter(map(tuple, ROWS))) == 255
    assert set(bought.values_list("is_history", "currency", "source")) == {(True, "USD", "cdnow")}
    one = CustomerKey.objects.get(source="cdnow", value="00003").customer
    assert sorted(one.purchases.values_list("purchased_at__date", "total")) == sorted(
        (date(row[1]), int(Decimal(row[3]) * 100)) for row in ROWS if row[0] == "00003"
    )
    assert [(m.kind, m.payload) for m in Moment.objects.all()] == [
        (
            "history.loaded",
            {"batch_id": first.pk, "customers": 23_570, "purchases": 69_659},
        )
    ]
    loaded = snapshot()

    second = load(cdnow().read_bytes(), name="again.txt", source="cdnow", currency="USD")

    assert second.counts["staged"] == {"known": 69_659, "purchases": 0}
    assert snapshot() == loaded

    for batch in (second, first):
        batches.undo(batch, by=None)
        batches.sweep(batch)

    assert snapshot() == before
    assert not Job.objects.filter(task__contains="mailing").exists()
    assert set(ImportBatch.objects.values_list("state", flat=True)) == {ImportBatch.State.UNDONE}


def repeated(rows: Counter[tuple[str, ...]]) -> int:
    """How many rows are equal to an earlier one."""
    return sum(count - 1 for count in rows.values())


def date(raw: str) -> object:
    """A day written as 19970101."""
    import datetime as dt

    return dt.date(int(raw[:4]), int(raw[4:6]), int(raw[6:]))
