from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from regulars.accounts import actions, queries
from regulars.accounts.models import ApiToken, Scope
from tests.accounts.conftest import confirm

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_and_kept_as_a_hash(owner_client: Client) -> None:
    confirm(owner_client)
    page = owner_client.post(
        "/settings/tokens/", {"name": "Web shop", "scopes": ["customers.read", "scores.read"]}
    )
    raw = page.context["raw"]

    assert raw in page.content.decode()
    assert raw not in owner_client.get("/settings/tokens/").content.decode()
    assert raw not in str(ApiToken.objects.values())
    token = queries.token_for(raw)
    assert token is not None
    assert token.allows(Scope.CUSTOMERS_READ)
    assert token.allows("scores.read")
    assert not token.allows(Scope.CUSTOMERS_WRITE)


def test_a_revoked_token_is_none(owner_client: Client) -> None:
    confirm(owner_client)
    raw = owner_client.post("/settings/tokens/", {"name": "x", "scopes": "scores.read"}).context[
        "raw"
    ]

    owner_client.post(f"/settings/tokens/{ApiToken.objects.get().public_id}/revocation/")

    assert queries.token_for(raw) is None


@pytest.mark.parametrize("raw", ["", "rgl_", "rgl_wrong", "wrong", "rgl_\x00", "rgl_" + "a" * 9999])
def test_other_texts_are_no_tokens(raw: str) -> None:
    assert queries.token_for(raw) is None


def test_the_day_of_use_is_noted_once(
    owner_client: Client, django_assert_num_queries: object
) -> None:
    confirm(owner_client)
    raw = owner_client.post("/settings/tokens/", {"name": "x", "scopes": "scores.read"}).context[
        "raw"
    ]
    token = queries.token_for(raw)
    assert token is not None

    actions.note_token_use(token)

    assert ApiToken.objects.get().last_used_on == timezone.now().date()


def test_strangers_make_no_tokens(stranger_client: Client, colleague_client: Client) -> None:
    for one in (stranger_client, colleague_client):
        answer = one.post("/settings/tokens/", {"name": "x", "scopes": "scores.read"})
        assert answer.status_code == 403
    assert not ApiToken.objects.exists()
