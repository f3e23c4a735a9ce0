"""Signing in as people do: invited, with a second factor, with a passkey, and out everywhere.

The passkeys are Chromium's own, on a virtual authenticator (WebAuthn over the DevTools protocol).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from regulars.accounts.models import Staff
from regulars.business.models import Place
from tests.e2e.conftest import PHONE, SignedInPage

pytestmark = pytest.mark.longer
PASSWORD = "a long enough password"


def with_authenticator(page: Page) -> Any:
    """A phone or computer that keeps passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def sign_in(page: Page, person: Staff, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(person.email or "")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    """What setting up a second factor asks first."""
    if page.get_by_role("heading", name="Is it you?").count():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()


def is_signed_in(page: Page) -> bool:
    page.goto("/account/")
    return urlsplit(page.url).path == "/account/"


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_is_made_renamed_signs_in_and_is_removed(
    page: Page, owner: Staff, axe: Callable[[Page], list[str]], page_problems: Any
) -> None:
    with_authenticator(page)
    sign_in(page, owner)
    page.goto("/account/passkeys/add/")
    confirm(page)
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("Name").fill("My laptop")
    page.locator("[name=passwordless]").check()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page).not_to_have_url(re.compile("passkeys/add"))
    assert Authenticator.objects.filter(user=owner, type="webauthn").count() == 1

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).not_to_have_url(re.compile("login"))
    assert is_signed_in(page)

    page.goto("/account/passkeys/")
    expect(page.get_by_text("My laptop")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Rename").click()
    page.get_by_role("link", name="With a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Rename the passkey")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Old laptop")).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    assert axe(page) == []
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.get_by_text("Old laptop")).to_have_count(0)
    assert not Authenticator.objects.filter(user=owner, type="webauthn").exists()
    assert page_problems(page) == []


def test_control_without_a_passkey_the_button_lets_nobody_in(page: Page, owner: Staff) -> None:
    with_authenticator(page)
    page.goto("/account/login/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("The passkey did not work", timeout=70_000)
    assert not is_signed_in(page)


def test_an_authenticator_app_is_asked_for(
    page: Page, owner: Staff, axe: Callable[[Page], list[str]], page_problems: Any
) -> None:
    def code() -> str:
        counter = next(totp.yield_hotp_counters_from_time())
        return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))

    sign_in(page, owner)
    page.goto("/account/second-factor/app/add/")
    confirm(page)
    secret = page.locator("code").inner_text()
    assert axe(page) == []
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Set up").click()
    expect(page).not_to_have_url(re.compile("app/add"))

    sign_out(page)
    sign_in(page, owner)
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    assert axe(page) == []
    assert not is_signed_in(page)
    page.goto("/account/second-factor/code/")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    recovery = Authenticator.objects.get(user=owner, type="recovery_codes").wrap()
    page.get_by_label("Code").fill(recovery.get_unused_codes()[0])
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("account"))
    assert is_signed_in(page)


def test_somebody_invited_joins_on_a_phone(
    signed_in_page: SignedInPage,
    new_page: SignedInPage,
    axe: Callable[[Page], list[str]],
    page_problems: Any,
    place: Place,
    mailoutbox: list[EmailMessage],
) -> None:
    owners = signed_in_page("owner")
    owners.goto("/staff/invitations/new/")
    owners.get_by_label("E-mail").fill("nora@example.com")
    owners.get_by_label("Place").select_option(label="Kossuth tér")
    owners.get_by_label("Language of the invitation").select_option("hu")
    owners.get_by_role("button", name="Send the invitation").click()
    expect(owners.get_by_text("nora@example.com").first).to_be_visible()
    assert axe(owners) == []
    (mail,) = mailoutbox
    found = re.search(r"(/invitation/[\w-]+/)", mail.body)
    assert found is not None

    phone = new_page(language="hu", size=PHONE)
    phone.goto(found[1])
    assert axe(phone) == []
    phone.locator("[name=name]").fill("Nóra")
    phone.locator("[name=password]").fill("három kis macska")
    phone.get_by_role("main").get_by_role("button").last.click()

    expect(phone).not_to_have_url(re.compile("invitation"))
    assert is_signed_in(phone)
    nora = Staff.objects.get(email="nora@example.com")
    assert [(role.role, role.place) for role in nora.roles.all()] == [("staff", place)]
    assert page_problems(phone) == []


def test_signing_out_everywhere_else_ends_the_other_browser(
    signed_in_page: SignedInPage,
) -> None:
    here, there = signed_in_page("owner"), signed_in_page("owner", size=PHONE)
    assert is_signed_in(there)

    here.goto("/account/")
    here.get_by_role("button", name="Sign out everywhere else").click()

    assert is_signed_in(here)
    assert not is_signed_in(there)
