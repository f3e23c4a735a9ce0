"""What a file says that people agreed to: a “no” counts always, a “yes” never against them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
import time_machine
from django.utils import timezone

from regulars.business.models import Business
from regulars.customers.actions import consents, merging, people, purchases
from regulars.customers.imports import batches, staging, undoing
from regulars.customers.imports.consent import How, Provenance
from regulars.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerKey,
    ImportBatch,
    ImportChange,
)
from regulars.customers.queries.people import newest_consents
from regulars.mailing import actions as mailing
from regulars.mailing.addresses import address_hash
from regulars.mailing.checks import Go, Skip, Verdict, verdict
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Message, Purpose, Reason, Suppression
from tests.customers.imports.conftest import check, load, snapshot

NOON = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
TEXT = "Yes, ask me."


@pytest.fixture(autouse=True)
def _clock(shop: Business, time_machine: time_machine.Traveller) -> None:
    time_machine.move_to(NOON, tick=True)
    Business.objects.update(public_url="https://pood.example")


def checked(
    content: str,
    *,
    how: str = How.AGREED,
    since: str = "",
    kind: str = "customers",
    source: str = "",
) -> ImportBatch:
    batch = check(content.encode(), kind=kind, source=source)
    provenance = Provenance(how=how, wording=TEXT, purposes=("surveys",), since=since)
    return batches.check(batches.state_provenance(batch, provenance))


def imported(content: str, **options: str) -> ImportBatch:
    return batches.load(checked(content, **options))


def staged(content: str, **options: str) -> ImportBatch:
    """A batch just before it is put in force."""
    batch = checked(content, **options)
    ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.STAGING)
    batch.refresh_from_db()
    staging.Stager(batch).run()
    return batch


def put_in_force(batch: ImportBatch) -> None:
    undoing.apply(batch)
    undoing.roll_forward(batch)


def taken_back(batch: ImportBatch) -> None:
    batches.undo(batch, by=None)
    batches.sweep(batch)


def anna(**more: str) -> Customer:
    address = people.Address("email", "anna@example.com")
    return people.add_customer(way="staff", by=None, given_name="Anna", addresses=[address], **more)


def the_customer() -> Customer:
    return Customer.objects.in_force().get()


def stands(customer: Customer) -> dict[str, bool]:
    """What counts for e-mail, by purpose."""
    return {c.purpose: c.given for c in newest_consents(customer) if c.channel == "email"}


def asking(batch: ImportBatch) -> object:
    return batch.counts["asking"]


def judged(customer: Customer) -> Verdict:
    message = mailing.queue_message(
        Content("Hi", (Paragraph("x"),)),
        key=f"one:{Message.objects.count()}",
        purpose=Purpose.SURVEY,
        customer=customer,
    )
    return verdict(message, now=timezone.now())


REFUSED = {"appreciation": False, "marketing": False, "surveys": False}
HEADER = "customer number,name,email,newsletter,phone,birthday\n"
ROWS = (
    "A,Anna,anna@example.com,yes,,\n",
    "A,,anna@example.org,no,+3725551234,1980-01-02\n",
    "A,Other Kask,anna@example.com,yes,,1990-03-04\n",
)


def found_by(customer: Customer) -> list[str]:
    return customer.search_key.split("|")


def one_row_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "chunks", lambda records, _pace: ([one] for one in records))


@pytest.mark.parametrize("is_cut", [False, True], ids=["together", "in chunks"])
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1)])
def test_all_rows_of_a_new_person_count_and_a_no_wins(
    monkeypatch: pytest.MonkeyPatch, order: Sequence[int], is_cut: bool
) -> None:
    if is_cut:
        one_row_at_a_time(monkeypatch)
    before = snapshot()
    content = HEADER + "".join(ROWS[n] for n in order)

    batch = imported(content, source="till")

    first, second, third = (ROWS[n].split(",") for n in order)
    customer = the_customer()
    assert asking(batch) == {"may": 0, "may_not": {"said_no": 1}}
    assert batch.counts["forecast"] == {"known": 2, "customers": 1}
    assert batch.counts["staged"] == {"known": 2, "customers": 1}
    assert stands(customer) == REFUSED
    points = customer.contact_points.order_by("pk").values_list("address", "is_preferred")
    emails = [first[2], *(row[2] for row in (second, third) if row[2] != first[2])][:2]
    assert sorted(points) == sorted([(emails[0], True), (emails[1], False), ("+3725551234", True)])
    days = [int(row[5][:4]) for row in (first, second, third) if row[5].strip()]
    assert (customer.given_name, customer.birth_year) == ("Anna", days[0])
    assert {"anna@example.com", "anna@example.org", "+3725551234"} <= set(found_by(customer))
    assert CustomerKey.objects.get().value == "A"
    assert not ImportChange.objects.exists()
    taken_back(batch)
    assert snapshot() == before


@pytest.mark.parametrize("is_cut", [False, True], ids=["together", "in chunks"])
def test_later_sales_tell_more_of_a_new_buyer(
    monkeypatch: pytest.MonkeyPatch, is_cut: bool
) -> None:
    if is_cut:
        one_row_at_a_time(monkeypatch)
    before = snapshot()
    content = (
        "receipt,date,amount,customer number,email\n"
        "1,2026-01-02,5,A,\n"
        "2,2026-01-03,5,A,anna@example.com\n"
        "3,2026-01-04,5,A,anna@example.com\n"
    )

    batch = imported(content, kind="purchases", source="till")

    customer = the_customer()
    assert customer.purchases.count() == 3
    assert list(customer.contact_points.values_list("address", flat=True)) == ["anna@example.com"]
    assert stands(customer) == {"surveys": True}
    assert asking(batch) == {"may": 1, "may_not": {}}
    taken_back(batch)
    assert snapshot() == before


def test_a_no_counts_without_the_address_beside_it() -> None:
    load(b"customer number,name,email\nA,Anna,anna@example.com\n", source="till", kind="customers")

    imported("customer number,name,newsletter\nA,Anna,no\n", source="till")

    assert stands(the_customer()) == REFUSED


@pytest.mark.parametrize("since", ["", "2020-01-01", "2026-06-10"])
def test_an_imported_yes_lifts_no_unsubscription(since: str) -> None:
    suppress("unsubscribed", days=5)

    batch = imported("name,email\nAnna,anna@example.com\nB,b@example.com\n", since=since)

    assert asking(batch) == {"may": 1, "may_not": {"listed": 1}}
    person = Customer.objects.get(given_name="Anna")
    assert judged(person) == Skip(Reason.UNSUBSCRIBED)
    said = consents.give_consent(
        person, channel="email", purpose="surveys", wording=TEXT, evidence="at the counter"
    )
    assert judged(person) == Go(said)


@pytest.mark.parametrize(
    ("kind", "purpose", "is_listed"),
    [
        ("unsubscribed", "survey", True),
        ("unsubscribed", "marketing", False),
        ("bounced", "", True),
        ("complained", "", True),
        ("blocked", "", True),
    ],
)
def test_the_preview_knows_the_suppression_list(kind: str, purpose: str, is_listed: bool) -> None:
    suppress(kind, purpose=purpose)

    batch = checked("name,email\nAnna,anna@example.com\n")

    listed = {"may": 0, "may_not": {"listed": 1}}
    assert asking(batch) == (listed if is_listed else {"may": 1, "may_not": {}})


def suppress(kind: str, *, purpose: str = "", days: int = 0) -> None:
    Suppression.objects.create(
        address_hash=address_hash("anna@example.com"),
        kind=kind,
        purpose=purpose,
        since=timezone.now() - dt.timedelta(days=days),
    )


def test_the_preview_knows_who_refused_before() -> None:
    customer = anna()
    consents.withdraw_consent(customer, channel="email", purpose="surveys", evidence="by phone")

    batch = imported("name,email\nAnna,anna@example.com\n")

    assert asking(batch) == {"may": 0, "may_not": {"said_no": 1}}
    assert stands(customer) == {"surveys": False}


def test_a_yes_counts_from_its_day_and_a_no_from_now() -> None:
    people.add_customer(
        way="staff",
        by=None,
        given_name="Known",
        addresses=[people.Address("email", "known@example.com")],
    )
    anna()

    imported(
        "name,email,newsletter\nAnna,anna@example.com,no\nKnown,known@example.com,yes\n"
        "New,new@example.com,yes\nNo,no@example.com,no\n",
        since="2020-01-02",
    )

    agreed = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
    said = Consent.objects.filter(purpose="surveys").order_by("customer__given_name")
    days = [(c.customer.given_name, c.given, c.happened_at) for c in said]
    assert [day[:2] for day in days] == [
        ("Anna", False),
        ("Known", True),
        ("New", True),
        ("No", False),
    ]
    assert [days[1][2], days[2][2]] == [agreed, agreed]
    assert days[0][2] >= NOON
    assert days[3][2] >= NOON


def test_who_agreed_today_can_refuse_today(time_machine: time_machine.Traveller) -> None:
    time_machine.move_to(NOON.replace(hour=8), tick=True)
    imported("name,email\nAnna,anna@example.com\n", since="2026-06-10")

    consents.withdraw_consent(
        the_customer(), channel="email", purpose="surveys", evidence="by phone"
    )

    assert stands(the_customer()) == {"surveys": False}


def test_a_no_counts_again_after_a_yes() -> None:
    customer = anna()
    past = timezone.now() - dt.timedelta(days=700)
    for days, given in ((0, False), (300, True)):
        say(customer, given=given, at=past + dt.timedelta(days=days))
    file = "name,email,newsletter\nAnna,anna@example.com,no\n"

    first = imported(file)
    second = imported(file)

    assert stands(customer) == REFUSED
    assert [b.counts["staged"] for b in (first, second)] == [{"changed": 1}, {"known": 1}]
    taken_back(first)
    assert stands(customer) == {"surveys": True}


def say(customer: Customer, *, given: bool, at: dt.datetime | None = None) -> Consent:
    if given:
        return consents.give_consent(
            customer,
            channel="email",
            purpose="surveys",
            wording=TEXT,
            evidence="x",
            happened_at=at,
        )
    return consents.withdraw_consent(
        customer, channel="email", purpose="surveys", evidence="x", happened_at=at
    )


@pytest.mark.parametrize("given", [True, False])
def test_what_people_say_while_a_file_is_loaded_counts(given: bool) -> None:
    customer = anna()
    batch = staged("name,email\nAnna,anna@example.com\n")
    own = say(customer, given=given)

    put_in_force(batch)

    assert list(customer.consents.all()) == [own]


def test_what_was_said_by_whoever_they_became_counts() -> None:
    customer = anna()
    other = people.add_customer(way="staff", by=None, given_name="Ann")
    third = people.add_customer(way="staff", by=None, given_name="Anu")
    batch = staged("name,email\nAnna,anna@example.com\n")
    own = say(third, given=False)
    merging.merge(other, customer, by=None)
    merging.merge(third, other, by=None)

    put_in_force(batch)

    assert list(Consent.objects.all()) == [own]


def test_control_without_another_word_the_yes_is_recorded() -> None:
    customer = anna()
    batch = staged("name,email\nAnna,anna@example.com\n")

    put_in_force(batch)

    assert stands(customer) == {"surveys": True}


def test_who_stays_after_an_undo_did_not_agree() -> None:
    batch = imported("name,email\nAnna,anna@example.com\nB,b@example.com\n")
    customer = Customer.objects.get(given_name="Anna")
    sell_to(customer)
    own = consents.give_consent(
        customer, channel="email", purpose="marketing", wording=TEXT, evidence="at the counter"
    )

    taken_back(batch)

    assert the_customer() == customer
    assert list(Consent.objects.all()) == [own]
    assert ContactPoint.objects.get().address == "anna@example.com"


def test_who_was_merged_meanwhile_did_not_agree_either() -> None:
    survivor = people.add_customer(way="staff", by=None, given_name="Ann")
    batch = imported("name,email\nAnna,anna@example.com\n")
    merging.merge(survivor, Customer.objects.get(given_name="Anna"), by=None)
    assert stands(survivor) == {"surveys": True}

    taken_back(batch)

    assert not Consent.objects.exists()


@pytest.mark.parametrize("is_known", [False, True])
def test_what_a_message_stood_on_stays_and_is_withdrawn(is_known: bool) -> None:
    if is_known:
        anna()
    batch = imported("name,email\nAnna,anna@example.com\n")
    customer = the_customer()
    sell_to(customer)
    record = customer.consents.get()
    judged(customer)
    Message.objects.update(consent=record)

    taken_back(batch)

    evidence = [(c.given, c.evidence) for c in customer.consents.order_by("pk")]
    assert evidence == [(True, "import: list.csv, row 1"), (False, "import undone: list.csv")]
    assert stands(customer) == {"surveys": False}
    assert Message.objects.get().consent == record


def sell_to(customer: Customer) -> None:
    purchases.record_purchase(
        purchases.NewPurchase(
            source="till",
            document="1",
            purchased_at=timezone.now(),
            total=500,
            currency="EUR",
            customer=customer,
        )
    )


def test_whom_another_import_completed_stays() -> None:
    sales = load(
        b"document,date,total,email\n1,2026-01-05,5,anna@example.com\n2,2026-01-05,5,b@example.com\n",
        kind="purchases",
        source="till",
    )
    load(
        b"name,email,birthday\nAnna Mets,anna@example.com,1980-02-29\n",
        kind="customers",
        source="crm",
    )

    taken_back(sales)

    customer = the_customer()
    assert (customer.full_name, customer.birth_year) == ("Anna Mets", 1980)


def test_whom_an_import_that_was_undone_completed_goes() -> None:
    before = snapshot()
    sales = load(
        b"document,date,total,email\n1,2026-01-05,5,anna@example.com\n",
        kind="purchases",
        source="till",
    )
    names = load(b"name,email\nAnna Mets,anna@example.com\n", kind="customers", source="crm")

    taken_back(names)
    taken_back(sales)

    assert snapshot() == before
