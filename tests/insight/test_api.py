"""Scores for programs."""

from __future__ import annotations

import pytest
from django.test import Client

from regulars.accounts.actions import tokens
from regulars.accounts.models import Scope, Staff
from regulars.business.models import Place
from regulars.surveys.models import Metric
from tests.insight.conftest import Answered


@pytest.fixture
def headers(owner: Staff) -> dict[str, str]:
    raw = tokens.new_api_token(name="x", scopes=[Scope.SCORES_READ], by=owner)[1]
    return {"Authorization": f"Bearer {raw}"}


def test_a_score_comes_whole(
    headers: dict[str, str], place: Place, other_place: Place, answered: Answered
) -> None:
    answered(Metric.NPS, {10: 12, 8: 36, 3: 2}, place_id=place.pk)
    answered(Metric.NPS, {0: 9}, place_id=other_place.pk)

    found = Client().get(f"/api/v1/scores?place={place.public_id}", headers=headers).json()

    assert len(found) == 1
    score = {key: value for key, value in found[0].items() if key not in ("since", "until")}
    assert score == {
        "metric": "nps",
        "unit": "points",
        "value": 20.0,
        "low": 6.11,
        "high": 34.47,
        "answers": 50,
        "histogram": {"3": 2, "8": 36, "10": 12},
        "change": "not_enough_answers",
        "more_answers_needed": score["more_answers_needed"],
        "asked": 0,
        "response_rate": None,
    }


def test_an_unknown_place_is_not_found(headers: dict[str, str]) -> None:
    answer = Client().get("/api/v1/scores?place=nowhere", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_place")


def test_another_scope_opens_nothing(owner: Staff) -> None:
    raw = tokens.new_api_token(name="x", scopes=[Scope.CUSTOMERS_READ], by=owner)[1]

    refused = Client().get("/api/v1/scores", headers={"Authorization": f"Bearer {raw}"})

    assert (refused.status_code, Client().get("/api/v1/scores").status_code) == (403, 401)
