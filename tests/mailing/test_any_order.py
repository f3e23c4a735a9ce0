"""PC4: whatever happens in whatever order, nobody is written to twice and nobody is forgotten.

A machine queues messages, lets the worker run, kills it between two steps, makes the mail server
misbehave, pauses and resumes sending, lets customers leave and come back and addresses bounce. A
few lines are the model: which customers may be written to, and what the sink has accepted.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from regulars.accounts.models import Staff
from regulars.customers.models import Consent, Customer, Pause
from regulars.mailing import actions, delivery, transport
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import (
    Message,
    Purpose,
    SendingRules,
    State,
    Suppression,
    UnsubscribeLink,
)
from tests.mailing.conftest import agree, customer
from tests.mailing.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
Clock = time_machine.Traveller
PEOPLE = ("anna", "bela", "nino")
ORDERS = ("", "4xx rcpt", "4xx data", "5xx data", "drop data", "drop answer", "421 mail")
POINTS = (
    *("mailing.before_claim", "mailing.after_claim", "mailing.before_data"),
    *("mailing.after_data", "mailing.before_commit"),
)
ENDED = {State.SENT, State.UNKNOWN, State.FAILED, State.SKIPPED, State.BOUNCED}
someone = st.sampled_from(PEOPLE)


class KilledError(BaseException):
    """The worker is gone; nothing catches it on the way."""


def machine(
    sink: Sink, clock: Clock, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> type[RuleBasedStateMachine]:
    """The machine, with this test's mail server and clock."""

    def dying_at(wanted: str) -> None:
        def passage(name: str) -> None:
            if name == wanted:
                raise KilledError

        for module in (delivery, transport):
            monkeypatch.setattr(module, "crash_point", passage)

    class Outbox(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            for model in (Message, UnsubscribeLink, Suppression, SendingRules, Pause, Consent):
                model.objects.all().delete()
            Customer.objects.all().delete()
            SendingRules.objects.create(pk=1, week_cap=99, marketing_gap_days=0)
            sink.order()
            (sink.folder / "accepted.jsonl").unlink(missing_ok=True)
            dying_at("")
            self.people = {name: customer(f"{name}@example.com") for name in PEOPLE}
            self.left: set[str] = set()
            self.stopped = False
            self.queued: set[str] = set()

        @property
        def accepted(self) -> Counter[str]:
            """How often each message was taken by the mail server, by its Message-ID."""
            return Counter(str(one.mail["Message-ID"]) for one in sink.accepted)

        @rule(name=someone, number=st.integers(1, 3))
        def queue(self, name: str, number: int) -> None:
            key = f"{name}:{number}"
            actions.queue_message(
                Content("Hello", (Paragraph("Come again."),)),
                key=key,
                purpose=Purpose.MARKETING,
                customer=self.people[name],
            )
            self.queued.add(key)

        @rule(order=st.sampled_from(ORDERS))
        def the_server_does(self, order: str) -> None:
            sink.order(order)

        @rule(point=st.sampled_from(("", "", *POINTS)))
        def the_worker_runs(self, point: str) -> None:
            """It may be killed on the way, at one of the places between two steps."""
            before = Counter(sink.recipients)
            dying_at(point)
            try:
                delivery.deliver()
            except KilledError:
                pass
            finally:
                dying_at("")
            new = Counter(sink.recipients) - before
            forbidden = set(PEOPLE) if self.stopped else self.left
            assert not {address.partition("@")[0] for address in new} & forbidden

        @rule(minutes=st.sampled_from((1, 6, 20, 90)))
        def time_passes(self, minutes: int) -> None:
            clock.shift(timedelta(minutes=minutes))

        @rule()
        def sending_is_paused(self) -> None:
            actions.pause_sending(SendingRules.PauseReason.BY_PERSON, by=owner)
            self.stopped = True

        @rule()
        def sending_goes_on(self) -> None:
            actions.resume_sending(by=owner)
            self.stopped = False

        @rule(name=someone)
        def somebody_leaves(self, name: str) -> None:
            clock.shift(1)
            agree(self.people[name], "marketing", given=False)
            self.left.add(name)

        @rule(name=someone)
        def somebody_comes_back(self, name: str) -> None:
            clock.shift(1)
            agree(self.people[name], "marketing")
            if not Suppression.objects.filter(detail=name).exists():
                self.left.discard(name)

        @rule(name=someone)
        def an_address_is_blocked(self, name: str) -> None:
            actions.suppress(f"{name}@example.com", detail=name, by=owner)
            self.left.add(name)

        @invariant()
        def nobody_was_written_to_twice(self) -> None:
            assert not [count for count in self.accepted.values() if count > 1]

        @invariant()
        def every_message_is_there_once(self) -> None:
            assert sorted(Message.objects.values_list("key", flat=True)) == sorted(self.queued)

        def teardown(self) -> None:
            """All is well again, and time passes: each message has come to an end, and says why."""
            sink.order()
            if self.stopped:
                self.sending_goes_on()
            for _ in range(12):
                delivery.deliver()
                clock.shift(timedelta(minutes=400))
            delivery.deliver()
            accepted = self.accepted
            self.nobody_was_written_to_twice()
            for message in Message.objects.all():
                assert message.state in ENDED or message.reason == "late", message.state
                assert message.state == State.SENT or message.reason
                if message.state != State.UNKNOWN:
                    assert accepted[message.message_id] == (message.state == State.SENT)

    return Outbox


@pytest.mark.parametrize("examples", [15, pytest.param(150, marks=pytest.mark.longer)])
def test_any_order_of_events_writes_once(
    sink: Sink,
    noon: Clock,
    owner: Staff,
    monkeypatch: pytest.MonkeyPatch,
    examples: int,
) -> None:
    run_state_machine_as_test(
        machine(sink, noon, owner, monkeypatch),
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_control_sending_the_abandoned_again_is_noticed(
    sink: Sink, noon: Clock, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the rule that what is perhaps sent stays so, the machine sees the second letter."""

    def queue_again(now: datetime) -> int:
        return Message.objects.filter(state=State.SENDING, lease_until__lt=now).update(
            state=State.QUEUED, lease_until=None
        )

    monkeypatch.setattr(delivery, "settle_abandoned", queue_again)
    outbox = machine(sink, noon, owner, monkeypatch)()
    outbox.queue("anna", 1)
    outbox.the_worker_runs("mailing.before_commit")
    outbox.time_passes(6)
    outbox.the_worker_runs("")

    with pytest.raises(AssertionError):
        outbox.nobody_was_written_to_twice()
