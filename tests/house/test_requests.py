"""PE3 and PE4 over every page: headers, cookies, no writes on GET, no unreviewed exemption."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.house.examples import OWN_ROWS, World
from tests.house.surface import Page, pages
from tests.house.test_permissions import undone

# Views without CSRF protection, each with why no cookie can be abused there.
EXEMPT: dict[str, str] = {
    "mailing:unsubscribe": "mailbox providers post here without cookies (RFC 8058); the token acts",
    "surveys:answer": "a widget's page has no cookies; the token acts, and no cookie is read",
    "surveys:open_answer": "anybody may answer; no cookie is read",
    "feedback:say": "anybody with the form's address may write; no cookie is read",
}
# Written on a read: a sign-in in progress is remembered before anybody is signed in, and allauth
# counts a HEAD against its limits. Links that lead nowhere are counted (the claim link is used).
TABLES = ('"django_session"', '"core_cache"', '"core_ratecounter"')
WRITING = {"core:readyz": "proves that the database can be written; the row keeps its values"}
# A policy of their own, each with why.
OWN_POLICY = {"mailing:preview": "a mail as it arrives: inline styles, in a sandbox, no scripts"}
HEADERS = {
    "X-Content-Type-Options": {"nosniff"},
    # Not no-referrer: from such a page a browser posts with “Origin: null”, which is refused.
    "Referrer-Policy": {"same-origin"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
}


@pytest.mark.parametrize("who", ["anonymous", "owner", "till"])
def test_reading_changes_nothing(world: World, who: str) -> None:
    wrong = []
    for page, path in _paths(world):
        with undone(), writes() as written:
            world.clients[who].get(path)
            world.clients[who].head(path)
        if page.name not in WRITING:
            wrong += [f"{page.name}: {statement[:90]}" for statement in written]

    assert not wrong, "\n".join(wrong)


def test_control_a_write_is_seen(world: World) -> None:
    with undone(), writes() as written:
        world.owner.save(update_fields=["name"])

    assert len(written) == 1


def test_every_page_carries_the_headers(world: World) -> None:
    wrong = []
    for page, path in _paths(world):
        answer = world.clients["owner"].get(path)
        missing = [name for name, value in HEADERS.items() if answer.headers.get(name) not in value]
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content:
            if page.name in OWN_POLICY:
                continue
            missing += _faults_of_policy(answer.headers.get("Content-Security-Policy", ""))
        if "no-store" not in answer.headers.get("Cache-Control", "") and _is_personal(page):
            missing.append("Cache-Control: no-store")
        if answer.headers.get("X-Frame-Options") != "DENY" and "frame-ancestors" not in str(
            answer.headers.get("Content-Security-Policy")
        ):
            missing.append("X-Frame-Options")
        for name, cookie in answer.cookies.items():
            if not cookie["httponly"] or cookie["samesite"] != "Lax":
                missing.append(f"cookie {name}")
        if missing:
            wrong.append(f"{page.name}: {missing}")

    assert not wrong, "\n".join(wrong)


def test_pages_that_are_not_there_carry_the_headers_too(client: Client) -> None:
    answer = client.get("/nothing/here/")

    assert answer.status_code == 404
    assert not _faults_of_policy(answer.headers.get("Content-Security-Policy", ""))


@pytest.mark.parametrize(("wanted", "more"), [("", ""), ("yes", "; includeSubDomains")])
def test_browsers_are_told_to_stay_with_https(tmp_path: Path, wanted: str, more: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGULARS_")}
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup()\nfrom django.test import Client\n"
            "print(Client().get('/healthz', secure=True)['Strict-Transport-Security'])",
        ],
        env=kept
        | {
            "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
            "REGULARS_DATA": str(tmp_path),
            "REGULARS_PUBLIC_URL": "https://testserver",
            "REGULARS_HSTS_SUBDOMAINS": wanted,
            "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
        },
        capture_output=True,
        text=True,
    )

    assert asked.stdout.strip() == f"max-age=31536000{more}", asked.stderr


def test_the_shipped_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    own = ("REGULARS_", "DJANGO_")  # the browser tests set one of Django's in this process
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    checked = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=kept
        | {
            "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
            "REGULARS_DATA": str(tmp_path),
            "REGULARS_PUBLIC_URL": "https://mandula.example",
            "REGULARS_TRUSTED_PROXIES": "1",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
        },
        capture_output=True,
        text=True,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_exemption_from_csrf_is_reviewed() -> None:
    exempt = {page.name for page in pages() if getattr(page.view, "csrf_exempt", False)}

    assert exempt == set(EXEMPT)


def test_a_form_sent_from_elsewhere_is_refused(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.clients["owner"].cookies

    person = world.people["staff"]
    answer = strict.post(reverse("accounts:deactivate", args=[person.public_id]))

    assert answer.status_code == 403
    person.refresh_from_db()
    assert person.is_active


def _paths(world: World) -> list[tuple[Page, str]]:
    found = []
    for page in pages():
        if page.parameters and page.name not in OWN_ROWS:
            continue  # test_permissions asks for an example
        values = dict(OWN_ROWS[page.name](world)) if page.parameters else None
        found.append((page, reverse(page.name, kwargs=values)))
    return found


def _is_personal(page: Page) -> bool:
    return page.access is not None and page.access.kind in {"staff", "link"}


def _faults_of_policy(policy: str) -> list[str]:
    faults = [] if "default-src 'none'" in policy else ["Content-Security-Policy"]
    faults += [word for word in ("unsafe-inline", "unsafe-eval", "*") if word in policy]
    needed = ("object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors")
    return faults + [word for word in needed if word not in policy]


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements that change rows, but for `TABLES`."""
    seen: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(None, 1)[0] in {"INSERT", "UPDATE", "DELETE"} and not any(
            table in sql for table in TABLES
        ):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen
