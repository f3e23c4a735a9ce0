"""A session alone neither sets a PIN nor makes a token nor takes away a second factor."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.utils import timezone

from regulars.accounts import confirming
from regulars.accounts.models import ApiToken, Staff
from tests.accounts.conftest import PIN, confirm

pytestmark = pytest.mark.django_db
CONFIRM = "/account/reauthenticate/"
PASSWORD = "a long enough password"
TOKEN = {"name": "Till", "scopes": ["scores.read"]}


def with_app(staff: Staff) -> None:
    totp.TOTP.activate(staff, totp.generate_totp_secret())


def test_another_persons_second_factor_goes_once_the_owner_has_confirmed(
    owner_client: Client, colleague: Staff
) -> None:
    with_app(colleague)
    path = f"/staff/{colleague.public_id}/second-factor/removal/"

    asked = owner_client.post(path)
    assert asked.headers["Location"] == f"{CONFIRM}?next={quote(path, safe='')}"
    assert Authenticator.objects.filter(user=colleague).exists()

    done = owner_client.post(asked.headers["Location"], {"password": PASSWORD, "next": path})
    assert done.headers["Location"] == f"/staff/{colleague.public_id}/"
    assert not Authenticator.objects.filter(user=colleague).exists()


def test_ones_own_second_factor_does_not_go_this_way(owner: Staff, owner_client: Client) -> None:
    with_app(owner)
    owner_client.post(CONFIRM, {"password": PASSWORD})

    answer = owner_client.post(f"/staff/{owner.public_id}/second-factor/removal/")

    assert answer.status_code == 422
    assert "on the page of your account" in answer.content.decode()
    assert Authenticator.objects.filter(user=owner).count() == 1


def test_somebody_is_shut_out_once_the_owner_has_confirmed(
    owner_client: Client, colleague: Staff
) -> None:
    path = f"/staff/{colleague.public_id}/deactivation/"

    asked = owner_client.post(path)
    colleague.refresh_from_db()
    assert colleague.is_active

    owner_client.post(asked.headers["Location"], {"password": PASSWORD, "next": path})
    colleague.refresh_from_db()
    assert not colleague.is_active


def test_a_token_is_made_and_shown_once_the_owner_has_confirmed(owner_client: Client) -> None:
    asked = owner_client.post("/settings/tokens/", TOKEN)
    assert not ApiToken.objects.exists()

    shown = owner_client.post(
        asked.headers["Location"], {"password": PASSWORD, "next": "/settings/tokens/"}
    )

    assert shown.status_code == 200
    assert shown.context["raw"] in shown.content.decode()
    assert ApiToken.objects.get().name == "Till"


def test_a_wrong_password_confirms_nothing(owner_client: Client) -> None:
    asked = owner_client.post("/settings/tokens/", TOKEN)

    answer = owner_client.post(
        asked.headers["Location"], {"password": "wrong", "next": "/settings/tokens/"}
    )

    assert "This is not the right password." in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_pin_is_asked_for_after_confirming_and_is_not_kept_before(
    colleague: Staff, colleague_client: Client
) -> None:
    page = colleague_client.get("/account/").content.decode()
    assert 'name="pin"' not in page
    assert 'href="/account/reauthenticate/?next=%2Faccount%2F%23pin"' in page

    asked = colleague_client.post("/account/pin/", {"pin": PIN})
    assert asked.headers["Location"] == "/account/reauthenticate/?next=%2Faccount%2F%23pin"
    assert PIN not in str(dict(colleague_client.session))

    back = colleague_client.post(
        asked.headers["Location"], {"password": PASSWORD, "next": "/account/#pin"}
    )
    assert back.headers["Location"] == "/account/#pin"
    assert 'name="pin"' in colleague_client.get("/account/").content.decode()
    colleague_client.post("/account/pin/", {"pin": PIN})
    colleague.refresh_from_db()
    assert colleague.pin


def test_who_has_confirmed_is_asked_again_after_five_minutes(owner_client: Client) -> None:
    confirm(owner_client)
    assert owner_client.post("/settings/tokens/", TOKEN).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert owner_client.post("/settings/tokens/", TOKEN).status_code == 302

    assert ApiToken.objects.count() == 1


def test_control_without_the_question_a_session_is_enough(
    owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "is_needed", lambda request: False)

    assert owner_client.post("/settings/tokens/", TOKEN).status_code == 200
    assert ApiToken.objects.count() == 1
