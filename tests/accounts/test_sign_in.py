from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache, caches
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from regulars.accounts.actions import claiming, invitations, resets
from regulars.accounts.actions import staff as staff_actions
from regulars.accounts.models import Role, SecondFactorRule, Staff
from regulars.business.models import Business, Place
from regulars.core.models import AuditEntry
from regulars.core.queue import worker
from tests.accounts.conftest import confirm

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
NEW = "három kis macska"


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> str:
    """Where it leads; empty when it is refused."""
    answer = client.post(
        "/account/login/", {"login": email, "password": password, **more}, headers={"Host": "a.b"}
    )
    return answer.headers.get("Location", "")


def code_of(secret: str) -> str:
    counter = next(totp.yield_hotp_counters_from_time())
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def with_app(staff: Staff) -> str:
    secret: str = totp.generate_totp_secret()
    totp.TOTP.activate(staff, secret)
    return secret


def test_address_and_password_let_in(colleague: Staff) -> None:
    client = Client()

    assert sign_in(client, "Colleague@Example.com") == "/"
    assert client.session["_auth_user_id"] == str(colleague.pk)


def test_there_is_no_page_to_sign_up() -> None:
    assert Client().get("/account/signup/").status_code == 404


def test_the_answer_does_not_tell_known_from_unknown_addresses(colleague: Staff) -> None:
    bodies = {
        re.sub(
            rb'(name="csrfmiddlewaretoken" value="|nonce=")[^"]*',
            b"",
            Client().post("/account/login/", {"login": email, "password": "wrong"}).content,
        ).replace(email.encode(), b"")
        for email in ("colleague@example.com", "nobody@example.com")
    }

    assert len(bodies) == 1


def test_asking_for_a_new_password_tells_nothing(
    colleague: Staff, mailoutbox: list[EmailMessage]
) -> None:
    answers = [
        Client().post("/account/password/reset/", {"email": email})
        for email in ("colleague@example.com", "nobody@example.com")
    ]

    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert mailoutbox == []
    worker.run_due()
    assert [mail.to for mail in mailoutbox] == [["colleague@example.com"]]


Work = tuple[list[str], int, bytes]


