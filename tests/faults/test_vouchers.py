"""PA2, PA3, PA4: a voucher is used as often as it allows, whatever races, repeats or crashes."""

from __future__ import annotations

import json
import time

import pytest

from tests.faults.stage import Stage

PROCESSES = 8
PREPARE = """
import json, sys
from regulars.accounts.models import Role, Staff, StaffRole
from regulars.business.models import Business, Place
from regulars.customers.models import Customer
from regulars.rewards.actions import offers, vouchers
given, terms = int(sys.argv[1]), json.loads(sys.argv[2])
Business.objects.create(name="Café", currency="EUR")
Place.objects.create(name="Counter")
owner = Staff.objects.create_user("o@example.com", "x" * 12, name="O")
StaffRole.objects.create(staff=owner, role=Role.OWNER)
offer = offers.make_offer(by=owner, name="Five", gives="amount", amount=500, **terms)
anna = Customer.objects.create(given_name="Anna")
codes = [vouchers.issue(offer, anna, key=f"v{n}", by=owner).code for n in range(given)]
print(json.dumps(codes))
"""
TILL = """
import json, sys, time
from pathlib import Path
from django.db import connection
from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.rewards.actions import vouchers
from regulars.rewards.errors import VoucherRefusedError
from regulars.rewards.models import Redemption, Voucher
from regulars.rewards.queries import Counter
"""
AT_ONCE = (
    TILL
    + """
gate, number, codes = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
at = Counter(Place.objects.get(), staff=Staff.objects.get())
print("ready", flush=True)
while not gate.exists():
    time.sleep(0.001)
"""
)
USE_EACH = """
done = 0
for code in codes:
    try:
        vouchers.capture(code, at=at, key=f"{number}:{code}")
        done += 1
    except VoucherRefusedError:
        pass
print(done)
"""
# Looks, waits, writes: what the conditional UPDATE in one transaction replaces.
USE_EACH_UNPROTECTED = """
done = 0
for code in codes:
    voucher = vouchers.queries.voucher_by(code)
    if voucher.used < voucher.uses_allowed:
        time.sleep(0.05)
        Voucher.objects.filter(pk=voucher.pk).update(used=voucher.used + 1)
        Redemption.objects.create(kind="capture", voucher=voucher, staff=at.staff, currency="EUR",
                                  key=f"{number}:{code}")
        done += 1
print(done)
"""
UNCOUNTED = """
vouchers._count_use = lambda voucher: None
"""
USE_ONE = (
    TILL
    + """
at = Counter(Place.objects.get(), staff=Staff.objects.get())
print(vouchers.capture(sys.argv[1], at=at, key="till-1:42").public_id)
"""
)
UNDO = (
    TILL
    + """
at = Counter(Place.objects.get(), staff=Staff.objects.get())
use = Redemption.objects.get(kind="capture")
print(vouchers.void(use, reason="wrong customer", at=at, key="till-1:43").public_id)
"""
)
# The effect and its entry in two transactions: what PA4 forbids.
USE_ONE_UNPROTECTED = (
    TILL
    + """
from django.db.models import F
from regulars.core.faults import crash_point
voucher = vouchers.queries.voucher_by(sys.argv[1])
if not Redemption.objects.filter(key="till-1:42").exists():
    Voucher.objects.filter(pk=voucher.pk, used__lt=F("uses_allowed")).update(used=F("used") + 1)
    crash_point("voucher.used")
    Redemption.objects.create(kind="capture", voucher=voucher, staff=Staff.objects.get(),
                              currency="EUR", key="till-1:42")
"""
)
STATE = """[
    m("rewards", "Redemption").objects.filter(kind="capture").count(),
    m("rewards", "Redemption").objects.filter(kind="void").count(),
    m("rewards", "Offer").objects.get().redeemed,
    sum(m("rewards", "Voucher").objects.values_list("used", flat=True)),
    m("core", "Moment").objects.filter(kind="voucher.redeemed").count(),
    m("core", "Moment").objects.filter(kind="voucher.voided").count(),
]"""
MOST_USED = 'max(m("rewards", "Voucher").objects.values_list("used", flat=True))'
ENTRIES = 'm("rewards", "Redemption").objects.count()'


def prepare(installation: Stage, given: int, **terms: object) -> list[str]:
    """The codes of `given` vouchers of one offer, all of one customer."""
    codes: list[str] = json.loads(installation.run(PREPARE, given, json.dumps(terms)))
    return codes


def at_once(installation: Stage, code: str, shares: list[list[str]]) -> int:
    """How many uses the processes made in all, each with its share of codes, let go together."""
    gate = installation.folder / "go"
    children = [
        installation.start(AT_ONCE + code, gate, number, json.dumps(share))
        for number, share in enumerate(shares)
    ]
    while not all("ready" in child.printed for child in children):
        assert all(child.process.exitcode is None for child in children), children[0].printed
        time.sleep(0.01)
    gate.touch()
    statuses = [child.wait() for child in children]
    assert statuses == [0] * len(shares), [(c.process.exitcode, c.printed) for c in children]
    return sum(int(child.printed.split()[-1]) for child in children)


