"""The page that customers answer on: a person's act stores, a GET never does (PB2, PB6, PB11)."""

from __future__ import annotations

import pytest
from django.test import Client

from regulars.core.models import Moment
from regulars.customers.models import Customer
from regulars.mailing.models import Message
from regulars.surveys.actions import asking
from regulars.surveys.models import AnswerCount, Response, Survey


@pytest.fixture
def token(anna: Customer, nps: Survey) -> str:
    asked = asking.ask(anna, nps)
    assert asked.decision.reason == "asked"
    return asked.token


def post(token: str, **fields: str) -> int:
    data = {"submission_id": "s-1", "score": "9", "comment": "Finom a kávé"} | fields
    return Client().post(f"/s/{token}/", data).status_code


def test_the_mail_holds_every_score_as_a_link(token: str) -> None:
    html = Message.objects.get().html

    assert [f"/s/{token}/?score={n}" in html for n in range(11)] == [True] * 11


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_every_link_stores_nothing(token: str, method: str) -> None:
    statuses = {getattr(Client(), method)(f"/s/{token}/?score={n}").status_code for n in range(11)}

    assert statuses == {200}
    assert (Response.objects.count(), AnswerCount.objects.count()) == (0, 0)


def test_the_link_chooses_the_score(token: str) -> None:
    page = Client().get(f"/s/{token}/?score=7").content.decode()

    assert 'value="7" id="id_score_7" checked' in page
    assert page.count(" checked") == 1


def test_an_answer_is_stored_counted_and_told(token: str, anna: Customer) -> None:
    status = post(token)

    assert status == 302
    response = Response.objects.get()
    assert (response.score, response.comment, response.customer) == (9, "Finom a kávé", anna)
    assert list(AnswerCount.objects.values_list("metric", "score", "count")) == [("nps", 9, 1)]
    assert Moment.objects.filter(kind="survey.answered", customer_id=anna.pk).count() == 1


def test_the_same_submission_again_is_one_answer(token: str) -> None:
    statuses = [post(token) for _ in range(3)]

    assert statuses == [302, 302, 302]
    assert Response.objects.count() == 1
    assert list(AnswerCount.objects.values_list("count", flat=True)) == [1]


def test_a_second_answer_to_a_personal_link_is_refused(token: str) -> None:
    post(token)
    again = Client().post(f"/s/{token}/", {"submission_id": "s-2", "score": "0"})

    assert again.status_code == 200
    assert "Már válaszolt" in again.content.decode() or "already answered" in again.content.decode()
    assert list(Response.objects.values_list("score", flat=True)) == [9]


@pytest.mark.parametrize("score", ["11", "-1", "", "9.5", "９x", "1e309"])
def test_a_score_off_the_scale_is_refused(token: str, score: str) -> None:
    assert post(token, score=score) == 422
    assert Response.objects.count() == 0


def test_an_unknown_link_is_not_found(business: object) -> None:
    assert Client().get("/s/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_an_open_link_takes_answers_of_anybody(nps: Survey) -> None:
    path = f"/o/{nps.open_token}/"

    first = Client().post(path, {"submission_id": "a", "score": "3"})
    second = Client().post(path, {"submission_id": "b", "score": "10"})

    assert (first.status_code, second.status_code) == (302, 302)
    assert sorted(Response.objects.values_list("score", "customer")) == [(3, None), (10, None)]


def test_the_first_page_is_small(token: str, client: Client) -> None:
    page = client.get(f"/s/{token}/")

    assert len(page.content) < 30_000
