"""Language, light and dark, the living page, and errors as pages."""

from __future__ import annotations

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test import Client, RequestFactory

from regulars.accounts.models import Staff
from regulars.core import failures
from regulars.core.errors import DomainError
from regulars.core.middleware import refusals

LANGUAGES = ("en", "hu", "bg", "et", "ka")


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_remembered_and_the_page_is_the_same(language: str) -> None:
    answer = Client().post("/language/", {"language": language, "next": "/surveys/?q=a"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/surveys/?q=a")
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == language


@pytest.mark.django_db
@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org/", "/\\example.org", "javascript:x", "", "x"],
)
@pytest.mark.parametrize("address", ["/language/", "/theme/"])
def test_nobody_is_sent_elsewhere(address: str, elsewhere: str) -> None:
    answer = Client().post(address, {"language": "hu", "theme": "dark", "next": elsewhere})

    assert answer.headers["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("shown", "back"),
    [
        ("/staff/abc/roles/?x=1", "/staff/abc/"),
        ("/account/pin/", "/account/"),
        ("/settings/tokens/abc/revocation/", "/settings/tokens/"),
        ("/demo/end/", "/"),
        ("/customers/?sort=name&page=2", "/customers/?sort=name&page=2"),
        ("/nowhere/at/all/", "/nowhere/at/all/"),
    ],
)
@pytest.mark.parametrize("address", ["/language/", "/theme/"])
def test_a_page_of_an_address_that_takes_only_forms_leads_above_it(
    address: str, shown: str, back: str
) -> None:
    """A refused form is shown at its own address, which cannot be opened."""
    answer = Client().post(address, {"language": "hu", "theme": "dark", "next": shown})

    assert answer.headers["Location"] == back


@pytest.mark.django_db
def test_an_unknown_language_changes_nothing() -> None:
    answer = Client().post("/language/", {"language": "xx", "next": "/"})

    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/language/", "/theme/"])
def test_opening_them_changes_nothing(address: str) -> None:
    assert Client().get(address).status_code == 405


@pytest.mark.django_db
def test_light_and_dark_are_remembered_and_forgotten(owner_client: Client) -> None:
    owner_client.post("/theme/", {"theme": "dark", "next": "/"})
    assert 'data-theme="dark"' in owner_client.get("/design/").content.decode()

    owner_client.post("/theme/", {"theme": "", "next": "/"})
    assert "data-theme" not in owner_client.get("/design/").content.decode()


def test_the_living_page_is_for_staff(
    owner_client: Client, colleague_client: Client, stranger_client: Client
) -> None:
    assert owner_client.get("/design/").status_code == 200
    assert colleague_client.get("/design/").status_code == 200
    assert stranger_client.get("/design/").status_code == 403
    assert Client().get("/design/").status_code == 302


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_is_a_page_without_the_database(language: str) -> None:
    """Without the db fixture a query would raise here."""
    request = RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE=language)
    answers = [
        failures.bad_request(request, ValueError()),
        failures.forbidden(request, PermissionError()),
        failures.not_found(request, LookupError()),
        failures.server_error(request),
        failures.csrf(request),
        failures.not_a_page(request, allowed="POST"),
        failures.too_large(request),
        failures.refused(request, "Because."),
    ]

    pages = [answer.content.decode() for answer in answers]
    assert [answer.status_code for answer in answers] == [400, 403, 404, 500, 403, 405, 413, 422]
    assert all(f'lang="{language}"' in page for page in pages)
    assert all('href="/"' in page for page in pages)
    assert "Because." in pages[-1]


def test_errors_are_said_in_the_readers_words() -> None:
    request = RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE="hu")

    page = failures.not_found(request, LookupError()).content.decode()

    assert "Ezen a címen nincs semmi" in page


def test_a_refusal_becomes_a_page_and_a_fault_does_not() -> None:
    hook = refusals(failures.server_error).process_exception  # type: ignore[attr-defined]  # Django's hook
    request = RequestFactory().post("/")

    answer = hook(request, DomainError("Too late."))

    assert answer.status_code == 422
    assert "Too late." in answer.content.decode()
    assert hook(request, ValueError("x")) is None


@pytest.mark.django_db
def test_who_opens_an_address_of_a_form_reads_so(owner_client: Client) -> None:
    """As after signing in again when the session had ended before a button was pressed."""
    answer = owner_client.get("/demo/end/")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "There is nothing to see here" in answer.content.decode()
    assert owner_client.put("/demo/end/").content == b""


@pytest.mark.django_db
def test_a_form_that_lost_its_token_gets_a_page(owner: Staff) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/language/", {"language": "hu"})

    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("public_url", "origin", "words"),
    [
        ("", "https://192.168.1.5", "sets REGULARS_PUBLIC_URL to that address"),
        ("https://shop.example", "http://192.168.1.5", "Please open https://shop.example instead."),
        ("https://shop.example", "https://shop.example", "open for too long"),
        ("", "http://192.168.1.5", "open for too long"),
        ("", "null", "open for too long"),
    ],
)
def test_a_form_from_another_address_says_which_to_open(
    settings: LazySettings, public_url: str, origin: str, words: str
) -> None:
    settings.PUBLIC_URL = public_url
    settings.SERVED_OVER_HTTPS = public_url.startswith("https://")
    settings.CSRF_TRUSTED_ORIGINS = [public_url] if public_url else []
    sent = {"Host": "192.168.1.5", "Origin": origin}

    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "hu"}, headers=sent)

    assert answer.status_code == 403
    assert words in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/s/a%00b/", "/say/x/?q=%00", "/api/v1/customers/%00"])
def test_nul_in_an_address_is_refused(address: str) -> None:
    answer = Client().get(address)

    assert answer.status_code == 400
    is_problem = answer.headers["Content-Type"] == "application/problem+json"
    assert is_problem == address.startswith("/api/")


@pytest.mark.django_db
def test_nul_in_a_field_is_refused_where_the_database_cannot_take_it(owner_client: Client) -> None:
    answer = owner_client.post("/surveys/held-back/deletion/", {"upto": "a\0b"})

    assert answer.status_code == {"postgresql": 400, "sqlite": 302}[connection.vendor]
