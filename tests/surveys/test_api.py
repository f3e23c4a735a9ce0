"""The API: surveys, personal links, answers; scopes and one effect per key."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from regulars.accounts.actions import tokens
from regulars.accounts.models import Scope, Staff
from regulars.customers.models import Customer
from regulars.mailing.models import Message
from regulars.surveys.actions import answers
from regulars.surveys.models import AnswerCount, AskDecision, Invitation, Response, Survey

API = "/api/v1"


@pytest.fixture
def key(owner: Staff) -> str:
    scopes = [Scope.ANSWERS_READ, Scope.ANSWERS_WRITE]
    return tokens.new_api_token(name="shop", scopes=scopes, by=owner)[1]


def send(key: str, path: str, body: Any, *, once: str = "k") -> Any:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": once}
    content = body if isinstance(body, (str, bytes)) else None
    return Client(headers=headers).post(
        f"{API}{path}", content or body, content_type="application/json"
    )


def read(key: str, path: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {key}"}).get(f"{API}{path}")


def test_surveys_with_their_scales(key: str, nps: Survey, csat: Survey) -> None:
    listed = read(key, "/surveys").json()

    assert [(one["metric"], one["lowest"], one["highest"]) for one in listed] == [
        ("nps", 0, 10),
        ("csat", 1, 5),
    ]
    assert listed[0]["open_link"].endswith(f"/o/{nps.open_token}/")


def test_a_personal_link_once_per_key(key: str, nps: Survey, anna: Customer) -> None:
    path, body = f"/surveys/{nps.public_id}/invitations", {"customer": anna.public_id}

    first, again = send(key, path, body), send(key, path, body)
    other = send(key, path, body, once="k2")

    told = first.json()
    assert (first.status_code, again.json(), told["asked"]) == (201, told, True)
    assert told["link"] in told["words"]
    assert other.json() == {"asked": False, "reason": "same_kind_lately", "link": "", "words": ""}
    assert Invitation.objects.count() == 1


def test_a_question_by_mail_once_per_key(key: str, nps: Survey, anna: Customer) -> None:
    path = f"/surveys/{nps.public_id}/invitations"
    body = {"customer": anna.public_id, "by": "email"}

    first, again = send(key, path, body), send(key, path, body)
    other = send(key, path, body, once="k2")

    asked = {"asked": True, "reason": "asked", "link": "", "words": ""}
    assert (first.status_code, first.json(), again.json()) == (201, asked, asked)
    assert other.json() == {**asked, "asked": False, "reason": "same_kind_lately"}
    decided = list(AskDecision.objects.order_by("pk").values_list("reason", "channel"))
    assert decided == [("asked", "email"), ("same_kind_lately", "email")]
    assert Message.objects.get().customer == anna


def test_the_answers_of_one_customer(key: str, csat: Survey, anna: Customer) -> None:
    path = f"/surveys/{csat.public_id}/answers"
    hers = send(key, path, {"score": 4, "customer": anna.public_id}).json()
    send(key, path, {"score": 2}, once="k2")

    assert read(key, f"/answers?customer={anna.public_id}").json()["items"] == [hers]
    assert read(key, "/answers?customer=nobody").status_code == 422


def test_an_answer_once_per_key(key: str, csat: Survey, anna: Customer) -> None:
    path = f"/surveys/{csat.public_id}/answers"
    body = {"score": 2, "comment": "cold", "customer": anna.public_id, "language": "en"}

    sent = [send(key, path, body).status_code for _ in range(3)]

    response = Response.objects.get()
    assert sent == [201] * 3
    assert (response.score, response.customer, response.channel) == (2, anna, "api")
    assert sum(AnswerCount.objects.values_list("count", flat=True)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"score": 11},
        {"score": 6},
        {"score": 0},
        {"score": None},
        '{"score": 1e309}',
        {"score": 3, "customer": "nobody"},
        {"score": 3, "comment": "x" * 5001},
        {"score": 3, "unknown": 1},
        "[" * 20_000,
    ],
    ids=lambda body: str(body)[:40],
)
def test_an_answer_that_cannot_be_is_refused(key: str, csat: Survey, body: Any) -> None:
    status = send(key, f"/surveys/{csat.public_id}/answers", body).status_code

    assert 400 <= status < 500
    assert Response.objects.count() == 0


@pytest.mark.parametrize("comment", ["a\\u0000b", "\\ud800", "\\u202eabc"])
def test_odd_characters_are_taken_out(key: str, csat: Survey, comment: str) -> None:
    body = f'{{"score": 3, "comment": "{comment}"}}'
    status = send(key, f"/surveys/{csat.public_id}/answers", body).status_code

    assert status in (201, 422)
    assert [row.comment for row in Response.objects.all()] in ([], ["ab"], ["abc"], [""])


def test_answers_a_page_at_a_time(key: str, nps: Survey, csat: Survey) -> None:
    for number in range(3):
        given = answers.Answer(submission_id=str(number), score=number)
        answers.submit_open(nps, answers.current_version(nps), given)
    junk = answers.Answer(submission_id="junk", score=1)
    answers.submit_open(nps, answers.current_version(nps), junk, is_quarantined=True)

    first = read(key, "/answers?limit=2").json()
    rest = read(key, f"/answers?limit=2&cursor={first['next']}").json()
    none = read(key, f"/answers?survey={csat.public_id}").json()

    assert [one["score"] for one in first["items"] + rest["items"]] == [0, 1, 2]
    assert (rest["next"], none["items"]) == (None, [])


def test_the_scopes_count(owner: Staff, nps: Survey) -> None:
    reader = tokens.new_api_token(name="r", scopes=[Scope.ANSWERS_READ], by=owner)[1]
    other = tokens.new_api_token(name="c", scopes=[Scope.CUSTOMERS_READ], by=owner)[1]

    assert send(reader, f"/surveys/{nps.public_id}/answers", {"score": 1}).status_code == 403
    assert [read(other, path).status_code for path in ("/surveys", "/answers")] == [403, 403]
    assert Client().get(f"{API}/answers").status_code == 401
