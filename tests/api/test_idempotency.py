"""PA3, PF6, PG7: what a key keeps is told to its token alone, and failing requests count too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.accounts import authentication
from regulars.accounts.actions import staff as staff_actions
from regulars.accounts.actions import tokens
from regulars.accounts.models import ApiToken, Role, Scope, Staff, StaffRole
from regulars.core import api
from regulars.core.models import IdempotencyKey
from regulars.customers.models import Customer

Post = Callable[..., Any]


def test_failing_requests_are_counted(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "REQUESTS_A_MINUTE", 3)

    answers = [post("/customers", {"nope": 1}, key=f"k-{i}") for i in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429, 429]
    assert answers[-1].json()["code"] == "too_many"
    assert post("/customers", {}, key="good").status_code == 429


def test_a_request_is_counted_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "REQUESTS_A_MINUTE", 3)

    answers = [post("/customers", {}, key=f"k-{i}").status_code for i in range(4)]

    assert answers == [201, 201, 201, 429]


def test_a_revoked_token_is_told_no_kept_answer(post: Post, token: str, owner: Staff) -> None:
    first = post("/customers", {"given_name": "Anna"})

    tokens.revoke(ApiToken.objects.get(), by=owner)
    again = post("/customers", {"given_name": "Anna"})

    assert (first.status_code, again.status_code) == (201, 401)
    assert "Anna" not in again.content.decode()


def test_the_token_of_somebody_shut_out_is_told_no_kept_answer(
    post: Post, owner: Staff, colleague: Staff
) -> None:
    StaffRole.objects.create(staff=colleague, role=Role.OWNER)
    theirs = tokens.new_api_token(name="till", scopes=list(Scope), by=colleague)[1]
    assert post("/customers", {"given_name": "Anna"}, raw=theirs).status_code == 201

    staff_actions.deactivate(colleague, by=owner)

    assert post("/customers", {"given_name": "Anna"}, raw=theirs).status_code == 401


def test_control_without_the_check_the_kept_answer_is_told(
    post: Post, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = post("/customers", {"given_name": "Anna"})
    tokens.revoke(ApiToken.objects.get(), by=owner)
    monkeypatch.setattr(api.Operation, "_run_checks", lambda self, request: None)

    again = post("/customers", {"given_name": "Anna"})

    assert (again.status_code, again.content) == (201, first.content)


def test_a_token_that_is_none_opens_no_transaction(owner: Staff) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = Client().post(
            "/api/v1/customers",
            {},
            content_type="application/json",
            headers={"Authorization": "Bearer rgl_nonsense", "Idempotency-Key": "k"},
        )

    assert answer.status_code == 401
    written = [one["sql"] for one in asked if not one["sql"].startswith("SELECT")]
    assert written == []
    assert not IdempotencyKey.objects.exists()
    assert not Customer.objects.exists()
