"""The list, the kinds and the customer's page: found in five scripts, few queries, no strangers."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from regulars.business.models import Business, Place
from regulars.core import finding
from regulars.core.money import Money
from regulars.core.templatetags import ui
from regulars.customers.actions import consents, people, standings
from regulars.customers.models import Customer, Item, Segment, Standing
from regulars.customers.queries import buying, duplicates, history, segments
from regulars.customers.queries import people as queries
from tests.customers.conftest import NOON, Buy, new


@pytest.fixture(autouse=True)
def noon() -> object:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("kovacs", "Kovács"),
        ("KOVÁCS anna", "Kovács"),
        ("иван", "Иванов"),
        ("ivan", "Иванов"),
        ("ბერიძე", "ბერიძე"),
        ("beridze", "ბერიძე"),
        ("öopik", "Õöpik"),
        ("301234567", "Kovács"),
        ("smith@example", "Smith"),
        ("nobody", None),
    ],
)
def test_search_finds_in_five_scripts(business: Business, typed: str, found: str | None) -> None:
    new("Anna", "Kovács", phone="+36301234567")
    new("Иван", "Иванов")
    new("ნინო", "ბერიძე")
    new("Mari", "Õöpik")
    new("John", "Smith", email="smith@example.com")

    names = [one.family_name for one in queries.matching(queries.customers(), typed)]

    assert names == ([found] if found else [])


def test_kinds_follow_the_rule_and_the_day(business: Business, buy: Buy) -> None:
    regular, first, occasional = new("R"), new("F"), new("O")
    lapsing, lost, nobody = new("L"), new("X"), new("N")
    for days in (5, 35, 65, 95):
        buy(regular, days)
    buy(first, 10)
    for days in (20, 80):
        buy(occasional, days)
    for days in (150, 180, 210):
        buy(lapsing, days)
    for days in (500, 530):
        buy(lost, days)

    kept = dict(Standing.objects.exclude(segment="").values_list("customer", "segment"))

    assert kept == {
        regular.pk: Segment.REGULAR,
        first.pk: Segment.FIRST_TIMER,
        occasional.pk: Segment.OCCASIONAL,
        lapsing.pk: Segment.LAPSING,
        lost.pk: Segment.LOST,
    }
    assert nobody.pk not in kept
    standings.refresh_all()
    assert dict(Standing.objects.exclude(segment="").values_list("customer", "segment")) == kept
    past = segments.counts(dt.date(2026, 5, 1))
    assert (past[Segment.LOST], past[Segment.LAPSING], past[Segment.FIRST_TIMER]) == (0, 1, 1)
    assert past[Segment.OCCASIONAL] == 0


def test_days_alone_make_somebody_lost(business: Business, buy: Buy) -> None:
    customer = new("R")
    buy(customer, 0)
    assert customer.standing.segment == Segment.FIRST_TIMER

    with time_machine.travel(NOON + dt.timedelta(days=400)):
        standings.refresh_all()

    customer.standing.refresh_from_db()
    assert customer.standing.segment == Segment.LOST


def test_a_cancelled_purchase_no_longer_counts(business: Business, buy: Buy) -> None:
    from regulars.customers.actions import purchases

    customer = new("R")
    purchase = buy(customer, 0, total=900)
    assert (customer.standing.visits, customer.standing.spent) == (1, 900)

    purchases.cancel_purchase(purchase)

    customer.standing.refresh_from_db()
    assert (customer.standing.visits, customer.standing.segment) == (0, "")


def test_favourites_are_never_discreet(business: Business, buy: Buy) -> None:
    anna = new("Anna")
    for days in (1, 2, 3):
        buy(anna, days, items=("latte", "ointment"))
    buy(anna, 4, items=("cake",))
    Item.objects.filter(code="ointment").update(is_discreet=True)

    assert [(one.name, one.purchases) for one in buying.favourites(anna)] == [
        ("latte", 3),
        ("cake", 1),
    ]


def test_filters(business: Business, place: Place, buy: Buy, owner_client: Client) -> None:
    anna = new("Anna", email="a@example.com", language="hu", birth_month=11, birth_day=20)
    new("Nino", language="ka", phone="+995591234567")
    buy(anna, 1, place=place)
    consents.give_consent(
        anna, channel="email", purpose="surveys", wording="Yes", evidence="a form"
    )

    def names(query: str) -> list[str]:
        page = owner_client.get(f"/customers/?{query}").context["table"].page
        return [one.given_name for one in page]

    assert names("language=ka") == ["Nino"]
    assert names("consent=surveys") == ["Anna"]
    assert names("consent=marketing") == []
    assert names("address=phone") == ["Nino"]
    assert names("birthday=11") == ["Anna"]
    assert names(f"place={place.public_id}") == ["Anna"]
    assert names("segment=first_timer") == ["Anna"]
    assert names("segment=none") == ["Nino"]
    assert names("segment=first_timer&as_of=2026-11-01") == []
    assert names("segment=none&as_of=2026-11-01") == ["Anna", "Nino"]
    assert names("q=nino&sort=-name") == ["Nino"]
    consents.withdraw_consent(anna, channel="email", purpose="surveys", evidence="said so")
    assert names("consent=surveys") == []


def listed(client: Client, query: str) -> list[tuple[str, ...]]:
    """Name, kind, visits, last visit and money of each row, as the page shows them."""
    columns = "cols=segment&cols=visits&cols=last_seen&cols=spent"
    table = client.get(f"/customers/?{query}&{columns}").context["table"]
    return [tuple(strip_tags(str(cell.render())).strip() for cell in row) for row in table.cells]


def test_the_list_of_a_day_in_the_past_shows_what_was_then(
    business: Business, buy: Buy, owner_client: Client
) -> None:
    anna = new("Anna")
    new("Nino")
    for days in (300, 30, 20, 10):
        buy(anna, days, total=1000)

    def day(days: int) -> dt.date:
        return segments.today() - dt.timedelta(days=days)

    def rows(query: str) -> list[tuple[str, ...]]:
        return listed(owner_client, query)

    last = {days: strip_tags(ui.day(day(days))) for days in (10, 300)}
    spent = {count: strip_tags(ui.money(Money(1000 * count, "HUF"))) for count in (0, 1, 4)}
    nino = ("Nino", "", "0", "", spent[0])

    assert rows("") == [("Anna", str(Segment.REGULAR.label), "4", last[10], spent[4]), nino]
    past = rows(f"as_of={day(290)}")
    assert past == [("Anna", str(Segment.FIRST_TIMER.label), "1", last[300], spent[1]), nino]
    assert rows(f"as_of={day(290)}&segment=first_timer") == past[:1]
    assert rows(f"as_of={day(290)}&sort=-visits") == past
    assert rows(f"as_of={day(500)}") == [("Anna", *nino[1:]), nino]
    assert Standing.objects.get(customer=anna).visits == 4


def test_in_a_list_of_the_past_everybody_is_what_the_counts_say(
    business: Business, buy: Buy, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is late by their own rhythm is judged among the others: within the same slices."""
    monkeypatch.setattr(segments, "SLICE", 4)
    while new("Somebody who bought nothing").pk % 4 != 3:  # the next one begins a slice
        pass
    for number in range(8):
        customer = new(f"C {number}")
        for days in (90, 89, 20, 19, 5) if number else (50, 40, 30, 20):
            buy(customer, days)
    as_of = segments.today() - dt.timedelta(days=1)
    everybody = {one.customer_id: one for one in segments.facts_about(None, as_of=as_of)}
    some = sorted(everybody)[::2]

    beside = segments.facts_beside(some, as_of=as_of)
    alone = {one.customer_id: one for pk in some for one in segments.facts_about([pk], as_of=as_of)}

    assert beside == {pk: everybody[pk] for pk in some}
    assert alone != beside


