from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from regulars.accounts.actions import tokens
from regulars.accounts.models import Scope, Staff


@pytest.fixture
def token(owner: Staff) -> str:
    """A token that may do everything."""
    return tokens.new_api_token(name="till", scopes=list(Scope), by=owner)[1]


@pytest.fixture
def narrow_token(owner: Staff) -> str:
    """A token that may only read scores."""
    return tokens.new_api_token(name="sign", scopes=[Scope.SCORES_READ], by=owner)[1]


@pytest.fixture
def post(token: str) -> Callable[..., Any]:
    """Post JSON with an idempotency key."""

    def send(path: str, body: object, *, key: str = "k-1", raw: str = token) -> Any:
        return Client().post(
            f"/api/v1{path}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {raw}", "Idempotency-Key": key},
        )

    return send
