"""Joining by the QR code: nothing counts before the owner of the address confirms (PB6, PF8)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.core.models import Moment
from regulars.core.reacting import react
from regulars.customers.actions import joining
from regulars.customers.models import Consent, Customer, JoinCode, JoinRequest
from regulars.customers.queries import people as queries
from regulars.mailing.models import Message
from tests.customers.conftest import new

FORM = {"name": "Kovács Anna", "email": "anna@example.com", "language": "hu"}


@pytest.fixture
def code(place: Place, owner: Staff) -> JoinCode:
    return joining.join_code_of(place, by=owner)


def mail() -> Message:
    """What the worker writes after somebody joined."""
    moment = Moment.objects.filter(kind="customer.join_requested").latest("pk")
    react.call(moment_id=moment.pk, reaction="mailing.ask_to_confirm")
    return Message.objects.latest("pk")


def link_in(message: Message) -> str:
    found = re.search(r"/join/confirm/[\w-]{22}/", message.text)
    assert found, message.text
    return found[0]


def test_joining_and_confirming(code: JoinCode, place: Place) -> None:
    client = Client()
    page = client.get(f"/join/{code.code}/")
    answer = client.post(f"/join/{code.code}/", FORM | {"agrees_surveys": "on"})

    assert "checked" not in page.content.decode()
    assert answer.status_code == 302
    customer = Customer.objects.get()
    assert (customer.given_name, customer.family_name) == ("Anna", "Kovács")
    assert (customer.home_place, customer.language) == (place, "hu")
    assert not Consent.objects.exists()

    link = link_in(mail())
    for _again in range(2):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert not Consent.objects.exists()

    assert client.post(link).status_code == 302
    client.post(link)

    [record] = Consent.objects.all()
    assert (record.purpose, record.channel, record.confirmed) == ("surveys", "email", True)
    assert "Café Mandula" in record.wording
    assert "Kossuth tér" in record.evidence
    assert customer.contact_points.get().state == "works"


def test_a_known_address_makes_no_second_record_and_changes_nothing(code: JoinCode) -> None:
    known = new("Anna", email="anna@example.com")
    stranger, owner = Client(), Client()

    first = stranger.post(
        f"/join/{code.code}/", FORM | {"name": "Somebody Else", "agrees_marketing": "on"}
    )
    second = owner.post(f"/join/{code.code}/", FORM | {"email": "new@example.com"})

    known.refresh_from_db()
    assert (known.given_name, Consent.objects.count()) == ("Anna", 0)
    assert first.headers["Location"] == second.headers["Location"]
    assert Customer.objects.count() == 2


def test_by_phone_the_consent_waits_for_staff(code: JoinCode, colleague_client: Client) -> None:
    Client().post(
        f"/join/{code.code}/",
        {"name": "Nino", "phone": "+995 591 23 45 67", "language": "ka", "agrees_surveys": "on"},
    )
    customer = Customer.objects.get()
    [waiting] = queries.newest_consents(customer)
    assert (waiting.given, waiting.confirmed) == (True, False)

    page = f"{customer.get_absolute_url()}consents/{waiting.public_id}/confirmation/"
    assert colleague_client.post(page).status_code == 302

    [record] = queries.newest_consents(customer)
    assert (record.given, record.confirmed, record.wording) == (True, True, waiting.wording)


def test_a_link_runs_out(code: JoinCode) -> None:
    Client().post(f"/join/{code.code}/", FORM | {"agrees_surveys": "on"})
    link = link_in(mail())

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        Client().post(link)

    assert not Consent.objects.exists()
    assert JoinRequest.objects.get().confirmed_at is None


def test_joining_is_limited_by_address_and_network(code: JoinCode) -> None:
    same = [Client().post(f"/join/{code.code}/", FORM).status_code for _ in range(4)]
    many = [
        Client().post(f"/join/{code.code}/", FORM | {"email": f"a{n}@example.com"}).status_code
        for n in range(joining.PER_NETWORK_AN_HOUR)
    ]

    assert same == [302, 302, 302, 429]
    assert many[-1] == 429
    assert Customer.objects.count() < joining.PER_NETWORK_AN_HOUR


def test_robots_and_mistakes(code: JoinCode) -> None:
    statuses = [
        Client().post(f"/join/{code.code}/", data).status_code
        for data in (
            FORM | {"website": "http://spam.example"},
            {"name": "Anna", "language": "hu"},
            FORM | {"email": "not an address"},
            FORM | {"birth_month": "2"},
            FORM | {"birth_month": "2", "birth_day": "30"},
        )
    ]

    assert statuses == [302, 422, 422, 422, 422]
    assert not Customer.objects.exists()


def test_a_replaced_code_no_longer_works(code: JoinCode, owner_client: Client) -> None:
    renewed = owner_client.post(f"/customers/joining/{code.code}/renewal/")

    assert Client().get(f"/join/{code.code}/").status_code == 404
    poster = owner_client.get(renewed.headers["Location"])
    assert "qr.svg" in poster.content.decode()
    picture = owner_client.get(renewed.headers["Location"] + "qr.svg")
    assert picture.content.startswith(b"<svg xmlns")
    assert b"style" not in picture.content
