"""PC2, PC10, PC15: what comes back is read once, in any order, and nobody else's word counts."""

from __future__ import annotations

import base64
import itertools
import json
import warnings
from collections.abc import Iterator

import pytest
from anymail import urls as providers
from anymail.signals import AnymailTrackingEvent
from anymail.signals import tracking as signal
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.core.exceptions import SuspiciousOperation
from django.test import RequestFactory, override_settings
from django.utils import timezone

from regulars.business.models import Business
from regulars.core.models import Moment
from regulars.mailing import actions, bounces, tracking
from regulars.mailing.bounces import Event, Kind, is_address_fault, read_report
from regulars.mailing.checks import Skip, verdict
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Message, Purpose, Reason, State, Suppression
from regulars.mailing.urls import is_set_up
from tests.mailing.conftest import customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(business: Business) -> Message:
    message = actions.queue_message(
        Content("Hi", (Paragraph("x"),)), key="k", purpose=Purpose.SURVEY, customer=customer()
    )
    Message.objects.update(state=State.SENT, sent_at=timezone.now())
    message.refresh_from_db()
    return message


def state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def report(message_id: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: hello@mandula.example\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; anna@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: Hi\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.4.4"])
def test_a_hard_bounce_ends_writing_to_the_address(sent: Message, status: str) -> None:
    for event in read_report(report(sent.message_id, status=status)) * 2:
        actions.bounce(event)

    assert state(sent) == State.BOUNCED
    assert Suppression.objects.get().address == "anna@example.com"
    assert sent.customer is not None
    assert sent.customer.contact_points.get().state == "bounced"
    assert Moment.objects.filter(kind="message.bounced").count() == 1
    again = actions.queue_message(
        Content("Hi", ()), key="2", purpose=Purpose.SURVEY, customer=sent.customer
    )
    assert verdict(again, now=timezone.now()) == Skip(Reason.ADDRESS_BOUNCED)


@pytest.mark.parametrize("status", ["4.2.2", "5.2.2", "5.7.1", "5.1.8"])
def test_a_full_or_strict_mailbox_is_no_reason_to_give_up_the_address(
    sent: Message, status: str
) -> None:
    for event in read_report(report(sent.message_id, status=status)):
        actions.bounce(event)

    assert state(sent) == State.SENT
    assert not Suppression.objects.exists()


def test_a_report_about_somebody_elses_mail_changes_nothing(sent: Message) -> None:
    for event in read_report(report("<forged@elsewhere.example>")):
        actions.bounce(event)

    assert state(sent) == State.SENT
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff", b"Content-Type: multipart/report\r\n\r\n--", b"x" * 3_000_000]
)
def test_what_is_no_report_says_nothing(raw: bytes) -> None:
    assert read_report(raw) == []


def test_events_in_every_order_end_in_the_same_state(sent: Message) -> None:
    kinds = [Kind.DELIVERED, Kind.BOUNCED, Kind.COMPLAINED, Kind.DEFERRED]

    for number, order in enumerate(itertools.permutations(kinds)):
        Message.objects.update(state=State.SENT)
        Suppression.objects.all().delete()
        for kind in (*order, *order):
            bounces.apply(Event(kind, key=f"{number}:{kind}", message_id=sent.message_id))

        assert state(sent) == State.BOUNCED
        assert set(Suppression.objects.values_list("kind", flat=True)) == {"bounced", "complained"}


def test_a_delivery_event_resolves_the_unknown(sent: Message) -> None:
    Message.objects.update(state=State.UNKNOWN)

    assert bounces.apply(Event(Kind.DELIVERED, key="1", message_id=sent.message_id))

    assert state(sent) == State.DELIVERED


def test_a_message_that_never_went_out_cannot_be_delivered(sent: Message) -> None:
    Message.objects.update(state=State.QUEUED)

    bounces.apply(Event(Kind.DELIVERED, key="1", message_id=sent.message_id))

    assert state(sent) == State.QUEUED


@pytest.mark.parametrize(
    ("code", "expected"),
    [("5.1.1", True), ("5.1.10", True), ("5.4.4", True), ("5.1.8", False), ("4.1.1", False)],
)
def test_address_faults(code: str, expected: bool) -> None:
    assert is_address_fault(code) is expected


# --- Providers ---------------------------------------------------------------------------------

SECRET = "regulars:a shared secret"
guarded = override_settings(ANYMAIL={"WEBHOOK_SECRET": SECRET})


def signed_in(word: str = SECRET) -> str:
    return "Basic " + base64.b64encode(word.encode()).decode()


def postmark(**headers: str) -> object:
    view = PostmarkTrackingWebhookView.as_view()
    body = {
        "RecordType": "SpamComplaint",
        "Type": "SpamComplaint",
        "ID": 42,
        "MessageID": "00000000-0000-0000-0000-000000000000",
        "Email": "anna@example.com",
        "BouncedAt": "2026-11-18T12:00:00Z",
    }
    request = RequestFactory().post(
        "/", json.dumps(body), content_type="application/json", headers=headers
    )
    return view(request).status_code


