from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import translation

from regulars.accounts import queries
from regulars.accounts.actions import devices, invitations, tokens
from regulars.accounts.actions import staff as actions
from regulars.accounts.errors import LastOwnerError
from regulars.accounts.models import (
    Device,
    DeviceScope,
    Invitation,
    Role,
    Scope,
    Staff,
    StaffRole,
    StaffSession,
)
from regulars.business.models import Department, Place
from regulars.core import audit
from regulars.core.access import Permission
from regulars.core.models import AuditEntry
from tests.accounts.conftest import PIN, confirm

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_only_owners_see_the_staff(
    owner_client: Client,
    manager_client: Client,
    colleague_client: Client,
    stranger_client: Client,
    client: Client,
) -> None:
    answers = [
        one.get("/staff/").status_code
        for one in (owner_client, manager_client, colleague_client, stranger_client, client)
    ]

    assert answers == [200, 403, 403, 403, 302]


def test_shutting_somebody_out_ends_all_they_hold_at_once(
    owner_client: Client, manager: Staff, manager_client: Client, place: Place
) -> None:
    _token, raw = tokens.new_api_token(name="t", scopes=[Scope.SCORES_READ], by=manager)
    code = devices.new_pairing_code(name="a", scope=DeviceScope.TILL, place=place, by=manager)
    unused = devices.new_pairing_code(name="b", scope=DeviceScope.TILL, place=place, by=manager)
    device, cookie = devices.pair(code, network="192.0.2.1")
    actions.set_pin(manager, PIN, by=manager)
    devices.begin_shift(device, person=manager.public_id, pin=PIN)
    invitations.invite("new@example.com", role=Role.STAFF, place=place, language="en", by=manager)
    assert manager_client.get("/settings/devices/").status_code == 200
    confirm(owner_client)
    assert (queries.token_for(raw), queries.device_by(cookie)) != (None, None)

    owner_client.post(f"/staff/{manager.public_id}/deactivation/")

    assert manager_client.get("/settings/devices/").status_code == 302
    assert queries.token_for(raw) is None
    assert queries.device_by(cookie) is None
    assert queries.person_at(Device.objects.get()) is None
    assert queries.usable_code(unused) is None
    assert not Invitation.objects.usable().exists()
    manager.refresh_from_db()
    assert manager.pin == ""
    assert not StaffSession.objects.filter(staff=manager).exists()
    assert not Client().login(email=manager.email, password="a long enough password")


def test_coming_back_brings_roles_but_neither_tokens_nor_devices(
    owner: Staff, manager: Staff
) -> None:
    _token, raw = tokens.new_api_token(name="t", scopes=[Scope.SCORES_READ], by=manager)
    actions.deactivate(manager, by=owner)

    actions.reactivate(manager, by=owner)

    assert Staff.objects.get(pk=manager.pk).may(Permission.MANAGE)
    assert queries.token_for(raw) is None


def test_the_last_owner_stays(owner: Staff, owner_client: Client, place: Place) -> None:
    held = owner.roles.get()

    refused = owner_client.post(f"/staff/{owner.public_id}/roles/{held.public_id}/removal/")

    assert refused.status_code == 422
    with pytest.raises(LastOwnerError):
        actions.deactivate(owner, by=owner)
    with pytest.raises(LastOwnerError):
        actions.give_role(owner, role=Role.VIEWER, place=None, by=owner)
    assert list(queries.owners()) == [Staff.objects.get(pk=owner.pk)]


def test_a_second_owner_lets_the_first_go(owner: Staff, colleague: Staff) -> None:
    actions.give_role(colleague, role=Role.OWNER, place=None, by=owner)
    actions.deactivate(owner, by=colleague)

    assert list(queries.owners()) == [colleague]


