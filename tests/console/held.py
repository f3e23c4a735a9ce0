"""Whether mail leaves, as the demo's tests ask it."""

from __future__ import annotations

from regulars.mailing import delivery
from regulars.mailing.actions import queue_rendered
from regulars.mailing.content import Rendered
from regulars.mailing.models import Purpose


def held_because() -> str:
    """Try to deliver a message; why it is held."""
    message = queue_rendered(
        Rendered("Hello", "<p>Hello</p>", "Hello"),
        key="k",
        purpose=Purpose.SERVICE,
        to="anna@example.com",
        language="en",
    )
    assert delivery.deliver().sent == 0
    message.refresh_from_db()
    assert message.state == "held"
    return message.reason
