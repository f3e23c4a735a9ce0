from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from regulars.accounts import actions
from regulars.accounts.models import ClaimLink, Role, Staff
from regulars.business.models import Business
from regulars.core.models import AuditEntry

NEW_OWNER = {
    "name": "Kata",
    "email": "Kata@Example.com",
    "password": "három kis macska",
    "language": "hu",
}

pytestmark = pytest.mark.django_db


def test_the_link_makes_the_first_owner_once(client: Client, business: Business) -> None:
    link = actions.new_claim_link()
    assert link is not None

    answer = client.post(link, NEW_OWNER)

    assert (answer.status_code, answer["Location"]) == (302, "/first-run/")
    owner = Staff.objects.get()
    assert (owner.email, owner.name, owner.language) == ("kata@example.com", "Kata", "hu")
    assert [(role.role, role.place) for role in owner.roles.all()] == [(Role.OWNER, None)]
    assert client.session["_auth_user_id"] == str(owner.pk)
    assert Client().post(link, NEW_OWNER | {"email": "b@example.com"}).status_code == 404
    assert Staff.objects.count() == 1
    noted = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert noted == ["accounts.claim_installation", "accounts.sign_in"]


def test_opening_the_link_uses_nothing_up(client: Client) -> None:
    link = actions.new_claim_link()
    assert link is not None

    for _ in range(3):
        assert client.get(link).status_code == 200

    assert ClaimLink.objects.get().used_at is None


def test_the_database_does_not_hold_the_token(client: Client) -> None:
    link = actions.new_claim_link()
    assert link is not None

    assert link.split("/")[2] not in str(ClaimLink.objects.values())


def test_a_new_link_ends_the_one_before(client: Client) -> None:
    first = actions.new_claim_link()
    second = actions.new_claim_link()
    assert first is not None
    assert second is not None

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_the_link_lasts_a_day(client: Client) -> None:
    link = actions.new_claim_link()
    assert link is not None

    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert client.post(link, NEW_OWNER).status_code == 404
    assert not Staff.objects.exists()


def test_there_is_no_link_while_there_is_an_owner(owner: Staff, client: Client) -> None:
    assert actions.new_claim_link() is None


def test_a_link_made_before_somebody_became_owner_is_dead(client: Client, owner: Staff) -> None:
    owner.is_active = False
    owner.save(update_fields=["is_active"])
    link = actions.new_claim_link()
    assert link is not None
    owner.is_active = True
    owner.save(update_fields=["is_active"])

    assert client.post(link, NEW_OWNER).status_code == 404


def test_a_weak_password_is_refused(client: Client) -> None:
    link = actions.new_claim_link()
    assert link is not None

    answer = client.post(link, NEW_OWNER | {"password": "password123"})

    assert answer.status_code == 422
    assert not Staff.objects.exists()
