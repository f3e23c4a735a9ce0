"""PI7: a check of consent, pause, suppression or time that breaks lets no message out."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import time_machine

from regulars.core import installation
from regulars.mailing import actions, checks, delivery, queries
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Message, Purpose, State
from tests.mailing.conftest import customer
from tests.mailing.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
BROKEN = [
    (queries, "newest_consent"),
    (queries, "active_pauses"),
    (queries, "survivor"),
    (checks, "_consented"),
    (checks, "refused_by"),
    (checks, "_timing"),
    (checks, "is_usable"),
    (delivery, "verdict"),
    (queries, "the_rules"),
    (installation, "sending_allowed"),
]


class BrokenError(Exception):
    """What nobody expected."""


def deliver_news(sink: Sink) -> list[str]:
    """Queue a message that may go out and deliver; whom the server took it for."""
    person = customer()
    content = Content("News", (Paragraph("Hello"),))
    actions.queue_message(content, key="news", purpose=Purpose.MARKETING, customer=person)
    with contextlib.suppress(BrokenError):
        delivery.deliver()
    return sink.recipients


@pytest.mark.parametrize(("module", "check"), BROKEN)
def test_a_check_that_breaks_stops_the_message(
    sink: Sink,
    noon: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    check: str,
) -> None:
    asked: list[str] = []

    def breaks(*args: Any, **kwargs: Any) -> Any:
        asked.append(check)
        raise BrokenError

    with monkeypatch.context() as patch:
        original = delivery.deliver

        def deliver() -> Any:
            patch.setattr(module, check, breaks)
            return original()

        patch.setattr(delivery, "deliver", deliver)
        taken = deliver_news(sink)

    assert asked  # the check stands in the way of the message
    assert taken == []
    assert Message.objects.get().state == State.QUEUED


def test_control_the_same_message_goes_out_when_nothing_breaks(
    sink: Sink, noon: time_machine.Traveller
) -> None:
    assert deliver_news(sink) == ["anna@example.com"]
