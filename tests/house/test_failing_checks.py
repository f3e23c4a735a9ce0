"""PI7: where who may do what cannot be found out, nobody may do anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from regulars.accounts import authentication, queries
from regulars.accounts.models import ApiToken, Staff
from regulars.core import limits
from tests.house.examples import OWN_ROWS, World
from tests.house.surface import Page, pages
from tests.house.test_hostile import visitor
from tests.house.test_permissions import undone


def breaks(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("the check is broken")


def opened(world: World, found: list[Page], patch: pytest.MonkeyPatch | None) -> list[str]:
    """The pages that answer the owner with anything but an error or a refusal."""
    names = []
    for page in found:
        with undone():
            values = dict(OWN_ROWS[page.name](world)) if page.parameters else None
            path, client = reverse(page.name, kwargs=values), visitor(world, "owner")
            if patch is not None:
                patch.setattr(Staff, "may", breaks)
            statuses = {client.get(path).status_code, client.post(path).status_code}
            if patch is not None:
                patch.undo()
        if not statuses <= {403, 404, 405, 500}:
            names.append(page.name)
    return names


def guarded() -> list[Page]:
    """The pages that ask for a permission."""
    return [
        page
        for page in pages()
        if page.access and page.access.kind == "staff" and page.access.permission
        if not page.parameters or page.name in OWN_ROWS
    ]


def test_no_page_opens_when_permissions_cannot_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(guarded()) > 50
    with monkeypatch.context() as patch:
        assert opened(world, guarded(), patch) == []


def test_control_the_same_pages_open_when_nothing_breaks(world: World) -> None:
    some = [page for page in guarded() if not page.parameters][:5]

    assert opened(world, some, None) == [page.name for page in some]


@pytest.mark.parametrize(
    ("owner", "check"),
    [
        (queries, "token_for"),
        (ApiToken, "allows"),
        (limits, "allow"),
        (authentication.TokenAuth, "authenticate"),
    ],
)
def test_no_operation_answers_when_a_token_cannot_be_checked(
    world: World, monkeypatch: pytest.MonkeyPatch, owner: Any, check: str
) -> None:
    from regulars.accounts.actions import tokens
    from regulars.accounts.models import Scope

    token = tokens.new_api_token(name="x", scopes=list(Scope), by=world.owner)[1]
    client = visitor(world, "anonymous")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    monkeypatch.setattr(owner, check, breaks)

    read = client.get("/api/v1/customers", headers=headers)
    written = client.post("/api/v1/customers", {}, "application/json", headers=headers)

    assert {read.status_code, written.status_code} == {500}
