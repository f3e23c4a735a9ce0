"""PF1, PE10 over the API: which token may do what; more than is described is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client
from django.utils import timezone

from regulars.accounts.actions import staff as staff_actions
from regulars.accounts.actions import tokens
from regulars.accounts.models import ApiToken, Role, Scope, Staff, StaffRole
from regulars.config.api import api
from regulars.core.api import CHANGES_NOTHING

NOBODY = "A" * 22
# Asked for where the router is added, since its package lies below the accounts.
OF_THE_ROUTER = {"/business": Scope.CUSTOMERS_READ}


@dataclass(frozen=True)
class Operation:
    """One operation, the scope that it asks for and the schema of its body."""

    method: str
    path: str
    scope: Scope
    body: dict[str, Any]
    is_write: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> Iterator[Operation]:
    """Every operation, its scope read from the code that checks it."""
    described = api.get_openapi_schema()
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                checks = [one.scope for one in operation.auth_callbacks]
                (scope,) = checks or [OF_THE_ROUTER[path]]
                for method in operation.methods:
                    full = f"/api/v1{prefix}{path}".replace("//", "/")
                    told = described["paths"][full][method.lower()]
                    yield Operation(
                        method,
                        full.replace("{public_id}", NOBODY),
                        scope,
                        _body_of(told, described),
                        method != "GET" and CHANGES_NOTHING not in told,
                    )


def _body_of(told: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = described["components"]["schemas"].get(name, {})
    return found


ALL = list(operations())
WRITES = [one for one in ALL if one.body]


def knock(operation: Operation, token: str, body: Any = None) -> Any:
    headers = {"Idempotency-Key": operation.path}  # one that was used elsewhere is refused
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return Client().generic(
        operation.method,
        operation.path,
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


@pytest.fixture
def keys(owner: Staff) -> dict[Scope, str]:
    """A token for each scope that has that scope alone."""
    return {
        scope: tokens.new_api_token(name=scope.value, scopes=[scope], by=owner)[1]
        for scope in Scope
    }


def test_each_operation_opens_to_its_scope_and_no_other(keys: dict[Scope, str]) -> None:
    opened = {
        str(operation): [
            scope
            for scope, token in keys.items()
            if knock(operation, token, {} if operation.body else None).status_code != 403
        ]
        for operation in ALL
    }

    assert opened == {str(operation): [operation.scope] for operation in ALL}
    assert len(ALL) > 15


def test_control_an_operation_without_its_check_opens_to_others(
    keys: dict[Scope, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ApiToken, "allows", lambda self, scope: True)

    opened = [s for s, token in keys.items() if knock(ALL[0], token).status_code != 403]

    assert len(opened) == len(Scope)


def test_a_token_of_nobody_opens_nothing(owner: Staff, colleague: Staff) -> None:
    revoked, used_up = tokens.new_api_token(name="old", scopes=list(Scope), by=owner)
    ApiToken.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
    StaffRole.objects.create(staff=colleague, role=Role.OWNER)
    of_somebody_gone = tokens.new_api_token(name="gone", scopes=list(Scope), by=colleague)[1]
    staff_actions.deactivate(colleague, by=owner)

    answers = {
        (str(operation), token): knock(operation, token, {} if operation.body else None).status_code
        for operation in ALL
        for token in ("", "nonsense", used_up, of_somebody_gone)
    }

    assert set(answers.values()) == {401}


def test_a_signed_in_person_is_no_token(owner_client: Client) -> None:
    answers = {
        str(operation): owner_client.generic(operation.method, operation.path).status_code
        for operation in ALL
    }

    # A POST is told first that its key is missing.
    assert set(answers.values()) <= {400, 401}
    assert {answers[str(one)] for one in ALL if not one.is_write} == {401}


# --- PE10 --------------------------------------------------------------------------------------


def every_field() -> set[str]:
    return {
        name
        for model in apps.get_models()
        if model.__module__.startswith("regulars.")
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }


def everything_stored() -> str:
    return "\n".join(
        serialize("json", model._default_manager.order_by("pk"))
        for model in apps.get_models()
        if model._meta.label not in {"core.RateCounter", "accounts.ApiToken"}
    )


def test_every_body_forbids_what_it_does_not_list() -> None:
    loose = [str(one) for one in WRITES if one.body.get("additionalProperties") is not False]

    assert loose == []


def test_fields_that_are_not_listed_are_refused_and_change_nothing(token: str) -> None:
    """Every field of every model is sent to every operation that takes a body."""
    before = everything_stored()
    taken = {}
    for operation in WRITES:
        more = every_field() - set(operation.body["properties"])
        answer = knock(operation, token, dict.fromkeys(more, "1"))
        assert answer.status_code == 422, (str(operation), answer.content)
        errors = answer.json()["errors"]
        refused = {one["loc"][-1] for one in errors if one["type"] == "extra_forbidden"}
        taken[str(operation)] = more - refused

    assert taken == {str(operation): set() for operation in WRITES}
    assert everything_stored() == before
