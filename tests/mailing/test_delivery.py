from __future__ import annotations

import pytest

from regulars.mailing import actions, delivery
from regulars.mailing.content import Button, Content, Paragraph
from regulars.mailing.models import Message, Purpose, Reason, State
from tests.mailing.conftest import customer
from tests.mailing.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
HELLO = Content(
    "Hello Anna", (Paragraph("How are you?"), Button("Tell us", "https://x.example/s/1"))
)


def queued(key: str = "k", *, purpose: Purpose = Purpose.SURVEY, **fields: object) -> Message:
    fields.setdefault("customer", customer()) if "to" not in fields else None
    return actions.queue_message(HELLO, key=key, purpose=purpose, **fields)


def test_a_message_is_delivered_once(sink: Sink, noon: object) -> None:
    message = queued()

    first = delivery.deliver()
    second = delivery.deliver()

    message.refresh_from_db()
    assert (first.sent, second.sent) == (1, 0)
    assert (message.state, message.reason, message.attempts) == (State.SENT, Reason.NONE, 1)
    assert message.consent == message.customer.consents.get(purpose="surveys")
    (accepted,) = sink.accepted
    assert accepted.recipients == ("anna@example.com",)
    assert accepted.mail["Message-ID"] == message.message_id
    assert accepted.mail["Subject"] == "Hello Anna"
