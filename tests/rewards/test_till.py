"""The till page on a paired device."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.utils import timezone, translation

from regulars.accounts.models import Device, Staff
from regulars.business.models import Business
from regulars.core import money
from regulars.customers.models import Customer
from regulars.rewards import codes, guessing
from regulars.rewards.actions import vouchers
from regulars.rewards.models import Offer, Redemption, Voucher

Till = tuple[Device, Client]


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_code_is_looked_at_and_used(till: Till, code: str, colleague: Staff) -> None:
    device, client = till

    looked = client.post("/till/check/", {"code": codes.shown(code).lower(), "total": "2000"})
    assert looked.status_code == 200
    assert "Anna" in looked.text or "Kovács" in looked.text
    assert Redemption.objects.count() == 0
    form = {"code": code, "total": "2000", "key": key_in(looked.text)}
    used = [client.post("/till/uses/", form) for _ in range(3)]

    use = Redemption.objects.get()
    assert (use.staff, use.device, use.place, use.value) == (colleague, device, device.place, 500)
    assert {answer["Location"] for answer in used} == {f"/till/uses/{use.public_id}/"}
    assert client.get(used[0]["Location"]).status_code == 200


def test_a_refusal_says_exactly_why(till: Till, code: str) -> None:
    client = till[1]
    client.post("/till/uses/", {"code": code, "key": "1"})

    again = client.post("/till/check/", {"code": code})
    mistyped = client.post("/till/check/", {"code": "7K3M"})

    assert again.status_code == mistyped.status_code == 422
    assert "This voucher has been used already." in again.text
    assert "This code has a typing error. Please look at it again." in mistyped.text


def test_a_use_is_undone_with_a_reason(till: Till, code: str) -> None:
    client = till[1]
    page = client.post("/till/uses/", {"code": code, "key": "1"})["Location"]

    without = client.post(f"{page}undoing/", {"reason": ""})
    undone = client.post(f"{page}undoing/", {"reason": "wrong customer"})

    assert (without.status_code, undone.status_code) == (422, 302)
    assert "wrong customer" in client.get(page).text
    assert Voucher.objects.get().used == 0


@pytest.mark.parametrize(("pin", "status", "left"), [("2846", 302, 0), ("0000", 422, 1)])
def test_a_late_undoing_needs_the_pin_of_a_manager(
    till: Till, code: str, manager: Staff, pin: str, status: int, left: int
) -> None:
    client = till[1]
    page = client.post("/till/uses/", {"code": code, "key": "1"})["Location"]

    with time_machine.travel(Redemption.objects.get().created_at.timestamp() + 45 * 60):
        alone = client.post(f"{page}undoing/", {"reason": "mistake"})
        helped = client.post(
            f"{page}undoing/", {"reason": "mistake", "manager": manager.public_id, "pin": pin}
        )

    assert alone.status_code == 422
    assert "It is too late to undo this alone. Please ask a manager." in alone.text
    assert helped.status_code == status
    assert Voucher.objects.get().used == left


def test_guessing_stops_a_till_and_no_other(
    till: Till, offer: Offer, anna: Customer, owner: Staff
) -> None:
    client = till[1]
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        for _ in range(guessing.TILL_TRIES):
            client.post("/till/check/", {"code": codes.new_code()})
        code = vouchers.issue(offer, anna, key="v", by=owner).code
        stopped = client.post("/till/check/", {"code": code})

        assert "Too many wrong codes." in stopped.text
        assert guessing.may_try("device:another")


def test_the_till_is_for_paired_devices(
    code: str, owner_client: Client, stranger_client: Client, client: Client
) -> None:
    for person in (owner_client, stranger_client, client):
        assert person.get("/till/")["Location"] == "/pair/"
        assert person.post("/till/uses/", {"code": code, "key": "1"}).status_code == 401
    assert Redemption.objects.count() == 0


OFFER = {
    "name": "A coffee",
    "gives": "item",
    "item": "a coffee of your choice",
    "valid_days": "30",
    "weekdays": ["0", "1", "2", "3", "4"],
    "uses_per_voucher": "1",
}


def test_a_manager_makes_and_closes_an_offer(
    owner_client: Client, colleague_client: Client, stranger_client: Client
) -> None:
    for other in (colleague_client, stranger_client):
        assert other.post("/offers/new/", OFFER).status_code == 403
    made = owner_client.post("/offers/new/", OFFER)

    offer = Offer.objects.get()
    assert made["Location"] == f"/offers/{offer.public_id}/"
    assert (offer.item, offer.weekdays, offer.currency) == (OFFER["item"], 0b11111, "HUF")
    assert owner_client.get("/offers/").status_code == 200
    assert owner_client.post(f"/offers/{offer.public_id}/closure/").status_code == 302
    assert not Offer.objects.open().exists()


def test_an_offer_must_give_something(owner_client: Client) -> None:
    answer = owner_client.post("/offers/new/", OFFER | {"gives": "percent"})

    assert answer.status_code == 422
    assert not Offer.objects.exists()


def test_the_page_of_an_offer_lists_its_vouchers_and_takes_one_back(
    owner: Staff, make: Callable[..., Offer], anna: Customer
) -> None:
    """The form in a row carries its own token, so that it works without scripts."""
    issued = vouchers.issue(make(), anna, key="k", by=owner)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = browser.get(f"/offers/{issued.voucher.offer.public_id}/").text
    address = f"/vouchers/{issued.voucher.public_id}/cancellation/"
    token = re.search(rf'action="{address}"><input[^>]*value="(\w+)"', page)
    assert token is not None

    answer = browser.post(address, {"csrfmiddlewaretoken": token[1]})

    assert answer.status_code == 302
    assert Voucher.objects.get().state == "cancelled"


def test_a_voucher_is_taken_back_unless_it_was_used(
    owner_client: Client, till: Till, make: Callable[..., Offer], anna: Customer, owner: Staff
) -> None:
    offer = make()
    first, second = (vouchers.issue(offer, anna, key=f"k{n}", by=owner) for n in range(2))
    till[1].post("/till/uses/", {"code": first.code, "key": "1"})

    for issued in (first, second):
        owner_client.post(f"/vouchers/{issued.voucher.public_id}/cancellation/")

    assert [one.state for one in Voucher.objects.order_by("pk")] == ["used", "cancelled"]
    assert "Thanks" in owner_client.get("/vouchers/uses/").text


@pytest.mark.parametrize("language", ["en", "hu", "bg", "et", "ka"])
def test_the_amount_at_the_till_is_the_one_that_was_typed(
    till: Till, code: str, make: Callable[..., Offer], language: str
) -> None:
    """A decimal comma is never taken for a sign between thousands."""
    client = till[1]
    Business.objects.update(currency="EUR")
    at_most = make(gives="percent", percent=10, currency="EUR", amount=0)
    offered = vouchers.issue(at_most, Customer.objects.get(), key="ten", by=at_most.made_by).code
    headers = {"Accept-Language": language}

    looked = client.post("/till/check/", {"code": offered, "total": "12,50"}, headers=headers)
    unclear = client.post("/till/check/", {"code": offered, "total": "1.500"}, headers=headers)
    form = {"code": offered, "total": "12,50", "key": "1"}
    used = client.post("/till/uses/", form, headers=headers)

    assert (looked.status_code, unclear.status_code, used.status_code) == (200, 422, 302)
    with translation.override(language):
        assert money.example("EUR") in unclear.text
        assert money.format_money(1250, "EUR") in html.unescape(looked.text)
    assert (Redemption.objects.get().total, Redemption.objects.get().value) == (1250, 125)


def test_an_offer_takes_off_the_amount_that_was_typed(owner_client: Client) -> None:
    Business.objects.update(currency="EUR")
    terms = OFFER | {"gives": "amount", "amount": "12,50", "min_total": "1 234.50"}

    refused = owner_client.post("/offers/new/", terms | {"amount": "12.345"})
    made = owner_client.post("/offers/new/", terms)

    assert (refused.status_code, made.status_code) == (422, 302)
    assert (Offer.objects.get().amount, Offer.objects.get().min_total) == (1250, 123450)


def test_a_refusal_shows_the_other_conditions_too(
    till: Till, make: Callable[..., Offer], anna: Customer, owner: Staff
) -> None:
    code = vouchers.issue(make(min_total=1000, limit_per_customer=2), anna, key="k", by=owner).code

    page = html.unescape(till[1].post("/till/check/", {"code": code, "total": "999"}).text)

    assert page.count("For purchases from HUF\xa01,000.") == 1
    assert "At most 2 uses per customer." in page


def test_an_undone_voucher_that_has_run_out_is_not_called_usable(till: Till, code: str) -> None:
    client = till[1]
    page = client.post("/till/uses/", {"code": code, "key": "1"})["Location"]
    Voucher.objects.update(expires_at=timezone.now())

    client.post(f"{page}undoing/", {"reason": "wrong customer"})

    shown = client.get(page).text
    assert "can be used again" not in shown
    assert "The use is undone, but the voucher cannot be used now (run out)." in shown