@guarded
def test_a_signed_complaint_counts_once(sent: Message) -> None:
    statuses = [postmark(authorization=signed_in()) for _ in range(2)]

    assert statuses == [200, 200]
    entry = Suppression.objects.get()
    assert (entry.kind, entry.address) == ("complained", "anna@example.com")


@guarded
@pytest.mark.parametrize("headers", [{}, {"authorization": signed_in("regulars:guessed")}])
def test_a_forged_complaint_is_refused(sent: Message, headers: dict[str, str]) -> None:
    with pytest.raises(SuspiciousOperation):  # Django answers 400
        postmark(**headers)

    assert not Suppression.objects.exists()


def test_a_provider_reached_by_smtp_is_understood_by_our_own_message_id(sent: Message) -> None:
    event = AnymailTrackingEvent(
        event_type="delivered",
        event_id="e1",
        message_id="a-number-of-the-provider",
        recipient="anna@example.com",
        timestamp=timezone.now(),
        esp_event={"smtp-id": sent.message_id},
    )

    tracking.receive(None, event=event, esp_name="Provider")

    assert state(sent) == State.DELIVERED


def test_without_a_secret_there_is_no_address_to_report_to(client: object) -> None:
    from django.urls import get_resolver

    assert not [p for p in get_resolver().reverse_dict if "tracking" in str(p)]


# --- Every provider's address, with faults (PI7, PC15) ------------------------------------------

# What providers that sign their reports share with us.
KEYS = {
    "MAILERSEND_SIGNING_SECRET": "a key",
    "MAILGUN_WEBHOOK_SIGNING_KEY": "a key",
    "WEBHOOK_SECRET": SECRET,
}
TRACKING = {
    str(one.name).removesuffix("_tracking_webhook"): one.callback
    for one in providers.urlpatterns
    if "tracking" in str(one.name)
}
with override_settings(ANYMAIL=KEYS):
    PROVIDERS = {name: view for name, view in TRACKING.items() if is_set_up(view)}


def told(name: str, **headers: str) -> object:
    """What a report gives; a refusal is SuspiciousOperation, which Django answers with 400."""
    body = {"signature": {"token": "t", "timestamp": "1", "signature": "0" * 64}, "event": "bounce"}
    request = RequestFactory().post(
        "/", json.dumps(body), content_type="application/json", headers=headers
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anymail gives some providers up
        return PROVIDERS[name](request)


@pytest.fixture
def heard() -> Iterator[list[object]]:
    """Every report that was believed."""
    found: list[object] = []

    def hear(**report: object) -> None:
        found.append(report)

    signal.connect(hear, weak=False)
    yield found
    signal.disconnect(hear)


@override_settings(ANYMAIL=KEYS)
@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("headers", [{}, {"authorization": signed_in("regulars:guessed")}])
def test_no_provider_is_believed_without_the_secret(
    heard: list[object], name: str, headers: dict[str, str]
) -> None:
    with pytest.raises(SuspiciousOperation):
        told(name, **headers)

    assert heard == []
    assert not Suppression.objects.exists()


@override_settings(ANYMAIL=KEYS)
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_check_of_a_signature_that_breaks_lets_no_report_in(
    heard: list[object], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong while the secret is compared, nothing is read (PI7)."""

    def breaks(*_: object) -> bool:
        raise RuntimeError("nobody expected this")

    for module in ("base", "mailersend", "mailgun"):
        monkeypatch.setattr(f"anymail.webhooks.{module}.constant_time_compare", breaks)

    with pytest.raises((RuntimeError, SuspiciousOperation)):
        told(name, authorization=signed_in())

    assert heard == []
    assert not Suppression.objects.exists()


@override_settings(ANYMAIL=KEYS)
@pytest.mark.parametrize("name", ["mailersend", "mailgun"])
@pytest.mark.parametrize("headers", [{}, {"signature": "0" * 64}])
def test_a_provider_that_signs_is_not_believed_by_the_shared_secret_alone(
    heard: list[object], name: str, headers: dict[str, str]
) -> None:
    with pytest.raises(SuspiciousOperation):
        told(name, authorization=signed_in(), **headers)

    assert heard == []


@override_settings(ANYMAIL={"WEBHOOK_SECRET": SECRET})
def test_a_provider_whose_key_or_library_is_missing_has_no_address() -> None:
    there = {name for name, view in TRACKING.items() if is_set_up(view)}

    assert {"postmark", "brevo", "mailjet", "sparkpost"} <= there
    assert there.isdisjoint({"mailgun", "mailersend", "mandrill", "postal", "amazon_ses"})
