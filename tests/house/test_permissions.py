"""PF1: every page × everybody who could knock, generated from the URLconf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from regulars.accounts.models import PERMISSIONS, DeviceScope, Role
from regulars.config.api import api
from regulars.core.access import Access, Permission, declare
from tests.house.examples import (
    ALL_WORDS,
    FOREIGN_ROWS,
    OWN_ROWS,
    ROLES,
    SHARED_ROWS,
    WORDS_FROM_ELSEWHERE,
    Values,
    World,
    say_elsewhere,
)
from tests.house.surface import Page, pages

SIGN_IN = "/account/login/"
PAIR = "/pair/"
EVERYBODY = ("anonymous", "stranger", *ROLES, "owner", *DeviceScope)
PERMISSIONS_OF = {name: PERMISSIONS[role] for name, role in (ROLES | {"owner": Role.OWNER}).items()}
# What the API answers without a token, with the reason.
PUBLIC_OPERATIONS: dict[str, str] = {}


def test_every_page_declares_who_may_open_it() -> None:
    undeclared = [f"{page.name} ({page.route})" for page in pages() if page.access is None]

    assert not undeclared, (
        f"declare access with a decorator of regulars.core.access on: {undeclared}"
    )


def test_every_public_page_says_why() -> None:
    silent = [
        page.name
        for page in pages()
        if page.access and page.access.kind in {"public", "link"} and not page.access.reason
    ]

    assert not silent


def test_every_page_about_a_row_has_an_example() -> None:
    missing = [page.name for page in pages() if page.parameters and page.name not in OWN_ROWS]
    unchecked = [
        page.name
        for page in pages()
        if page.parameters
        and page.access
        and page.access.kind == "staff"
        and page.access.permission != Permission.OWN
        and page.name not in FOREIGN_ROWS
        and page.name not in SHARED_ROWS
    ]

    assert not missing, f"add to OWN_ROWS in tests/house/examples.py: {missing}"
    assert not unchecked, f"add to FOREIGN_ROWS (or SHARED_ROWS, with why): {unchecked}"


def test_every_operation_of_the_api_asks_for_a_token() -> None:
    open_operations = [
        f"{method} {path}"
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
        if not operation.auth_callbacks
        and not api.auth
        and f"{method} {prefix}{path}" not in PUBLIC_OPERATIONS
    ]

    assert not open_operations


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_page_opens_to_whom_it_declared_and_nobody_else(world: World, who: str) -> None:
    wrong = [
        f"{page.name}: {verdict}"
        for page in pages()
        if page.access and (not page.parameters or page.name in OWN_ROWS)
        if (verdict := _verdict(page, page.access, world, who))
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", ROLES)
def test_rows_of_others_are_not_there(world: World, who: str) -> None:
    wrong = []
    for page in pages():
        if page.name not in FOREIGN_ROWS or page.access is None:
            continue
        if page.access.permission not in {None, *PERMISSIONS_OF[who]}:
            continue
        with undone():
            answer = knock(world.clients[who], page, FOREIGN_ROWS[page.name](world))
        if answer.status_code != 404:
            wrong.append(f"{page.name}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def test_a_link_with_another_token_is_not_there(world: World) -> None:
    wrong = []
    for page in pages():
        if not page.access or page.access.kind != "link" or not page.parameters:
            continue
        values = dict.fromkeys(page.parameters, "A" * 22)
        if page.name == "account_reset_password_from_key":
            continue  # allauth answers 200 with “This link does not work any more”
        with undone():
            answer = knock(world.clients["anonymous"], page, values)
        if answer.status_code not in {404, 410}:
            wrong.append(f"{page.name}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def test_control_a_page_that_lets_everybody_in_is_noticed(world: World) -> None:
    careless = next(page for page in pages() if page.name == "accounts:pair")
    claimed = Access("staff", Permission.OWN)

    verdicts = [_verdict(careless, claimed, world, who) for who in EVERYBODY if who != "owner"]

    assert all(verdicts)


def test_control_an_undeclared_page_is_noticed() -> None:
    def view() -> None: ...

    assert Page("x", "x/", view, ()).access is None
    declare(view, Access("public", reason="a test"))
    assert Page("x", "x/", view, ()).access is not None


def knock(client: Client, page: Page, values: Values) -> HttpResponse:
    """GET, or POST where the page only takes that."""
    path = reverse(page.name, kwargs=dict(values) or None)
    visitor = Client(raise_request_exception=False)  # a renewed cookie must not outlive the row
    visitor.cookies = SimpleCookie({name: one.value for name, one in client.cookies.items()})
    answer = visitor.get(path)
    if answer.status_code == 405:
        answer = visitor.post(path)
    return answer


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the request wrote is rolled back, so that each begins in the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _verdict(page: Page, access: Access, world: World, who: str) -> str:
    """What is wrong with the answer; empty when nothing is."""
    with undone():
        values = OWN_ROWS[page.name](world) if page.parameters else {}
        answer = knock(world.clients[who], page, values)
    status, location = answer.status_code, answer.headers.get("Location", "")
    if status >= 500:
        return f"answers {status}"
    opened = status not in {401, 403} and not location.startswith((SIGN_IN, PAIR))
    expected = _expected(access, who)
    if expected == "open":
        return "" if opened or access.kind in {"public", "link"} else f"refused with {status}"
    if opened:
        return f"lets {who} in with {status}"
    if expected == "sign in":
        return "" if location.startswith(SIGN_IN) or status == 401 else f"{status}, not sign-in"
    if expected == "forbidden":
        return "" if status == 403 else f"{status}, not 403"
    return "" if location == PAIR or status == 401 else f"{status}, not pairing"


def _expected(access: Access, who: str) -> str:
    if access.kind in {"public", "link"}:
        return "open"
    if access.kind == "device":
        return "open" if who in access.scope.split() else "pair"
    if who not in PERMISSIONS_OF and who != "stranger":
        return "sign in"
    if access.permission is None or access.permission in PERMISSIONS_OF.get(who, frozenset()):
        return "open"
    return "forbidden"


@pytest.mark.parametrize("who", ROLES)
def test_no_list_search_or_file_shows_rows_of_others(world: World, who: str) -> None:
    """Every page that a role may open, plain and searched, without a row that is a 404 to it."""
    hidden = {str(value) for name in FOREIGN_ROWS for value in FOREIGN_ROWS[name](world).values()}
    wrong, read = [], 0
    for page in pages():
        if page.access is None or page.access.kind != "staff" or page.parameters:
            continue
        for query in ("", "?q=Kata", f"?place={world.other_place.public_id}", "?state=all"):
            with undone():
                answer = world.clients[who].get(reverse(page.name) + query)
            body = b"".join(answer) if answer.streaming else answer.content
            read += answer.status_code == 200
            wrong += [f"{page.name}{query}" for value in hidden if value.encode() in body]

    assert wrong == []
    assert read > 20


def test_no_page_shows_words_that_were_said_elsewhere(world: World) -> None:
    """Also the pages of customers and surveys, which are shared by all places. A manager may open
    whatever the others may.
    """
    showing, read = _pages_showing_words(world, "manager")

    assert showing == list(ALL_WORDS)
    assert read > 30


def test_control_the_owner_reads_words_from_all_places(world: World) -> None:
    showing, _read = _pages_showing_words(world, "owner")

    pages_with_words = {
        *("customers:customer", "surveys:survey", "surveys:held_back"),
        *("console:home", "feedback:inbox", "feedback:cases"),
    }
    assert pages_with_words <= set(showing)


def _pages_showing_words(world: World, who: str) -> tuple[list[str], int]:
    """The pages that hold words said at the other place, and how many pages were read."""
    showing, read = [], 0
    for page in pages():
        if page.access is None or page.access.kind != "staff":
            continue
        with undone():
            values = OWN_ROWS[page.name](world) if page.parameters else {}
            say_elsewhere(world)
            answer = world.clients[who].get(reverse(page.name, kwargs=dict(values) or None))
            body = b"".join(answer) if answer.streaming else answer.content
        read += answer.status_code == 200
        if WORDS_FROM_ELSEWHERE.encode() in body:
            showing.append(page.name)
    return showing, read


def test_control_the_owner_sees_rows_of_all_places(world: World) -> None:
    values = FOREIGN_ROWS["feedback:feedback"](world).values()

    shown = world.clients["owner"].get(reverse("feedback:inbox")).content

    assert all(str(value).encode() in shown for value in values)
