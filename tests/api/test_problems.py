"""Every error under /api/ is `application/problem+json`, whoever finds it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from regulars.core.api import MAX_BODY_BYTES

pytestmark = pytest.mark.django_db


def ask(method: str, path: str, token: str, body: str = "") -> Any:
    return Client(raise_request_exception=False).generic(
        method,
        f"/api/v1{path}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
    )


def told(answer: Any) -> tuple[int, str, str]:
    """The status, the content type and the stable code of an error."""
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    return answer.status_code, answer.headers["Content-Type"], problem["code"]


PROBLEM = "application/problem+json"


def test_an_address_that_is_none(token: str) -> None:
    assert told(ask("GET", "/nope", token)) == (404, PROBLEM, "not_found")
    assert told(Client().get("/api/")) == (404, PROBLEM, "not_found")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_a_method_that_the_address_does_not_take(token: str, method: str) -> None:
    answer = ask(method, "/customers", token)

    assert told(answer) == (405, PROBLEM, "method_not_allowed")
    assert {one.strip() for one in answer.headers["Allow"].split(",")} == {"GET", "POST"}


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 3_000_000, 13_000_000])
def test_a_body_that_is_too_large(token: str, size: int) -> None:
    answer = ask("POST", "/customers", token, json.dumps({"given_name": "x" * size}))

    assert told(answer) == (413, PROBLEM, "too_large")


def test_a_body_that_is_just_small_enough_is_read(token: str) -> None:
    body = json.dumps({"given_name": "Anna"}).ljust(MAX_BODY_BYTES)

    assert ask("POST", "/customers", token, body).status_code == 201


def test_a_fault_of_ours(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.customers.api.page_of", None)

    assert told(ask("GET", "/customers", token)) == (500, PROBLEM, "server_error")


def test_problems_are_in_the_language_that_is_asked_for(token: str) -> None:
    answer = Client().get("/api/v1/nope", headers={"Accept-Language": "hu"})

    assert answer.json()["title"] == "Ezen a címen nincs semmi"
