"""PF3, PH6 and PH7: no token, address or secret is in the log, nor plain in the database.

Every page is opened and every form sent, some of them failing on purpose, while all that is logged
is kept as it would be written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from regulars.accounts.actions import tokens
from regulars.accounts.models import Scope
from regulars.core.crypto import EncryptedTextField, encrypt
from regulars.core.logs import LineFormatter
from tests.house.examples import OWN_ROWS, World
from tests.house.filling import forms_of
from tests.house.surface import pages
from tests.house.test_hostile import is_html, visitor
from tests.house.test_permissions import undone

CANARIES = ("canary.person@example.com", "+36301234567", "Canarywords", "canarypassword")


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every line as it would stand on standard error, from DEBUG on."""
    lines: list[str] = []
    formatter = LineFormatter()

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    root, keep = logging.getLogger(), Keep()
    before = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)  # never on outside of DEBUG
    yield lines
    root.setLevel(before)
    root.removeHandler(keep)


def secret_paths(world: World) -> list[tuple[str, list[str]]]:
    """Each page opened by a link, and what in its path opens it."""
    found = []
    for page in pages():
        if page.access is None or page.access.kind != "link" or page.name not in OWN_ROWS:
            continue
        values = {name: str(value) for name, value in OWN_ROWS[page.name](world).items()}
        found.append((reverse(page.name, kwargs=values), list(values.values())))
    return found


def test_the_log_of_a_whole_run_holds_no_token_and_nobody(
    world: World, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, kept = secret_paths(world), []
    for path, values in opened:
        with undone():
            Client(raise_request_exception=False).get(path)
            Client(raise_request_exception=False).post(path, {"comment": CANARIES[2]})
        kept += [value for value in values if len(value) >= 22]
    for page in pages():
        if page.name not in {"customers:new", "account_login", "account_reset_password"}:
            continue
        path = reverse(page.name)
        answer = visitor(world, "owner" if ":" in page.name else "anonymous").get(path)
        assert is_html(answer)
        for form in forms_of(answer.content.decode(), path):
            fields = {name: _canary_for(name, value[0]) for name, value in form.fields.items()}
            with undone():
                visitor(world, "owner" if ":" in page.name else "anonymous").post(
                    form.action, fields
                )
    monkeypatch.setattr("regulars.customers.actions.people.add_customer", _fails)
    answer = visitor(world, "owner").post(
        "/customers/new/", {"given_name": "Canarywords", "language": "hu"}
    )
    raw, _token = tokens.new_api_token(name="x", scopes=[Scope.SCORES_READ], by=world.owner)[::-1]
    Client(raise_request_exception=False).get(
        "/api/v1/scores", headers={"Authorization": f"Bearer {raw}"}
    )

    text = "\n".join(log)
    assert answer.status_code in {422, 500}
    assert kept
    assert "Traceback" in text or answer.status_code == 422
    assert [secret for secret in [*kept, str(raw), *CANARIES] if secret in text] == []


def _fails(*_: object, **__: object) -> None:
    raise RuntimeError("the disk is full")


def _canary_for(name: str, value: str) -> str:
    if "csrf" in name:
        return value
    if "mail" in name or name == "login":
        return CANARIES[0]
    if "phone" in name:
        return CANARIES[1]
    return CANARIES[3] if "password" in name else CANARIES[2]


def test_control_a_token_in_a_log_line_is_masked_and_one_outside_is_found(log: list[str]) -> None:
    token = "A1b2C3d4E5f6G7h8I9j0Kl"

    logging.getLogger("x").warning("Not Found: /s/%s/", token)
    logging.getLogger("x").warning("about canary.person@example.com")

    assert token not in log[0]
    assert CANARIES[0] in log[1]


# A mail that waits, or is kept to be read, holds the links that were in it.
LETTERS = {"mailing_message"}


def everything_stored(*, without: set[str] | None = None) -> dict[str, str]:
    """Every text of every table, as somebody who stole the file would read it."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in (without or set()):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = "\n".join(str(one) for row in cursor.fetchall() for one in row)
    return found


def tables_with(secrets: list[str], stored: dict[str, str]) -> list[str]:
    return [table for table, text in stored.items() if any(one in text for one in secrets)]


def test_a_stolen_database_gives_no_secret_away(world: World) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(world.owner, secret)
    world.business.smtp_url = encrypt("smtp://shop:canarypassword@mail.example")
    world.business.save(update_fields=["smtp_url"])
    token = [
        part
        for part in tokens.new_api_token(name="x", scopes=[Scope.SCORES_READ], by=world.owner)
        if isinstance(part, str)
    ]
    links = [value for _path, values in secret_paths(world) for value in values if len(value) >= 22]
    cookies = [
        one.value
        for client in world.clients.values()
        for name, one in client.cookies.items()
        if "device" in name
    ]
    assert len(token) == 1
    assert len(links) > 3
    assert len(cookies) == 2

    assert tables_with([secret, "canarypassword", *token, *cookies], everything_stored()) == []
    assert tables_with(links, everything_stored(without=LETTERS)) == []
    assert "accounts_staff" in tables_with([world.owner.public_id], everything_stored())


def test_every_encrypted_field_is_a_secret() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField) and model.privacy[field.name] != "secret"  # type: ignore[attr-defined]
    ]

    assert wrong == []
