"""PF1: a body or a filter names no row that is gone, or that is another's.

A token speaks for the whole business, so nobody's row is foreign to it; but an erased customer, a
closed place, a survey that was put away and another customer's purchase are not to be named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.config.api import api
from regulars.customers.actions import erasing, people, purchases
from regulars.customers.models import Customer
from regulars.rewards.actions import offers, vouchers
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric, Survey
from tests.api.test_scopes import everything_stored

pytestmark = pytest.mark.django_db
Gone = Callable[[Staff], str]
SALE = {
    "source": "till",
    "document": "1",
    "purchased_at": datetime(2026, 11, 20, 12, tzinfo=UTC).isoformat(),
    "total": 100,
    "currency": "EUR",
}
# Each operation that names rows in its body: what else has to be in it.
BODIES: dict[str, dict[str, Any]] = {
    "/purchases": SALE,
    "/surveys/{survey}/invitations": {},
    "/surveys/{survey}/answers": {"score": 9},
    "/vouchers/validation": {"code": "{code}"},
    "/vouchers/redemptions": {"code": "{code}"},
    "/feedback": {"text": "Cold soup."},
}
LISTS = ("/answers", "/scores", "/feedback", "/cases")


def _customer(name: str = "Anna") -> Customer:
    return people.add_customer(way="staff", by=None, given_name=name, language="en", addresses=[])


def erased_customer(owner: Staff) -> str:
    customer = _customer()
    erasing.erase(customer, by=owner)
    return customer.public_id


def closed_place(_owner: Staff) -> str:
    return Place.objects.create(name="Closed", is_active=False).public_id


def purchase_of_another(owner: Staff) -> str:
    new = purchases.NewPurchase(
        source="shop",
        document="9",
        purchased_at=datetime(2026, 11, 20, tzinfo=UTC),
        total=5,
        currency="EUR",
        customer=_customer("Béla"),
    )
    return purchases.record_purchase(new, by=owner)[0].public_id


def archived_survey(owner: Staff) -> str:
    survey = _survey(owner)
    designs.archive_survey(survey, by=owner)
    return survey.public_id


def _survey(owner: Staff) -> Survey:
    return designs.make_survey(name="Your visit", metric=Metric.NPS, by=owner)


GONE: dict[str, Gone] = {
    "customer": erased_customer,
    "place": closed_place,
    "purchase": purchase_of_another,
    "survey": archived_survey,
}


def bodies() -> Iterator[tuple[str, str]]:
    """(path, name) of each property of a body that holds the id of a row: it has 22 characters."""
    described = api.get_openapi_schema()
    for path, methods in described["paths"].items():
        for told in methods.values():
            content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            schema = described["components"]["schemas"].get(reference, {})
            for name, of in schema.get("properties", {}).items():
                if of.get("maxLength") == 22:
                    yield path.removeprefix("/api/v1"), name


def filters() -> Iterator[tuple[str, str]]:
    """(path, name) of each filter of a list that holds the id of a row."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for told in methods.get("get", {}).get("parameters", []):
            if told["in"] == "query" and told["schema"].get("maxLength") == 22:
                yield path.removeprefix("/api/v1"), told["name"]


def test_every_name_of_a_row_has_one_that_is_gone() -> None:
    named = [*bodies(), *filters()]
    paths = {path.replace("{public_id}", "{survey}") for path, _name in bodies()}

    assert {name for _path, name in named} == set(GONE)
    assert paths == set(BODIES)
    assert {path for path, _name in filters()} == set(LISTS)


@pytest.mark.parametrize(("path", "name"), sorted(bodies()))
def test_a_body_names_no_row_that_is_gone(
    post: Callable[..., Any], owner: Staff, path: str, name: str
) -> None:
    path = path.replace("{public_id}", "{survey}")
    given = {**BODIES[path], name: GONE[name](owner)}
    if name == "purchase":
        given["customer"] = _customer().public_id
    offer = offers.make_offer(by=owner, name="Thanks", gives="amount", amount=500)
    code = vouchers.issue(offer, _customer(), key="k", by=owner).code
    body = json.loads(json.dumps(given).replace("{code}", code))
    to = path.replace("{survey}", _survey(owner).public_id)
    before = everything_stored()

    answer = post(to, body)

    assert (answer.status_code, answer.json()["code"]) == (422, f"unknown_{name}")
    assert everything_stored() == before


@pytest.mark.parametrize(("path", "name"), sorted(filters()))
def test_a_list_of_a_row_that_is_gone_shows_nothing(
    token: str, owner: Staff, path: str, name: str
) -> None:
    answer = Client().get(
        f"/api/v1{path}",
        {name: GONE[name](owner)},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code in {404, 422}


def test_control_a_row_that_is_there_is_taken(post: Callable[..., Any], place: Place) -> None:
    body = {**SALE, "place": place.public_id, "customer": _customer().public_id}

    assert post("/purchases", body).status_code == 201
