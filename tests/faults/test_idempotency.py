"""PA3, PA4: a till that times out and sends again has one effect, whatever died in between."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

from tests.faults.stage import Stage
from tests.faults.test_web import served

PREPARE = """
from regulars.accounts.models import Role, Scope, Staff, StaffRole
from regulars.accounts.actions import tokens
from regulars.business.models import Business
Business.objects.create(name="Café", currency="EUR")
owner = Staff.objects.create_user("o@example.com", "x" * 12, name="O")
StaffRole.objects.create(staff=owner, role=Role.OWNER)
print(tokens.new_api_token(name="till", scopes=list(Scope), by=owner)[1])
"""
SEND = """
import sys
from django.test import Client
body = {"source": "till", "document": "D1" if len(sys.argv) < 3 else sys.argv[2],
        "purchased_at": "2026-01-01T10:00:00Z", "total": 100, "currency": "EUR",
        "customer_key": {"source": "till", "value": "C"}}
answer = Client(raise_request_exception=False).post(
    "/api/v1/purchases", body, content_type="application/json",
    headers={"Authorization": f"Bearer {sys.argv[1]}", "Idempotency-Key": "key-1"})
print(answer.status_code)
"""
COUNTS = '[m("customers", n).objects.count() for n in ("Purchase", "Customer")]'
POINTS = [
    "idempotency.before_effect",
    "idempotency.after_effect",
    "idempotency.before_commit",
    "idempotency.after_commit",
]


@pytest.mark.parametrize("point", POINTS)
def test_a_request_that_died_is_sent_again(installation: Stage, point: str) -> None:
    token = installation.run(PREPARE)

    assert installation.start(SEND, token, REGULARS_CRASH_AT=point).wait() == 9
    status = installation.run(SEND, token)

    assert status == "201"
    assert installation.value(COUNTS) == [1, 1]


def test_the_same_request_at_once_has_one_effect(installation: Stage) -> None:
    token = installation.run(PREPARE)

    senders = [installation.start(SEND, token) for _ in range(6)]

    assert [sender.wait() for sender in senders] == [0] * 6
    statuses = {sender.printed.split()[-1] for sender in senders}
    assert "201" in statuses
    assert statuses <= {"201", "409"}
    assert installation.value(COUNTS) == [1, 1]


def test_control_without_keys_and_documents_the_effect_doubles(installation: Stage) -> None:
    """Two documents under no shared key are two purchases: what the key protects from."""
    token = installation.run(PREPARE)
    careless = SEND.replace('"key-1"', "sys.argv[2]")

    for document in ("D1", "D2"):
        assert installation.run(careless, token, document) == "201"

    assert installation.value(COUNTS) == [2, 1]


BODY = json.dumps(
    {
        "source": "till",
        "document": "D1",
        "purchased_at": "2026-01-01T10:00:00Z",
        "total": 100,
        "currency": "EUR",
        "customer_key": {"source": "till", "value": "C"},
    }
)


def cut_off(port: int, token: str, key: str) -> None:
    """Send a purchase and hang up before any answer, as a till does whose network went."""
    head = (
        "POST /api/v1/purchases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as till:
        till.sendall((head + BODY).encode())


def asked_again(port: int, token: str, key: str) -> tuple[int, bytes]:
    """The same request, this time waited for; while the first one runs the answer is 409."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", "/api/v1/purchases", BODY, headers)
            answer = connection.getresponse()
            if answer.status != 409:
                return answer.status, answer.read()
        finally:
            connection.close()


@pytest.mark.longer
@pytest.mark.parametrize("times", [1, 5])
def test_a_connection_cut_after_sending_has_one_effect(installation: Stage, times: int) -> None:
    token = installation.run(PREPARE)

    with served(installation) as (_supervisor, port):
        for _ in range(times):
            cut_off(port, token, "key-1")
        first = asked_again(port, token, "key-1")
        again = asked_again(port, token, "key-1")

    with served(installation) as (_supervisor, port):  # also after a restart
        cut_off(port, token, "key-1")
        restarted = asked_again(port, token, "key-1")

    assert first[0] == 201
    assert first == again == restarted
    assert installation.value(COUNTS) == [1, 1]
