from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.accounts.actions import invitations
from regulars.accounts.models import Role, Staff
from regulars.business.models import Business
from regulars.core import installation
from regulars.core.models import Job, Moment
from regulars.core.queue import worker
from regulars.customers.models import Customer
from regulars.mailing import actions, delivery, transport
from regulars.mailing.content import Button, Content, Paragraph
from regulars.mailing.models import Message, Purpose, Reason, SendingRules, State, Suppression
from tests.mailing.conftest import customer
from tests.mailing.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
Clock = time_machine.Traveller
HELLO = Content(
    "Hello Anna", (Paragraph("How are you?"), Button("Tell us", "https://mandula.example/s/1/"))
)


def queued(
    person: Customer, *, purpose: Purpose = Purpose.SURVEY, key: str = "", to: str = ""
) -> Message:
    return actions.queue_message(
        HELLO, key=key or f"t:{purpose}:{person.pk}", purpose=purpose, customer=person, to=to
    )


def sign_in_mail() -> None:
    with override_settings(EMAIL_BACKEND="regulars.mailing.backend.OutboxBackend"):
        django_mail.send_mail("Your code", "123456", None, ["olga@example.com"])


def outcome(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


def test_a_message_is_delivered_once(sink: Sink, noon: Clock) -> None:
    person = customer()
    message = queued(person)

    first, second = delivery.deliver(), delivery.deliver()

    assert (first.sent, second.sent) == (1, 0)
    assert outcome(message) == (State.SENT, Reason.NONE)
    assert message.consent == person.consents.get(purpose="surveys")
    (accepted,) = sink.accepted
    assert (accepted.sender, accepted.recipients) == (
        "hello@mandula.example",
        ("anna@example.com",),
    )
    assert accepted.mail["Message-ID"] == message.message_id
    assert accepted.mail["Subject"] == "Hello Anna"
    assert accepted.mail["From"] == "Café Mandula <hello@mandula.example>"
    moment = Moment.objects.get(kind="message.sent")
    assert (moment.customer_id, moment.payload) == (
        person.pk,
        {"message_id": message.pk, "purpose": "survey", "channel": "email"},
    )


def test_a_key_is_one_message_however_often_it_is_queued(sink: Sink, noon: Clock) -> None:
    person = customer()

    same = {queued(person).pk for _ in range(3)}

    assert len(same) == 1
    assert Message.objects.count() == 1


def test_the_worker_sends_it_within_two_seconds(sink: Sink, noon: Clock) -> None:
    with transaction.atomic():
        message = queued(customer())
        queued(customer("bela@example.com"))

    job = Job.objects.get(task="regulars.mailing.tasks.deliver_due")
    noon.shift(2)
    worker.run_due()

    assert job.due_at - message.created_at <= timedelta(seconds=2)
    assert outcome(message) == (State.SENT, Reason.NONE)
    assert sorted(sink.recipients) == ["anna@example.com", "bela@example.com"]


def test_what_is_rolled_back_is_not_sent(sink: Sink, noon: Clock) -> None:
    with transaction.atomic():
        queued(customer())
        transaction.set_rollback(True)

    delivery.deliver()

    assert (sink.accepted, Job.objects.count()) == ([], 0)


def test_the_urgent_overtakes_a_campaign(sink: Sink, noon: Clock) -> None:
    for number in range(6):
        queued(customer(f"guest{number}@example.com"), purpose=Purpose.MARKETING)
    delivery.deliver(limit=2)

    sign_in_mail()
    delivery.deliver(limit=2)

    assert sink.recipients[2] == "olga@example.com"


def test_a_sign_in_mail_is_hidden_and_forgotten_once_sent(sink: Sink, noon: Clock) -> None:
    sign_in_mail()
    message = Message.objects.get()
    assert (message.is_hidden, message.purpose, message.text) == (True, "sign_in", "123456")

    delivery.deliver()

    assert outcome(message) == (State.SENT, Reason.NONE)
    assert (message.text, message.html) == ("", "")
    (accepted,) = sink.accepted
    assert accepted.mail.get_content().strip() == "123456"
    assert "List-Unsubscribe" not in accepted.mail


def test_a_bad_recipient_is_skipped_and_listed_while_the_batch_goes_on(
    sink: Sink, noon: Clock
) -> None:
    bad = [
        "anna@example.com\r\nBcc: victim@example.com",
        "anna@example.com, victim@example.com",
        "Anna <anna@example.com>",
        "anna@exa\x00mple.com",
        "anna",
        "a" * 400 + "@example.com",
        "",
    ]
    messages = [
        actions.queue_message(HELLO, key=f"b:{n}", purpose=Purpose.SERVICE, to=address)
        for n, address in enumerate(bad)
    ]
    good = actions.queue_message(HELLO, key="g", purpose=Purpose.SERVICE, to="bela@example.com")

    delivery.deliver()

    assert [outcome(message) for message in messages] == [
        (State.SKIPPED, Reason.BAD_ADDRESS)
    ] * 6 + [(State.SKIPPED, Reason.NO_ADDRESS)]
    assert outcome(good) == (State.SENT, Reason.NONE)
    assert sink.recipients == ["bela@example.com"]


def test_a_name_with_a_line_break_cannot_add_a_recipient(sink: Sink, noon: Clock) -> None:
    person = customer(given_name="Anna\r\nBcc: victim@example.com")
    message = actions.queue_message(
        Content("Hi Anna\r\nBcc: victim@example.com", HELLO.pieces),
        key="k",
        purpose=Purpose.SURVEY,
        customer=person,
        reply_to="olga@example.com\r\nBcc: victim@example.com",
    )

    delivery.deliver()

    assert outcome(message) == (State.SENT, Reason.NONE)
    assert sink.recipients == ["anna@example.com"]
    (accepted,) = sink.accepted
    assert accepted.mail["Bcc"] is None
    assert accepted.mail["Reply-To"] is None
    assert accepted.mail["Subject"] == "Hi Anna Bcc: victim@example.com"


# --- The mail server misbehaves ----------------------------------------------------------------


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_temporary_no_is_tried_again_later(sink: Sink, noon: Clock, step: str) -> None:
    sink.order(f"4xx {step} anna@example.com")
    message = queued(customer())
    other = queued(customer("bela@example.com"))

    delivery.deliver()

    assert outcome(message) == (State.QUEUED, Reason.RETRY)
    assert message.detail.startswith("451")
    pause = (message.due_at - timezone.now()).total_seconds()
    assert 50 < pause <= 60 * 1.2
    assert outcome(other) == (State.SENT, Reason.NONE)
    sink.order()
    noon.shift(80)
    delivery.deliver()
    assert outcome(message) == (State.SENT, Reason.NONE)
    assert sorted(sink.recipients) == ["anna@example.com", "bela@example.com"]


def test_after_several_temporary_noes_it_is_given_up(sink: Sink, noon: Clock) -> None:
    sink.order("4xx rcpt")
    message = queued(customer(), purpose=Purpose.SERVICE)

    for _ in range(9):
        delivery.deliver()
        noon.shift(timedelta(days=1))

    assert outcome(message) == (State.FAILED, Reason.GAVE_UP)
    assert message.attempts == len(delivery.RETRY_SECONDS) + 1


def test_a_fault_with_one_message_holds_up_no_other_and_is_given_up(
    sink: Sink, noon: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = queued(customer()), queued(customer("bela@example.com"))
    content = delivery._content

    def breaks(message: Message, token: str) -> bytes:
        if message.pk == broken.pk:
            raise AttributeError("boom")
        return content(message, token)

    monkeypatch.setattr(delivery, "_content", breaks)
    caplog.set_level(logging.ERROR, logger=delivery.__name__)

    first = delivery.deliver()

    assert (first.sent, first.looked_at) == (1, 2)
    assert outcome(broken) == (State.QUEUED, Reason.FAULT)
    assert outcome(other) == (State.SENT, Reason.NONE)
    assert broken.public_id in caplog.text
    assert "AttributeError: boom" in caplog.text

    Message.objects.filter(pk=broken.pk).update(attempts=len(delivery.RETRY_SECONDS))
    noon.shift(80)
    delivery.deliver()
    assert outcome(broken) == (State.FAILED, Reason.FAULT)
    assert broken.detail == "AttributeError"
    assert sink.recipients == ["bela@example.com"]


def test_a_fault_while_handing_over_leaves_it_unknown_and_not_sent_twice(
    sink: Sink, noon: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = queued(customer())

    def breaks(claim: delivery.Claim, answer: str) -> None:
        raise AttributeError("boom")

    with monkeypatch.context() as broken:
        broken.setattr(delivery, "_sent", breaks)
        delivery.deliver()
    assert outcome(message) == (State.SENDING, Reason.NONE)

    noon.shift(timedelta(minutes=6))
    delivery.deliver()
    assert outcome(message) == (State.UNKNOWN, Reason.WORKER_LOST)
    assert sink.recipients == ["anna@example.com"]


def test_an_unknown_address_bounces_at_once_and_is_not_written_to_again(
    sink: Sink, noon: Clock
) -> None:
    sink.order("5xx rcpt anna@example.com")
    person = customer()
    message = queued(person)
    delivery.deliver()
    sink.order()

    later = queued(person, purpose=Purpose.APPRECIATION)
    delivery.deliver()

    assert outcome(message) == (State.BOUNCED, Reason.ADDRESS_BOUNCED)
    assert outcome(later) == (State.SKIPPED, Reason.ADDRESS_BOUNCED)
    assert Suppression.objects.get().kind == Suppression.Kind.BOUNCED
    assert person.contact_points.get().state == "bounced"
    assert sink.accepted == []


@pytest.mark.parametrize("order", ["policy rcpt", "5xx data"])
def test_a_refusal_that_is_not_the_address_fault_suppresses_nobody(
    sink: Sink, noon: Clock, order: str
) -> None:
    sink.order(order)
    message = queued(customer())

    delivery.deliver()

    assert outcome(message) == (State.FAILED, Reason.REFUSED)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("order", ["drop answer", "drop data"])
def test_a_connection_that_breaks_after_the_text_leaves_it_unknown(
    sink: Sink, noon: Clock, order: str
) -> None:
    sink.order(f"{order} anna@example.com")
    message = queued(customer())
    other = queued(customer("bela@example.com"))

    delivery.deliver()
    delivery.deliver()

    assert outcome(message) == (State.UNKNOWN, Reason.WORKER_LOST)
    assert outcome(other) == (State.SENT, Reason.NONE)
    assert sink.recipients.count("anna@example.com") <= 1


def test_an_unknown_message_goes_again_only_by_a_person(
    sink: Sink, noon: Clock, owner: Staff
) -> None:
    sink.order("drop data anna@example.com")
    message = queued(customer())
    delivery.deliver()
    sink.order()
    noon.shift(timedelta(days=3))
    delivery.deliver()
    assert sink.accepted == []

    message.refresh_from_db()
    actions.send_again(message, by=owner)
    delivery.deliver()

    assert outcome(message) == (State.SENT, Reason.NONE)
    assert sink.recipients == ["anna@example.com"]


def test_a_hanging_server_costs_one_pause_and_loses_nothing(
    sink: Sink, noon: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT", 0.3)
    sink.order("hang rcpt anna@example.com")
    message = queued(customer())
    other = queued(customer("bela@example.com"))

    delivery.deliver()
    delivery.deliver()

    assert outcome(message) == (State.QUEUED, Reason.RETRY)
    assert outcome(other) == (State.SENT, Reason.NONE)


def test_a_server_that_is_down_touches_no_message(sink: Sink, noon: Clock) -> None:
    message = queued(customer())

    with override_settings(SMTP_URL="smtp://127.0.0.1:1"):
        delivery.deliver()

    assert outcome(message) == (State.QUEUED, Reason.NONE)
    assert (message.attempts, message.lease_until) == (0, None)
    assert SendingRules.objects.get().server_error != ""
    delivery.deliver()
    assert SendingRules.objects.get().server_error == ""
    assert outcome(message) == (State.SENT, Reason.NONE)


# --- Waiting -----------------------------------------------------------------------------------


def test_without_a_mail_server_mail_waits_and_goes_out_when_there_is_one(
    sink: Sink, noon: Clock
) -> None:
    message = queued(customer())

    with override_settings(SMTP_URL=""):
        delivery.deliver()
        assert outcome(message) == (State.HELD, Reason.NO_SERVER)
    delivery.deliver()

    assert outcome(message) == (State.SENT, Reason.NONE)


def test_without_a_public_address_customers_are_not_written_to_before_somebody_confirms(
    sink: Sink, noon: Clock, owner: Staff
) -> None:
    Business.objects.update(public_url="")
    message = queued(customer())
    delivery.deliver()
    assert outcome(message) == (State.HELD, Reason.NO_PUBLIC_URL)

    actions.release(message, by=owner)
    delivery.deliver()

    assert outcome(message) == (State.SENT, Reason.NONE)
    (accepted,) = sink.accepted
    plain = accepted.mail.get_body(("plain",))
    assert plain is not None
    assert "The links in this message work on this computer only." in plain.get_content()
    assert "List-Unsubscribe" not in accepted.mail


def test_what_missed_its_time_by_more_than_two_hours_asks_first(
    sink: Sink, noon: Clock, owner: Staff
) -> None:
    late, service = queued(customer()), queued(customer("b@example.com"), purpose=Purpose.SERVICE)
    noon.shift(timedelta(hours=2, minutes=1))

    delivery.deliver()

    assert outcome(late) == (State.HELD, Reason.LATE)
    assert outcome(service) == (State.SENT, Reason.NONE)
    actions.release(late, by=owner)
    delivery.deliver()
    assert outcome(late) == (State.SENT, Reason.NONE)


def test_a_long_queue_that_keeps_moving_is_not_late(sink: Sink, noon: Clock) -> None:
    first, second, third = [queued(customer(f"g{n}@example.com")) for n in range(3)]

    for _ in range(3):
        noon.shift(timedelta(minutes=110))
        delivery.deliver(limit=1)

    assert [outcome(m)[0] for m in (first, second, third)] == [State.SENT] * 3


def test_a_restored_copy_sends_nothing_until_somebody_says_so(
    sink: Sink, noon: Clock, owner: Staff
) -> None:
    message = queued(customer())
    actions.pause_sending(SendingRules.PauseReason.RESTORED, by=None)

    delivery.deliver()

    assert outcome(message) == (State.HELD, Reason.PAUSED)
    actions.resume_sending(by=owner)
    delivery.deliver()
    assert outcome(message) == (State.SENT, Reason.NONE)


def in_the_demo() -> None:
    Business.objects.update(is_demo=True)


def switched_off() -> None:
    actions.pause_sending(SendingRules.PauseReason.BY_PERSON, by=None)


@pytest.mark.parametrize("stop", [in_the_demo, switched_off])
def test_new_passwords_and_invitations_go_out_though_nothing_else_does(
    sink: Sink, noon: Clock, owner: Staff, stop: Callable[[], None]
) -> None:
    stop()
    wanted = queued(customer())
    delivery.deliver()
    sign_in_mail()
    with override_settings(EMAIL_BACKEND="regulars.mailing.backend.OutboxBackend"):
        invitations.invite("new@example.com", role=Role.STAFF, place=None, language="en", by=owner)

    delivery.deliver()

    assert outcome(wanted) == (State.HELD, Reason.PAUSED)
    reached = [one.recipients for one in sink.accepted]
    assert reached == [("olga@example.com",), ("new@example.com",)]


def restored_by_backup() -> None:
    actions.pause_sending(SendingRules.PauseReason.RESTORED, by=None)


@pytest.mark.parametrize(
    "stop",
    [
        restored_by_backup,
        installation.mark_restored,
        lambda: installation.forbid_sending(by=None),
    ],
)
def test_a_copy_sends_not_even_new_passwords(
    sink: Sink, noon: Clock, owner: Staff, stop: Callable[[], None]
) -> None:
    stop()
    sign_in_mail()

    delivery.deliver()

    assert outcome(Message.objects.get()) == (State.HELD, Reason.PAUSED)
    assert sink.accepted == []


def test_switching_off_counts_from_the_next_message(
    sink: Sink, noon: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = queued(customer()), queued(customer("b@example.com"))
    sent = delivery._sent

    def then_off(claim: delivery.Claim, answer: str) -> None:
        sent(claim, answer)
        switched_off()

    monkeypatch.setattr(delivery, "_sent", then_off)
    delivery.deliver()
    delivery.deliver()

    assert [outcome(one)[0] for one in (first, second)] == [State.SENT, State.HELD]


def test_a_person_holds_and_cancels(sink: Sink, noon: Clock, owner: Staff) -> None:
    held, cancelled = queued(customer()), queued(customer("b@example.com"))

    actions.hold(held, by=owner)
    actions.cancel(cancelled, by=owner)
    delivery.deliver()

    assert outcome(held) == (State.HELD, Reason.BY_PERSON)
    assert outcome(cancelled) == (State.CANCELLED, Reason.NONE)
    assert sink.accepted == []
    with pytest.raises(actions.MessageMovedOnError):
        actions.release(cancelled, by=owner)


def test_sent_by_hand_is_recorded_once(noon: Clock, owner: Staff) -> None:
    person = customer("")

    rows = [
        actions.record_sent_by_hand(
            "Thank you, Anna!",
            key="hand:1",
            purpose=Purpose.APPRECIATION,
            customer=person,
            by=owner,
        )
        for _ in range(2)
    ]

    assert rows[0] == rows[1]
    assert (rows[0].channel, rows[0].state, rows[0].sent_by_id) == ("hand", "sent", owner.pk)
    assert Moment.objects.filter(kind="message.sent").count() == 1


def test_an_idle_run_writes_nothing(sink: Sink, noon: Clock) -> None:
    with CaptureQueriesContext(connection) as queries:
        delivery.deliver()

    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []
