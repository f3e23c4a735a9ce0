"""PE9: the description of the API is true, and no input breaks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.parameters import ParameterLocation

from regulars.accounts import authentication
from regulars.business.models import Business
from regulars.config.api import api
from regulars.config.wsgi import application
from regulars.core.api import CHANGES_NOTHING

# Not used as they are: positive_data_acceptance, since what is well formed may still name a
# customer, place or time that does not exist, and negative_data_rejection (see the two checks
# below); object_level_authorization, since a token speaks for the whole business and sees by its
# scopes (tests/api/test_scopes.py tries each operation with each scope).
load_all_checks()
USED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "missing_required_header",
        "unsupported_method",
        "ignored_auth",
    ]
)


def well_formed_is_understood(ctx: Any, response: Any, case: Any) -> None:
    """What the description allows is never refused as malformed, only for what it says."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code == 422:
        assert response.json()["code"] != "invalid", response.text
    assert response.status_code not in {405, 413, 415}, response.text


(REFUSED,) = CHECKS.get_by_names(["negative_data_rejection"])


def malformed_bodies_are_refused(ctx: Any, response: Any, case: Any) -> None:
    """negative_data_rejection for bodies. In addresses everything is text, and parameters that no
    operation has are passed over; `test_parameters_are_read_strictly` tries those that it has."""
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    if body is not None and body.mode.is_negative:
        REFUSED(ctx, response, case)


USED += [well_formed_is_understood, malformed_bodies_are_refused]
# Here the test adds the token; `ignored_auth` would take it for an invented one.
LINKED = [
    *(check for check in USED if check.__name__ != "ignored_auth"),
    *CHECKS.get_by_names(["use_after_free", "ensure_resource_availability"]),
]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_connection", "no_limit")]


@pytest.fixture
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """More is asked here within a minute than a program may; `test_idempotency` tries the limit."""
    monkeypatch.setattr(authentication, "REQUESTS_A_MINUTE", 10**9)


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """The application's own server would end the test's connection, and with it the test's rows,
    at the edges of each request; `django.test.Client` holds it in the same way."""
    edges = (signals.request_started, signals.request_finished)
    for edge in edges:
        edge.disconnect(close_old_connections)
    yield
    for edge in edges:
        edge.connect(close_old_connections)


schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
schema.app = application
QUICK = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=100)


@schema.parametrize()
@QUICK
def test_every_operation_keeps_its_description(case: Any, token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=USED)


@pytest.mark.longer
@schema.parametrize()
@LONG
def test_every_operation_keeps_its_description_at_length(case: Any, token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=USED)


def test_what_one_operation_makes_the_others_know(token: str, business: Business) -> None:
    """Operations that follow from one another: what was made is found, what is gone is gone."""
    reached: Counter[str] = Counter()

    class Workflow(schema.as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {token}"}}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            if response.status_code < 300:
                reached[case.operation.label] += 1
            case.validate_response(response, checks=LINKED, recorder=self.recorder)

    run_state_machine_as_test(Workflow, settings=settings(QUICK, max_examples=15))

    assert reached["POST /api/v1/customers"] > 0
    assert reached["GET /api/v1/customers/{public_id}"] > 0


def test_parameters_are_read_strictly(token: str) -> None:
    tried: dict[tuple[str, str, str], int] = {}
    for path, operations in api.get_openapi_schema()["paths"].items():
        for one in operations.get("get", {}).get("parameters", []):
            if one["in"] != "query":
                continue
            wrong = ["NaN", "-1", "0", "1e3", "99999999999999999999"]
            if one["schema"].get("type") != "integer":
                wrong = ["no\0thing"]
            for value in wrong:
                answer = Client().get(
                    path.replace("{public_id}", "A" * 22),
                    {one["name"]: value},
                    headers={"Authorization": f"Bearer {token}"},
                )
                tried[path, one["name"], value] = answer.status_code

    assert len(tried) > 20
    assert set(tried.values()) <= {400, 404, 422}, tried


def test_every_post_asks_for_a_key(token: str) -> None:
    paths = api.get_openapi_schema()["paths"]
    posts = [
        path
        for path, operations in paths.items()
        if "post" in operations and CHANGES_NOTHING not in operations["post"]
    ]

    answers = {
        path: Client()
        .post(
            path.replace("{public_id}", "A" * 22),
            {},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        .status_code
        for path in posts
    }

    assert answers == dict.fromkeys(posts, 400)


def test_every_operation_needs_a_token(business: object) -> None:
    paths = api.get_openapi_schema()["paths"]

    answers = {
        (path, method): Client()
        .generic(method.upper(), path.replace("{public_id}", "A" * 22))
        .status_code
        for path, operations in paths.items()
        for method in operations
    }

    assert set(answers.values()) == {401}, answers
