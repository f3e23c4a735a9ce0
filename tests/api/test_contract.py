"""PE9: the description of the API is true, and no input breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from regulars.config.api import api
from regulars.config.wsgi import application
from regulars.core.api import CHANGES_NOTHING

# Left out: positive_data_acceptance, since what is well formed may still name a customer, place
# or time that does not exist; negative_data_rejection, since parameters that no operation has are
# passed over and times are taken as numbers too; the rest need links between operations.
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

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_connection")]


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
