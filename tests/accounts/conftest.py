from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from regulars.accounts.access import cookie_name
from regulars.accounts.actions import devices
from regulars.accounts.models import Device, DeviceScope, Role, Staff, StaffRole
from regulars.business.models import Place

PIN = "7391"


@pytest.fixture
def manager(place: Place) -> Staff:
    person = Staff.objects.create_user(
        "manager@example.com", "a long enough password", name="Mari Manager", language="en"
    )
    StaffRole.objects.create(staff=person, role=Role.MANAGER, place=place)
    return person


@pytest.fixture
def manager_client(manager: Staff) -> Client:
    client = Client()
    client.force_login(manager, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def cashier(colleague: Staff) -> Staff:
    """The colleague, with a PIN."""
    colleague.pin = make_password(PIN)
    colleague.save(update_fields=["pin"])
    return colleague


def confirm(client: Client) -> None:
    """It is really them: what delicate acts ask first."""
    client.post("/account/reauthenticate/", {"password": "a long enough password"})


def paired(place: Place, by: Staff, scope: DeviceScope) -> tuple[Device, Client]:
    code = devices.new_pairing_code(name=f"{scope} 1", scope=scope, place=place, by=by)
    device, token = devices.pair(code, network="192.0.2.1")
    client = Client()
    client.cookies[cookie_name()] = token
    return device, client


@pytest.fixture
def till(place: Place, manager: Staff) -> tuple[Device, Client]:
    return paired(place, manager, DeviceScope.TILL)


@pytest.fixture
def kiosk(place: Place, manager: Staff) -> tuple[Device, Client]:
    return paired(place, manager, DeviceScope.KIOSK)