def test_a_role_holds_at_its_place_only(
    owner_client: Client, colleague: Staff, place: Place, other_place: Place
) -> None:
    owner_client.post(
        f"/staff/{colleague.public_id}/roles/",
        {"role": "manager", "place": other_place.public_id},
    )

    fresh = Staff.objects.get(pk=colleague.pk)
    assert fresh.may(Permission.MANAGE, place=other_place)
    assert not fresh.may(Permission.MANAGE, place=place)
    assert list(queries.places_where(fresh, Permission.MANAGE)) == [other_place]
    assert list(queries.places_where(fresh, Permission.SERVE)) == [other_place, place]


def test_a_role_of_somebody_else_cannot_be_taken_through_another(
    owner_client: Client, colleague: Staff, manager: Staff
) -> None:
    held = manager.roles.get()

    answer = owner_client.post(f"/staff/{colleague.public_id}/roles/{held.public_id}/removal/")

    assert answer.status_code == 404
    assert StaffRole.objects.filter(pk=held.pk).exists()


def test_signing_out_everywhere_ends_every_browser(
    owner_client: Client, colleague: Staff, colleague_client: Client
) -> None:
    phone = Client()
    phone.force_login(colleague, backend=BACKEND)

    owner_client.post(f"/staff/{colleague.public_id}/sessions/end/")

    assert [one.get("/account/").status_code for one in (colleague_client, phone)] == [302, 302]


def test_who_signs_themselves_out_everywhere_signs_in_again(
    owner: Staff, owner_client: Client
) -> None:
    answer = owner_client.post(f"/staff/{owner.public_id}/sessions/end/", follow=True)

    assert answer.redirect_chain == [("/account/login/", 302)]
    assert "You are signed out everywhere." in answer.content.decode()
    assert owner_client.get("/account/").status_code == 302


def test_who_shuts_themselves_out_is_out(
    owner: Staff, owner_client: Client, colleague: Staff
) -> None:
    actions.give_role(colleague, role=Role.OWNER, place=None, by=owner)
    confirm(owner_client)

    answer = owner_client.post(f"/staff/{owner.public_id}/deactivation/", follow=True)

    assert answer.redirect_chain == [("/account/login/", 302)]
    assert "You can no longer sign in." in answer.content.decode()
    assert owner_client.get("/account/").status_code == 302


def test_signing_out_everywhere_else_keeps_this_browser(
    colleague: Staff, colleague_client: Client
) -> None:
    phone = Client()
    phone.force_login(colleague, backend=BACKEND)

    colleague_client.post("/account/sessions/end/")

    assert colleague_client.get("/account/").status_code == 200
    assert phone.get("/account/").status_code == 302
    assert [one.session for one in queries.sessions_of(colleague)] == [
        colleague_client.session.session_key
    ]


def test_one_browser_can_be_signed_out(colleague: Staff, colleague_client: Client) -> None:
    phone = Client()
    phone.force_login(colleague, backend=BACKEND)
    listed = StaffSession.objects.get(session=phone.session.session_key)

    colleague_client.post(f"/account/sessions/{listed.public_id}/end/")

    assert phone.get("/account/").status_code == 302
    assert colleague_client.get("/account/").status_code == 200


def test_nobody_signs_out_somebody_else(
    owner: Staff, owner_client: Client, colleague_client: Client
) -> None:
    listed = StaffSession.objects.get(staff=owner)

    answer = colleague_client.post(f"/account/sessions/{listed.public_id}/end/")

    assert answer.status_code == 404
    assert owner_client.get("/account/").status_code == 200


def test_ended_sessions_are_forgotten(colleague: Staff, colleague_client: Client) -> None:
    Session.objects.all().delete()

    assert actions.forget_ended_sessions() == 1


def test_a_new_password_ends_other_browsers_and_lists_this_one(
    colleague: Staff, colleague_client: Client
) -> None:
    phone = Client()
    phone.force_login(colleague, backend=BACKEND)

    answer = colleague_client.post(
        "/account/password/change/",
        {
            "oldpassword": "a long enough password",
            "password1": "három kis macska",
            "password2": "három kis macska",
        },
    )

    assert answer.status_code == 302
    assert phone.get("/account/").status_code == 302
    assert colleague_client.get("/account/").status_code == 200
    assert [one.session for one in queries.sessions_of(colleague)] == [
        colleague_client.session.session_key
    ]