@pytest.mark.parametrize("few", [0, 2, 3, 5000])
def test_who_cannot_be_reached(
    business: Business, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they are few and looked up, or many and met on the way."""
    monkeypatch.setattr(finding, "FEW", few)
    new("Anna", email="a@example.com")
    new("Nino", phone="+995591234567", email="n@example.com")
    for name in ("Bela", "Cili", "Dóri"):
        new(name)

    def names(channel: str) -> list[str]:
        rows = queries.with_address(queries.customers(), channel)
        return sorted(rows.values_list("given_name", flat=True))

    assert names("none") == ["Bela", "Cili", "Dóri"]
    assert names("email") == ["Anna", "Nino"]
    assert names("phone") == ["Nino"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_for_any_length(
    business: Business, buy: Buy, owner_client: Client, rows: int
) -> None:
    for number in range(rows):
        buy(new(f"C{number}", email=f"c{number}@example.com"), number)

    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert owner_client.get("/customers/").status_code == 200

    about_customers = [one for one in seen.captured_queries if '"customers_' in one["sql"]]
    assert len(about_customers) == 4  # count, numbers, rows, addresses


def test_the_page_takes_the_same_queries_for_any_history(
    business: Business, buy: Buy, owner_client: Client
) -> None:
    queries_of: dict[int, list[str]] = {}
    for rows in (4, 12):
        anna = new("Anna", email=f"anna{rows}@example.com")
        for number in range(rows):
            buy(anna, number, items=("latte", "cake"))
            consents.pause(anna, kind="silence", key=str(number))
        owner_client.get(anna.get_absolute_url())  # what is read once and kept
        with CaptureQueriesContext(connection) as seen:
            assert owner_client.get(anna.get_absolute_url()).status_code == 200
        queries_of[rows] = [one["sql"] for one in seen.captured_queries]

    assert len(queries_of[12]) == len(queries_of[4]) <= 40


def test_history_merges_moments_and_purchases(business: Business, buy: Buy) -> None:
    anna = new("Anna")
    for days in range(25):
        buy(anna, days)

    first, second = history.history(anna, page=1), history.history(anna, page=2)

    assert (len(first.happenings), first.has_more) == (20, True)
    assert (len(second.happenings), second.has_more) == (6, False)
    times = [one.at for one in (*first.happenings, *second.happenings)]
    assert times == sorted(times, reverse=True)


def test_the_page_shows_who_they_are(
    anna: Customer, buy: Buy, owner_client: Client, stranger_client: Client
) -> None:
    child = new("Bence", "Kovács")
    buy(anna, 1, items=("latte",))
    people.set_buyer(child, anna, by=None)

    text = owner_client.get(anna.get_absolute_url()).content.decode()

    assert "Kovács Anna" in text
    assert "anna@example.com" in text
    assert "latte" in text
    assert child.get_absolute_url() in text
    assert stranger_client.get(anna.get_absolute_url()).status_code == 403


def test_adding_and_changing(business: Business, colleague_client: Client) -> None:
    added = colleague_client.post(
        "/customers/new/",
        {"given_name": "Nino", "email": "Nino@Example.com", "birth_month": "2", "birth_day": "29"},
    )
    customer = Customer.objects.get()
    changed = colleague_client.post(
        f"{customer.get_absolute_url()}edit/",
        {"given_name": "Nino", "family_name": "Beridze", "kind": "person", "wishes": "Tea"},
    )
    wrong = colleague_client.post("/customers/new/", {"email": "not an address"})

    customer.refresh_from_db()
    assert (added.status_code, changed.status_code, wrong.status_code) == (302, 302, 422)
    assert customer.contact_points.get().address == "nino@example.com"
    assert (customer.family_name, customer.birth_day) == ("Beridze", None)
    assert customer.preferences == {"wishes": "Tea"}
    assert Customer.objects.count() == 1


def test_consents_and_pauses_by_hand(anna: Customer, colleague_client: Client) -> None:
    page = anna.get_absolute_url()
    said = {"channel": "email", "purpose": "surveys", "evidence": "said at the counter"}
    colleague_client.post(f"{page}consents/", said | {"answer": "given"})
    [record] = queries.newest_consents(anna)
    colleague_client.post(f"{page}pauses/", {"kind": "do_not_greet", "until": "2026-12-24"})
    [pause] = queries.pauses_in_force(anna)

    assert (record.given, record.confirmed, record.language) == (True, True, "hu")
    assert "Café Mandula" in record.wording
    assert pause.until == dt.datetime(2026, 12, 24, 23, tzinfo=dt.UTC)  # midnight in Budapest
    colleague_client.post(f"{page}consents/", said | {"answer": "withdrawn"})
    colleague_client.post(f"{page}pauses/{pause.public_id}/end/")
    assert [one.given for one in queries.newest_consents(anna)] == [False]
    assert queries.pauses_in_force(anna) == []


def test_duplicates_are_proposed_once_with_the_surest_reason(
    business: Business, owner_client: Client
) -> None:
    one = new("Anna", "Kovács", email="a@example.com", birth_month=5, birth_day=1)
    same = new("Anna", "Kovács", email="a@example.com", birth_month=5, birth_day=1)
    dated = new("Anna", "Kovács", birth_month=5, birth_day=1)
    tail = new("Béla", "Nagy", phone="+36301234567")
    alike = new("Bela", "Nagy", phone="+36201234567")
    new("Gábor", "Kis", phone="+36701234567")

    found = {(p.first.pk, p.second.pk): p.why.value for p in duplicates.proposals()}

    assert found == {
        (one.pk, same.pk): "same_address",
        (one.pk, dated.pk): "same_name_and_birthday",
        (same.pk, dated.pk): "same_name_and_birthday",
        (tail.pk, alike.pk): "alike_and_same_tail",
    }
    page = f"/customers/{tail.public_id}/same/{alike.public_id}/apart/"
    assert owner_client.post(page).status_code == 302
    assert (tail.pk, alike.pk) not in {(p.first.pk, p.second.pk) for p in duplicates.proposals()}
