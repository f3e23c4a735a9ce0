from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from regulars.accounts import queries
from regulars.accounts.access import cookie_name
from regulars.accounts.actions import devices
from regulars.accounts.actions import staff as staff_actions
from regulars.accounts.errors import NotYourPlaceError, TooManyTriesError, WrongCodeError
from regulars.accounts.models import Device, DeviceScope, PairingCode, Staff
from regulars.business.models import Place
from regulars.core import limits
from regulars.core.models import AuditEntry
from tests.accounts.conftest import PIN, confirm, paired

pytestmark = pytest.mark.django_db

DeviceAndClient = tuple[Device, Client]


def test_a_code_pairs_one_device_once(manager_client: Client, place: Place) -> None:
    page = manager_client.post(
        "/settings/devices/codes/", {"name": "Till 1", "scope": "till", "place": place.public_id}
    )
    code = page.context["code"]
    tablet = Client()

    first = tablet.post("/pair/", {"code": code.lower()})
    second = Client().post("/pair/", {"code": code})

    assert (first.status_code, first["Location"]) == (302, "/till/sign-in/")
    assert second.status_code == 422
    device = Device.objects.get()
    assert (device.name, device.scope, device.place) == ("Till 1", DeviceScope.TILL, place)
    cookie = tablet.cookies[cookie_name()]
    assert cookie["httponly"]
    assert cookie.value not in str(list(Device.objects.values()))
    assert queries.device_by(cookie.value) == device


def test_a_code_lasts_ten_minutes(place: Place, manager: Staff) -> None:
    code = devices.new_pairing_code(name="x", scope=DeviceScope.TILL, place=place, by=manager)

    with (
        time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False),
        pytest.raises(WrongCodeError),
    ):
        devices.pair(code, network="192.0.2.1")


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("abcd-efgh", "ABCDEFGH"), (" 1o IL 23 45 ", "10112345"), ("ÁBCD", "BCD")],
)
def test_a_code_may_be_typed_as_it_is_read(typed: str, normal: str) -> None:
    assert devices.normal_code(typed) == normal


def test_guessing_codes_is_limited_and_leaves_the_honest_alone(
    place: Place, manager: Staff
) -> None:
    code = devices.new_pairing_code(name="x", scope=DeviceScope.TILL, place=place, by=manager)

    for _ in range(devices.CODE_TRIES):
        with pytest.raises(WrongCodeError):
            devices.pair("00000000", network="203.0.113.66")
    with pytest.raises(TooManyTriesError):
        devices.pair(code, network="203.0.113.66")

    assert devices.pair(code, network="192.0.2.1")


def test_nobody_pairs_at_a_place_they_do_not_manage(
    manager: Staff, manager_client: Client, other_place: Place
) -> None:
    answer = manager_client.post(
        "/settings/devices/codes/",
        {"name": "x", "scope": "till", "place": other_place.public_id},
    )

    assert answer.status_code == 422
    with pytest.raises(NotYourPlaceError):
        devices.new_pairing_code(name="x", scope=DeviceScope.TILL, place=other_place, by=manager)
    assert not PairingCode.objects.exists()


def test_strangers_and_servers_do_not_see_devices(
    stranger_client: Client, colleague_client: Client
) -> None:
    assert stranger_client.get("/settings/devices/").status_code == 403
    assert colleague_client.get("/settings/devices/").status_code == 403


def test_name_and_pin_begin_a_shift(till: DeviceAndClient, cashier: Staff) -> None:
    device, client = till

    answer = client.post("/till/sign-in/", {"person": cashier.public_id, "pin": PIN})

    assert answer.status_code == 302
    assert queries.person_at(Device.objects.get()) == cashier
    assert AuditEntry.objects.filter(
        action="accounts.begin_shift", staff_id=cashier.pk, device_id=device.pk
    ).exists()
    client.post("/till/sign-off/")
    assert queries.person_at(Device.objects.get()) is None


