"""What mailing notes in the customer's history."""

from __future__ import annotations

from typing import ClassVar

from regulars.core.moments import Payload


class MessageSent(Payload):
    """A message was handed to the mail server, or recorded as sent by hand."""

    kind: ClassVar[str] = "message.sent"

    message_id: int
    purpose: str
    channel: str


class MessageBounced(Payload):
    """A message came back, or its recipient reported it as unwanted."""

    kind: ClassVar[str] = "message.bounced"

    message_id: int
    complaint: bool


class Unsubscribed(Payload):
    """A customer ended messages of these purposes on a channel."""

    kind: ClassVar[str] = "customer.unsubscribed"

    channel: str
    purposes: tuple[str, ...]
