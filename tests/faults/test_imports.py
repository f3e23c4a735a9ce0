"""PG5: an import that is killed anywhere goes on where it was, and is undone without a trace."""

from __future__ import annotations

import pytest

from tests.faults.stage import Stage
from tests.faults.test_queue import LAPSE

PREPARE = """
from regulars.business.models import Business
from regulars.customers.imports import batches
Business.objects.create(name="Pood", currency="EUR")
lines = ["receipt,date,customer number,amount,item"]
lines += [f"{n},2025-03-{n % 28 + 1:02},{n % 700},{n}.50,Item {n % 9}" for n in range(3000)]
batch = batches.begin(
    ["\\n".join(lines).encode()], file_name="a.csv", kind="purchases", source="till", by=None
)
batches.look(batch)
batches.check(batch)
batches.ask_for_load(batch)
"""
WORK = "from regulars.core.queue import worker\nworker.run_due()"
WITHOUT_TRANSACTIONS = (
    "from contextlib import nullcontext\nfrom types import SimpleNamespace\n"
    "from regulars.customers.imports import staging\n"
    "staging.transaction = SimpleNamespace(atomic=nullcontext)\n" + WORK
)
UNDO = """
from regulars.customers.imports import batches
from regulars.customers.models import ImportBatch
batches.ask_for_undo(ImportBatch.objects.get(), by=None)
"""
FOUND = (
    '[m("customers", n).objects.count() for n in ("Purchase", "PurchaseLine", "Customer", '
    '"CustomerKey", "Item")] + [m("core", "Moment").objects.filter(kind="history.loaded").count()]'
)
TOTAL = 'sum(m("customers", "Purchase").objects.values_list("total", flat=True))'
VISIBLE = 'm("customers", "Purchase").objects.in_force().count()'
POINTS = [
    *("imports.advanced@2", "imports.before_commit@2", "imports.chunk@1", "imports.chunk@3"),
    *("imports.staged", "imports.applied"),
]


@pytest.mark.longer
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_import_goes_on_where_it_was(installation: Stage, point: str) -> None:
    installation.run(PREPARE)

    assert installation.start(WORK, REGULARS_CRASH_AT=point).wait() == 9
    seen = installation.value(VISIBLE)
    installation.run(LAPSE)
    installation.run(WORK)

    assert seen == (3000 if point == "imports.applied" else 0)
    assert installation.value(FOUND) == [3000, 3000, 700, 700, 9, 1]
    assert installation.value(TOTAL) == sum(n * 100 + 50 for n in range(3000))


@pytest.mark.longer
def test_control_without_the_transaction_rows_are_lost(installation: Stage) -> None:
    installation.run(PREPARE)

    crash = installation.start(WITHOUT_TRANSACTIONS, REGULARS_CRASH_AT="imports.advanced@2")
    assert crash.wait() == 9
    installation.run(LAPSE)
    installation.run(WORK)

    assert installation.value(FOUND)[0] < 3000


@pytest.mark.longer
def test_an_undo_that_was_killed_is_finished(installation: Stage) -> None:
    installation.run(PREPARE)
    installation.run(WORK)
    installation.run(UNDO)

    assert installation.value(VISIBLE) == 0
    assert installation.start(WORK, REGULARS_CRASH_AT="imports.swept@2").wait() == 9
    installation.run(LAPSE)
    installation.run(WORK)

    assert installation.value(FOUND) == [0, 0, 0, 0, 0, 1]