def test_the_account_page_saves_name_and_language(
    colleague: Staff, colleague_client: Client
) -> None:
    answer = colleague_client.post("/account/details/", {"name": "Colin C", "language": "et"})

    colleague.refresh_from_db()
    assert (answer.status_code, colleague.name, colleague.language) == (302, "Colin C", "et")
    assert colleague_client.get("/account/")["Content-Language"] == "et"


def test_pages_of_people_cost_the_same_for_many(
    owner_client: Client, django_assert_num_queries: object, place: Place, colleague: Staff
) -> None:
    def cost() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            assert owner_client.get("/staff/").status_code == 200
        return len(seen)

    few = cost()
    for number in range(3):
        person = Staff.objects.create_user(f"p{number}@example.com", None, name=f"P{number}")
        StaffRole.objects.create(staff=person, role=Role.STAFF, place=place)

    assert cost() == few


def test_the_audit_log_shows_who_did_what(
    owner: Staff, owner_client: Client, colleague: Staff, stranger_client: Client
) -> None:
    actions.give_role(colleague, role=Role.VIEWER, place=None, by=owner)

    page = owner_client.get("/settings/audit/?action=accounts.give_role").content.decode()

    assert "Olga Owner" in page
    assert f"staff:{colleague.public_id}" in page
    assert stranger_client.get("/settings/audit/").status_code == 403


def test_the_audit_log_pages_back(owner_client: Client) -> None:
    for number in range(150):
        AuditEntry.objects.create(action="test.line", subject=str(number))

    first = queries.audit_page(action="test.line")
    second = queries.audit_page(action="test.line", before=first.older)

    subjects = [line.subject for line in first.lines + second.lines]
    assert subjects == [str(number) for number in reversed(range(150))]
    assert second.older is None
    assert owner_client.get("/settings/audit/?before=99999999999999999999").status_code == 200


def test_answering_for_teams_is_set_and_taken_back(
    owner_client: Client, manager_client: Client, colleague: Staff
) -> None:
    kitchen = Department.objects.create(name="Kitchen", slug="kitchen")
    web = Department.objects.create(name="Web shop", slug="web")
    there = f"/staff/{colleague.public_id}/"

    assert manager_client.post(f"{there}teams/", {"teams": kitchen.public_id}).status_code == 403
    owner_client.post(f"{there}teams/", {"teams": [kitchen.public_id, web.public_id]})
    owner_client.post(f"{there}teams/", {"teams": [web.public_id]})

    assert (list(queries.leads_of(kitchen)), list(queries.leads_of(web))) == ([], [colleague])
    page = owner_client.get(there).content.decode()
    assert f'value="{web.public_id}" id="id_teams_1" checked' in page.replace("  ", " ")
    actions.deactivate(colleague, by=Staff.objects.get(email="owner@example.com"))
    assert list(queries.leads_of(web)) == []


def test_every_action_has_words() -> None:
    noted: set[str] = set()
    for file in (Path(__file__).parents[2] / "src" / "regulars").rglob("*.py"):
        for call in re.findall(
            r"(?:audit\.note|_note)\(\s*\"([a-z]+\.[a-z_]+)\"", file.read_text()
        ):
            noted.add(call)

    assert len(noted) > 75
    assert noted - set(audit.WORDS) == set()


@pytest.mark.parametrize("language", ["hu", "bg", "et", "ka"])
def test_the_log_speaks_the_readers_language(
    owner: Staff, owner_client: Client, colleague: Staff, place: Place, language: str
) -> None:
    actions.give_role(colleague, role=Role.MANAGER, place=place, by=owner)

    with translation.override(language):
        said = audit.in_words("accounts.give_role")
    assert said != "Gave a role"
    owner.language = language
    owner.save(update_fields=["language"])
    page = owner_client.get("/settings/audit/")
    assert f">{said}</span>" in page.content.decode()
