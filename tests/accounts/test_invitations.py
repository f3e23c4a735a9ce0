from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from regulars.accounts.actions import invitations
from regulars.accounts.actions import staff as staff_actions
from regulars.accounts.errors import AlreadyInvitedError, AlreadyStaffError, LinkUsedError
from regulars.accounts.models import Invitation, Role, Staff
from regulars.business.models import Business, Place

pytestmark = pytest.mark.django_db
ME = {"name": "Nóra", "password": "három kis macska", "language": "hu"}


def sent(owner: Staff, place: Place | None, email: str = "nora@example.com") -> invitations.Sent:
    return invitations.invite(email, role=Role.STAFF, place=place, language="hu", by=owner)


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def test_whoever_is_invited_joins_with_the_role(
    owner_client: Client, place: Place, business: Business, mailoutbox: list[EmailMessage]
) -> None:
    business.public_url = "https://mandula.example"
    business.save(update_fields=["public_url"])
    page = owner_client.post(
        "/staff/invitations/new/",
        {"email": "Nora@Example.com", "role": "staff", "place": place.public_id, "language": "hu"},
        headers={"Host": "evil.example"},
    )
    link = page.context["link"]
    assert link.startswith("https://mandula.example/invitation/")
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["nora@example.com"], "Café Mandula meghívja Önt")
    assert link in mail.body
    assert "evil" not in mail.body

    guest = Client()
    assert guest.get(path_of(link)).status_code == 200
    answer = guest.post(path_of(link), ME)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    nora = Staff.objects.get(email="nora@example.com")
    assert [(role.role, role.place) for role in nora.roles.all()] == [(Role.STAFF, place)]
    assert guest.get("/account/")["Content-Language"] == "hu"
    assert Client().post(path_of(link), ME).status_code == 404


def test_the_token_is_not_in_the_row(owner: Staff, place: Place) -> None:
    token = sent(owner, place).link.split("/")[-2]

    assert token not in str(Invitation.objects.values())


def test_an_invitation_runs_out_after_seven_days(owner: Staff, place: Place) -> None:
    link = path_of(sent(owner, place).link)

    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert Client().get(link).status_code == 404
        assert Client().post(link, ME).status_code == 404


def test_sending_again_ends_the_old_link(owner: Staff, place: Place, owner_client: Client) -> None:
    first = sent(owner, place)

    page = owner_client.post(f"/staff/invitations/{first.invitation.public_id}/sending/")

    assert Client().get(path_of(first.link)).status_code == 404
    assert Client().get(path_of(page.context["link"])).status_code == 200


def test_an_invitation_can_be_taken_back(owner: Staff, place: Place, owner_client: Client) -> None:
    first = sent(owner, place)

    owner_client.post(f"/staff/invitations/{first.invitation.public_id}/revocation/")

    assert Client().post(path_of(first.link), ME).status_code == 404
    with pytest.raises(LinkUsedError):
        invitations.resend(first.invitation, by=owner)
    with pytest.raises(LinkUsedError):
        invitations.revoke(first.invitation, by=owner)
    assert sent(owner, place).invitation.pk != first.invitation.pk


def test_nobody_is_invited_twice(owner: Staff, colleague: Staff, place: Place) -> None:
    sent(owner, place)

    with pytest.raises(AlreadyInvitedError):
        sent(owner, place, "NORA@example.com")
    with pytest.raises(AlreadyStaffError):
        sent(owner, place, "Colleague@example.com")


def test_somebody_who_left_comes_back_with_the_new_role_only(
    owner: Staff, colleague: Staff, other_place: Place
) -> None:
    staff_actions.deactivate(colleague, by=owner)
    link = path_of(sent(owner, other_place, "colleague@example.com").link)

    Client().post(link, ME)

    back = Staff.objects.get(email="colleague@example.com")
    assert (back.pk, back.is_active, back.name) == (colleague.pk, True, "Nóra")
    assert [(role.role, role.place) for role in back.roles.all()] == [(Role.STAFF, other_place)]


def test_the_inviter_left_meanwhile(owner: Staff, colleague: Staff, place: Place) -> None:
    staff_actions.give_role(colleague, role=Role.OWNER, place=None, by=owner)
    link = path_of(sent(owner, place).link)
    Staff.objects.filter(pk=owner.pk).update(is_active=False)

    assert Client().post(link, ME).status_code == 404