@pytest.mark.parametrize("rounds", [15, pytest.param(100, marks=pytest.mark.longer)])
def test_single_use_stays_single_use(installation: Stage, rounds: int) -> None:
    codes = prepare(installation, rounds)

    used = at_once(installation, USE_EACH, [codes] * PROCESSES)

    assert used == rounds
    assert installation.value(STATE) == [rounds, 0, 0, rounds, rounds, 0]
    assert installation.value(MOST_USED) == 1


def test_control_looking_before_using_uses_it_twice(installation: Stage) -> None:
    codes = prepare(installation, 3)

    used = at_once(installation, USE_EACH_UNPROTECTED, [codes] * PROCESSES)

    assert used > 3
    assert installation.value(ENTRIES) == used


@pytest.mark.parametrize("limit", [1, 5])
@pytest.mark.parametrize("term", ["limit", "limit_per_customer"])
def test_a_limit_is_reached_and_not_passed(installation: Stage, term: str, limit: int) -> None:
    codes = prepare(installation, PROCESSES * 2, **{term: limit})

    used = at_once(installation, USE_EACH, [codes[n * 2 : n * 2 + 2] for n in range(PROCESSES)])

    counted = limit if term == "limit" else 0
    assert used == limit
    assert installation.value(STATE) == [limit, 0, counted, limit, limit, 0]


@pytest.mark.longer
def test_a_campaigns_thousand_is_a_thousand(installation: Stage) -> None:
    """More vouchers than the campaign allows; each of eight processes brings its share of them."""
    each = 140
    codes = prepare(installation, PROCESSES * each, limit=1_000)

    used = at_once(
        installation, USE_EACH, [codes[n * each : (n + 1) * each] for n in range(PROCESSES)]
    )

    assert used == 1_000
    assert installation.value(STATE) == [1_000, 0, 1_000, 1_000, 1_000, 0]


def test_control_without_counting_the_limit_is_passed(installation: Stage) -> None:
    """The look before is not enough: it is the counting at the use that holds the limit."""
    codes = prepare(installation, PROCESSES * 2, limit=1)

    used = at_once(
        installation, UNCOUNTED + USE_EACH, [codes[n * 2 : n * 2 + 2] for n in range(PROCESSES)]
    )

    assert used > 1


POINTS = [
    "voucher.checked",
    "voucher.used",
    "voucher.counted",
    "voucher.entered",
    "voucher.recorded",
    "voucher.before_commit",
    "voucher.after_commit",
]


@pytest.mark.parametrize("point", POINTS)
def test_a_till_that_died_in_the_middle_tries_again(installation: Stage, point: str) -> None:
    (code,) = prepare(installation, 1, limit=5, limit_per_customer=5)

    assert installation.start(USE_ONE, code, REGULARS_CRASH_AT=point).wait() == 9
    first = installation.run(USE_ONE, code)
    second = installation.run(USE_ONE, code)

    assert first == second
    assert installation.value(STATE) == [1, 0, 1, 1, 1, 0]


VOID_POINTS = [
    "void.allowed",
    "void.given_back",
    "void.uncounted",
    "void.entered",
    "void.before_commit",
    "void.after_commit",
]


@pytest.mark.parametrize("point", VOID_POINTS)
def test_an_undoing_that_died_in_the_middle_is_tried_again(installation: Stage, point: str) -> None:
    (code,) = prepare(installation, 1, limit=5)
    installation.run(USE_ONE, code)

    assert installation.start(UNDO, REGULARS_CRASH_AT=point).wait() == 9
    first = installation.run(UNDO)
    second = installation.run(UNDO)

    assert first == second
    assert installation.value(STATE) == [1, 1, 0, 0, 1, 1]


def test_control_effect_and_entry_apart_use_it_twice_for_one_entry(installation: Stage) -> None:
    (code,) = prepare(installation, 1, uses_per_voucher=2)

    start = installation.start(USE_ONE_UNPROTECTED, code, REGULARS_CRASH_AT="voucher.used")
    assert start.wait() == 9
    installation.run(USE_ONE_UNPROTECTED, code)

    assert installation.value(STATE)[:4] == [1, 0, 0, 2]


def test_the_same_key_at_once_has_one_effect(installation: Stage) -> None:
    (code,) = prepare(installation, 1, uses_per_voucher=PROCESSES)

    tills = [installation.start(USE_ONE, code) for _ in range(PROCESSES)]

    assert [till.wait() for till in tills] == [0] * PROCESSES, tills[0].printed
    assert len({till.printed for till in tills}) == 1
    assert installation.value(STATE) == [1, 0, 0, 1, 1, 0]


def test_control_another_key_each_has_as_many_effects(installation: Stage) -> None:
    (code,) = prepare(installation, 1, uses_per_voucher=PROCESSES)
    careless = USE_ONE.replace('"till-1:42"', "sys.argv[2]")

    tills = [installation.start(careless, code, number) for number in range(PROCESSES)]

    assert [till.wait() for till in tills] == [0] * PROCESSES, tills[0].printed
    assert installation.value(ENTRIES) == PROCESSES
