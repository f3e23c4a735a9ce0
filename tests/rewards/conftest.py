from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from regulars.accounts.access import cookie_name
from regulars.accounts.actions import devices, tokens
from regulars.accounts.models import Device, DeviceScope, Role, Scope, Staff, StaffRole
from regulars.business.models import Place
from regulars.customers.models import Customer
from regulars.rewards.actions import offers, vouchers
from regulars.rewards.models import Offer
from regulars.rewards.queries import Counter

PIN = "7391"


@pytest.fixture
def anna() -> Customer:
    return Customer.objects.create(given_name="Anna", family_name="Kovács", language="hu")


@pytest.fixture
def offer(owner: Staff) -> Offer:
    """500 forints off, once."""
    return offers.make_offer(by=owner, name="Thanks", gives="amount", amount=500)


@pytest.fixture
def make(owner: Staff) -> Callable[..., Offer]:
    """An offer of 500 forints with further terms."""

    def made(**terms: Any) -> Offer:
        return offers.make_offer(
            by=owner, **({"name": "Thanks", "gives": "amount", "amount": 500} | terms)
        )

    return made


@pytest.fixture
def code(offer: Offer, anna: Customer, owner: Staff) -> str:
    """The code of a voucher of Anna's."""
    return vouchers.issue(offer, anna, key="v1", by=owner).code


@pytest.fixture
def at(place: Place, colleague: Staff) -> Counter:
    """The first place, with the colleague."""
    return Counter(place, staff=colleague)


@pytest.fixture
def manager(place: Place) -> Staff:
    person = Staff.objects.create_user("manager@example.com", "a long password", name="Mari")
    person.pin = make_password("2846")
    person.save(update_fields=["pin"])
    StaffRole.objects.create(staff=person, role=Role.MANAGER, place=place)
    return person


@pytest.fixture
def till(place: Place, owner: Staff, colleague: Staff) -> tuple[Device, Client]:
    """A paired till with the colleague at it."""
    colleague.pin = make_password(PIN)
    colleague.save(update_fields=["pin"])
    pairing = devices.new_pairing_code(name="Till 1", scope=DeviceScope.TILL, place=place, by=owner)
    device, token = devices.pair(pairing, network="192.0.2.1")
    devices.begin_shift(device, person=colleague.public_id, pin=PIN)
    client = Client()
    client.cookies[cookie_name()] = token
    return device, client


@pytest.fixture
def post(owner: Staff) -> Callable[..., Any]:
    """Post JSON to the API with an idempotency key."""
    raw = tokens.new_api_token(name="till", scopes=[Scope.REWARDS_WRITE], by=owner)[1]

    def send(path: str, body: object, *, key: str = "k-1", token: str = raw) -> Any:
        return Client().post(
            f"/api/v1{path}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    return send
