from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.customers.actions import people
from regulars.customers.models import Customer
from regulars.feedback.models import Case, Feedback

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(owner: Staff) -> Customer:
    return people.add_customer(way="staff", by=owner, given_name="Anna")


def read(path: str, token: str) -> Any:
    return Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})


def test_feedback_is_added_once_and_listed(
    post: Callable[..., Any], token: str, place: Place
) -> None:
    body = {"text": "The soup was cold.", "kind": "complaint", "place": place.public_id}

    answers = [post("/feedback", body) for _again in range(2)]

    stored, case = Feedback.objects.get(), Case.objects.get()
    assert [answer.status_code for answer in answers] == [201, 201]
    listed = read("/feedback", token).json()
    assert listed == {"items": [answers[0].json()], "next": None}
    assert (listed["items"][0]["public_id"], listed["items"][0]["case"]) == (
        stored.public_id,
        case.public_id,
    )
    told = read("/cases?state=open", token).json()["items"]
    assert [(one["public_id"], one["feedback"]) for one in told] == [
        (case.public_id, stored.public_id)
    ]
    assert read("/cases?state=closed", token).json()["items"] == []


def test_what_one_customer_said_and_what_has_to_be_put_right(
    post: Callable[..., Any], token: str, anna: Customer
) -> None:
    hers = {"text": "The soup was cold.", "kind": "complaint", "customer": anna.public_id}
    told = post("/feedback", hers).json()
    post("/feedback", {"text": "So was mine.", "kind": "complaint"}, key="k-2")

    assert read(f"/feedback?customer={anna.public_id}", token).json()["items"] == [told]
    cases = read(f"/cases?customer={anna.public_id}", token).json()["items"]
    assert [one["public_id"] for one in cases] == [told["case"]]
    assert read("/cases", token).json()["items"][1:] != []
    for path in ("/feedback", "/cases"):
        assert read(f"{path}?customer=nobody", token).status_code == 422


def test_a_token_without_the_scope_neither_reads_nor_adds(
    post: Callable[..., Any], narrow_token: str
) -> None:
    assert post("/feedback", {"text": "Hello."}, raw=narrow_token).status_code == 403
    assert read("/feedback", narrow_token).status_code == 403
    assert read("/cases", narrow_token).status_code == 403
    assert not Feedback.objects.exists()


def test_what_cannot_be_used_is_refused(post: Callable[..., Any], token: str) -> None:
    assert post("/feedback", {"text": "  "}).status_code == 422
    assert post("/feedback", {"text": "Hi", "customer": "nobody"}, key="k-2").status_code == 422
    assert post("/feedback", {"text": "Hi", "kind": "rant"}, key="k-3").status_code == 422
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": "a\0b"}, "nul_in_text"),
        ({"text": "a", "said_at": "2026-05-01T10:00:00"}, "time_without_offset"),
        ({"text": "a", "said_at": "0568-02-16T04:04:05+17:15"}, "time_out_of_range"),
    ],
)
def test_what_no_database_can_keep_is_refused(
    post: Callable[..., Any], wrong: dict[str, str], code: str
) -> None:
    answer = post("/feedback", wrong)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Feedback.objects.exists()