def work_done(path: str, body: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Work:
    """The statements, the passwords hashed and the page of one request, without what is random."""
    hashed: list[str] = []
    original = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return original(self, password, salt)

    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(MD5PasswordHasher, "encode", encode)
        answer = Client().post(path, body)
    page = re.sub(rb'(name="csrfmiddlewaretoken" value="|nonce=")[^"]*', b"", answer.content)
    for value in body.values():
        page = page.replace(value.encode(), b"")
    said = page + answer.headers.get("Location", "").encode() + str(answer.status_code).encode()
    # The limits' own counters clear up now and then, for whomever it happens to be.
    asked = [q["sql"] for q in queries.captured_queries if "core_cache" not in q["sql"]]
    words = [" ".join(sql.split()[:3]) for sql in asked if "SAVEPOINT" not in sql]
    statements = [re.sub(r"\d+", "n", one) for one in words]  # cursors are numbered
    return statements, len(hashed), said


@pytest.mark.parametrize("path", ["/account/login/", "/account/password/reset/"])
def test_known_and_unknown_addresses_make_the_same_work(
    colleague: Staff, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PF8: what takes time is the same: statements and password hashes (bench/enumeration.py
    compares the times themselves)."""
    done = []
    for address in ("warm-up@example.com", "colleague@example.com", "somebody0@example.com"):
        cache.clear()
        body = {"login": address, "password": "not the password", "email": address}
        done.append(work_done(path, body, monkeypatch))

    assert done[1] == done[2]
    assert done[1][1] == (1 if "login" in path else 0)


def test_control_looking_an_address_up_at_once_is_found_out(
    colleague: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resets, "ask_for_reset", resets.send_reset)
    path, done = "/account/password/reset/", []
    for address in ("colleague@example.com", "somebody0@example.com"):
        cache.clear()
        done.append(work_done(path, {"email": address}, monkeypatch))

    assert done[0][0] != done[1][0]


def test_a_forged_host_is_in_no_link(
    colleague: Staff, business: Business, mailoutbox: list[EmailMessage]
) -> None:
    business.public_url = "https://mandula.example"
    business.save(update_fields=["public_url"])

    Client().post(
        "/account/password/reset/",
        {"email": colleague.email},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    worker.run_due()

    (mail,) = mailoutbox
    assert "https://mandula.example/account/password/reset/key/" in mail.body
    assert "evil" not in str(mail.message())


def new_password_by_mail(staff: Staff, mailoutbox: list[EmailMessage]) -> tuple[Client, str]:
    client = Client()
    client.post("/account/password/reset/", {"email": staff.email})
    worker.run_due()
    found = re.search(r"http://[^/]+(/account/password/reset/key/\S+)", mailoutbox[-1].body)
    assert found is not None
    form = client.get(found[1])["Location"]
    client.post(form, {"password1": NEW, "password2": NEW})
    return client, found[1]


def test_a_new_password_by_mail_ends_all_sessions_and_the_link(
    colleague: Staff, colleague_client: Client, mailoutbox: list[EmailMessage]
) -> None:
    client, link = new_password_by_mail(colleague, mailoutbox)

    assert colleague_client.get("/account/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert sign_in(Client(), colleague.email or "", NEW) == "/"
    again = Client().get(link)
    assert "ask for a new one" in again.content.decode()


def test_a_new_password_by_mail_does_not_get_past_the_second_factor(
    colleague: Staff, mailoutbox: list[EmailMessage]
) -> None:
    with_app(colleague)

    client, _ = new_password_by_mail(colleague, mailoutbox)

    assert sign_in(client, colleague.email or "", NEW).startswith("/account/second-factor/code/")
    assert client.get("/account/").status_code == 302


def test_the_second_factor_is_asked_for_and_a_code_works_once(colleague: Staff) -> None:
    secret = with_app(colleague)
    with time_machine.travel(timezone.now(), tick=False):
        first = Client()
        assert sign_in(first, colleague.email or "") == "/account/second-factor/code/"
        assert first.get("/account/").status_code == 302
        code = code_of(secret)
        assert first.post("/account/second-factor/code/", {"code": code})["Location"] == "/"
        assert first.get("/account/").status_code == 200

        second = Client()
        sign_in(second, colleague.email or "")
        refused = second.post("/account/second-factor/code/", {"code": code})

    assert "_auth_user_id" not in second.session
    assert "This code is not right" in refused.content.decode()


def test_what_is_stored_of_a_second_factor_is_encrypted(colleague: Staff) -> None:
    secret = with_app(colleague)

    assert secret not in str(Authenticator.objects.values())


def test_setting_up_a_second_factor_asks_who_it_is_first(colleague_client: Client) -> None:
    for page in ("app/add", "recovery-codes/new"):
        answer = colleague_client.get(f"/account/second-factor/{page}/")
        assert answer["Location"].startswith("/account/reauthenticate/?next=")
    assert colleague_client.get("/account/passkeys/add/").status_code == 302


def test_an_app_can_be_set_up_and_gives_recovery_codes(
    colleague: Staff,
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = Client()
    sign_in(client, colleague.email or "")
    confirm(client)
    page = client.get("/account/second-factor/app/add/")
    secret = page.context["form"].secret

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/second-factor/app/add/", {"code": code_of(secret)})

    assert answer["Location"] == "/account/second-factor/recovery-codes/"
    shown = client.get(answer["Location"]).content.decode()
    codes = re.findall(r"<li><code>(\d+)</code>", shown)
    assert len(codes) == 10
    assert {mail.to[0] for mail in mailoutbox} == {colleague.email}
    other = Client()
    sign_in(other, colleague.email or "")
    assert other.post("/account/second-factor/code/", {"code": codes[0]})["Location"] == "/"


def test_over_http_passkeys_belong_to_localhost_whatever_the_host(colleague: Staff) -> None:
    client = Client()
    sign_in(client, colleague.email or "")
    confirm(client)

    for host in ("localhost:8000", "192.168.1.5:8000", "evil.example"):
        page = client.get("/account/passkeys/add/", headers={"Host": host}).content.decode()
        assert "&quot;id&quot;: &quot;localhost&quot;" in page
        assert host not in page


def test_the_options_of_a_passkey_sign_in_are_json() -> None:
    answer = Client().get(
        "/account/passkeys/login/", headers={"Accept": "application/json", "Host": "localhost"}
    )

    assert answer.json()["request_options"]["publicKey"]["rpId"] == "localhost"


def test_another_host_name_gives_no_new_tries(colleague: Staff, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    addresses = iter(range(1, 255))

    def attempt(password: str, host: str) -> bool:
        client = Client(REMOTE_ADDR=f"198.51.100.{next(addresses)}", headers={"Host": host})
        answer = client.post("/account/login/", {"login": colleague.email, "password": password})
        return answer.status_code == 302

    for number in range(5):
        assert not attempt("wrong", f"host{number}.example")

    assert not attempt(PASSWORD, "another.example")


def block(email: str) -> None:
    """Fail to sign in as often as is allowed, each time from another address."""
    for number in range(5):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        assert not sign_in(client, email, "wrong")


def flood() -> None:
    """What 400 requests leave in the cache: keys on both sides of those of failed sign-ins."""
    for number in range(200):
        for kind in ("confirm_email", "reset_password"):
            cache.set(f"allauth:rl:{kind}:ip:{number}", [1.0], 60)


def test_a_flood_of_other_requests_opens_no_blocked_account(colleague: Staff) -> None:
    """Where the cache culls, it culls by its keys' order: no count may be lost in a flood."""
    block(colleague.email or "")

    flood()

    assert not sign_in(Client(REMOTE_ADDR="203.0.113.1"), colleague.email or "")


def test_control_in_a_small_cache_the_count_is_flushed(
    colleague: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches["default"], "_max_entries", 300)
    block(colleague.email or "")

    flood()

    assert sign_in(Client(REMOTE_ADDR="203.0.113.1"), colleague.email or "")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https:evil.example",
        "https://evil.example",
        "http://testserver@evil.example/",
        "https://testserver/account/",
        "/\t/evil.example",
        "/%09/evil.example\t",
        "\t//evil.example",
        "https://xn--e1awd7f.com",
        "//éxample.com",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "///evil.example",
        " //evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(colleague: Staff, target: str) -> None:
    for path in ("/account/login/", "/account/logout/"):
        client = Client()
        if path == "/account/logout/":
            client.force_login(
                colleague, backend="allauth.account.auth_backends.AuthenticationBackend"
            )
        answer = client.post(path, {"login": colleague.email, "password": PASSWORD, "next": target})
        assert answer["Location"] in {"/", "/account/login/"}


def test_signing_in_leads_back_to_where_one_wanted_to_go(colleague: Staff) -> None:
    wanted = Client().get("/account/?a=1")["Location"]

    assert wanted == "/account/login/?next=/account/%3Fa%3D1"
    assert sign_in(Client(), colleague.email or "", next="/account/?a=1") == "/account/?a=1"


def test_owners_without_a_second_factor_have_two_weeks(owner: Staff) -> None:
    client = Client()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/staff/").status_code == 200
    assert "Please set up a second factor by" in client.get("/account/").content.decode()

    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        assert client.get("/staff/")["Location"] == "/account/needed/"
        assert client.post("/settings/security/", {"second_factor": "nobody"}).status_code == 302
        for open_page in ("/account/needed/", "/account/second-factor/"):
            assert client.get(open_page).status_code == 200
        with_app(owner)
        assert client.get("/staff/").status_code == 200


def test_a_demonstration_asks_for_no_second_factor(owner: Staff, business: Business) -> None:
    business.is_demo = True
    business.save(update_fields=["is_demo"])
    client = Client()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")

    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        assert client.get("/staff/").status_code == 200


def test_whoever_is_newly_asked_has_two_weeks_from_then(
    owner: Staff, manager: Staff, manager_client: Client
) -> None:
    later = Client()
    with time_machine.travel(timezone.now() + timedelta(days=20), tick=False):
        assert manager_client.get("/settings/devices/").status_code == 200
        staff_actions.require_second_factor(SecondFactorRule.MANAGERS, by=owner)
        assert manager_client.get("/settings/devices/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=35), tick=False):
        later.force_login(manager, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = later.get("/settings/devices/")
        assert answer["Location"] == "/account/needed/"


def test_somebody_shut_out_cannot_come_in(colleague: Staff) -> None:
    Staff.objects.filter(pk=colleague.pk).update(is_active=False)
    client = Client()

    assert sign_in(client, colleague.email or "") == "/account/inactive/"
    assert "_auth_user_id" not in client.session


def test_a_lost_second_factor_is_removed_by_the_owner(
    owner_client: Client, colleague: Staff
) -> None:
    with_app(colleague)
    confirm(owner_client)

    owner_client.post(f"/staff/{colleague.public_id}/second-factor/removal/")

    assert sign_in(Client(), colleague.email or "") == "/"


def test_whoever_is_invited_again_needs_no_app_of_the_time_before(
    owner: Staff, colleague: Staff, place: Place
) -> None:
    with_app(colleague)
    staff_actions.deactivate(colleague, by=owner)
    sent = invitations.invite(
        colleague.email or "", role=Role.STAFF, place=place, language="en", by=owner
    )

    Client().post(urlsplit(sent.link).path, {"name": "C", "password": NEW, "language": "en"})

    assert sign_in(Client(), colleague.email or "", NEW) == "/"
    noted = AuditEntry.objects.filter(action="accounts.reset_second_factor").get()
    assert (noted.staff_id, noted.subject) == (colleague.pk, f"staff:{colleague.public_id}")


def test_whoever_claims_anew_needs_no_app_of_the_time_before(owner: Staff) -> None:
    with_app(owner)
    Staff.objects.update(is_active=False)
    link = claiming.new_claim_link() or ""
    again = {"name": "O", "email": owner.email, "password": NEW, "language": "en"}

    assert Client().post(link, again).status_code == 302

    assert sign_in(Client(), owner.email or "", NEW) == "/"


def test_pages_are_in_the_chosen_language() -> None:
    page = Client(headers={"Accept-Language": "hu"}).get("/account/login/").content.decode()

    assert "Bejelentkezés" in page