def test_a_shift_ends_after_twelve_hours(till: DeviceAndClient, cashier: Staff) -> None:
    device, _ = till
    devices.begin_shift(device, person=cashier.public_id, pin=PIN)

    with time_machine.travel(timezone.now() + timedelta(hours=12, minutes=1), tick=False):
        assert queries.person_at(Device.objects.get()) is None


def test_guessing_a_pin_locks_that_name_on_that_device_only(
    till: DeviceAndClient, cashier: Staff, manager: Staff, place: Place
) -> None:
    device, client = till
    staff_actions.set_pin(manager, "8264", by=manager)
    another, _ = paired(place, manager, DeviceScope.TILL)

    tries = [
        client.post("/till/sign-in/", {"person": cashier.public_id, "pin": "0000"})
        for _ in range(devices.PIN_TRIES + 1)
    ]
    right = client.post("/till/sign-in/", {"person": cashier.public_id, "pin": PIN})

    assert {answer.status_code for answer in tries} == {422}
    assert right.status_code == 422
    assert "Too many tries" in right.content.decode()
    assert devices.begin_shift(device, person=manager.public_id, pin="8264") == manager
    assert devices.begin_shift(another, person=cashier.public_id, pin=PIN) == cashier


def test_only_failures_count(till: DeviceAndClient, cashier: Staff) -> None:
    device, _ = till

    for _ in range(3 * devices.PIN_TRIES):
        devices.begin_shift(device, person=cashier.public_id, pin=PIN)


def test_whoever_does_not_serve_here_is_not_offered(
    till: DeviceAndClient, cashier: Staff, stranger: Staff
) -> None:
    device, client = till
    staff_actions.set_pin(stranger, PIN, by=stranger)

    assert list(queries.people_for(device)) == [cashier]
    answer = client.post("/till/sign-in/", {"person": stranger.public_id, "pin": PIN})
    assert answer.status_code == 422


def test_a_limiter_that_fails_lets_nobody_to_the_till(
    till: DeviceAndClient, cashier: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = till
    client.raise_request_exception = False

    def broken(*_: object, **__: object) -> bool:
        raise ImproperlyConfigured("broken")

    monkeypatch.setattr(limits, "allow", broken)

    answer = client.post("/till/sign-in/", {"person": cashier.public_id, "pin": PIN})

    assert answer.status_code == 500
    assert queries.person_at(Device.objects.get()) is None


def test_a_revoked_device_is_out_at_once(till: DeviceAndClient, manager_client: Client) -> None:
    device, client = till
    assert client.get("/device/").status_code == 200

    manager_client.post(f"/settings/devices/{device.public_id}/revocation/")

    assert client.get("/device/")["Location"] == "/pair/"
    assert client.post("/till/sign-off/").status_code == 401


def test_a_kiosk_is_no_till(kiosk: DeviceAndClient) -> None:
    _, client = kiosk

    assert client.get("/device/").status_code == 200
    assert client.get("/till/sign-in/")["Location"] == "/pair/"
    assert client.post("/till/sign-off/").status_code == 401


@pytest.mark.parametrize("pin", ["1111", "1234", "4321", "7890", "1212", "1985", "2012", "9876"])
def test_pins_that_anybody_tries_first_are_refused(colleague_client: Client, pin: str) -> None:
    confirm(colleague_client)
    assert colleague_client.post("/account/pin/", {"pin": pin}).status_code == 422


@pytest.mark.parametrize("pin", ["123", "12a4", "123456789", "١٢٣٤"])
def test_a_pin_has_4_to_8_digits(colleague_client: Client, pin: str) -> None:
    confirm(colleague_client)
    assert colleague_client.post("/account/pin/", {"pin": pin}).status_code == 422


def test_a_pin_is_kept_as_a_hash(colleague: Staff, colleague_client: Client) -> None:
    confirm(colleague_client)
    colleague_client.post("/account/pin/", {"pin": PIN})
    colleague.refresh_from_db()

    assert colleague.pin
    assert PIN not in colleague.pin
