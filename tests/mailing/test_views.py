from __future__ import annotations

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.core.models import AuditEntry
from regulars.mailing import actions, server
from regulars.mailing.content import Button, Content, Paragraph
from regulars.mailing.models import Message, Purpose, Reason, SendingRules, State, Suppression
from tests.mailing.conftest import customer

pytestmark = pytest.mark.django_db
CONTENT = Content("Hello", (Paragraph("<b>How</b> are you?"), Button("Go", "https://x.example/")))


@pytest.fixture
def message(business: Business) -> Message:
    return actions.queue_message(
        CONTENT, key="k", purpose=Purpose.SURVEY, customer=customer(family_name="Őri")
    )


PAGES = ["outbox", "settings", "suppressions"]
OF_ONE = ["message", "preview"]
DEEDS = ["hold", "release", "cancel", "send_again", "it_arrived"]


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_for_those_who_manage(
    name: str, owner_client: Client, colleague_client: Client, stranger_client: Client
) -> None:
    clients = [owner_client, colleague_client, stranger_client, Client()]

    statuses = [client.get(reverse(f"mailing:{name}")).status_code for client in clients]

    assert statuses == [200, 403, 403, 302]


@pytest.mark.parametrize("name", OF_ONE)
def test_a_message_is_for_those_who_manage(
    name: str, message: Message, owner_client: Client, stranger_client: Client
) -> None:
    url = reverse(f"mailing:{name}", args=[message.public_id])

    assert owner_client.get(url).status_code == 200
    assert stranger_client.get(url).status_code == 403


@pytest.mark.parametrize("name", DEEDS)
def test_deeds_are_for_those_who_manage_and_never_by_get(
    name: str, message: Message, owner_client: Client, stranger_client: Client
) -> None:
    url = reverse(f"mailing:{name}", args=[message.public_id])

    assert stranger_client.post(url).status_code == 403
    assert owner_client.get(url).status_code == 405

    message.refresh_from_db()
    assert message.state == State.QUEUED


def test_the_outbox_finds_names_in_any_writing(message: Message, owner_client: Client) -> None:
    def found(words: str) -> bool:
        page = owner_client.get(reverse("mailing:outbox"), {"q": words})
        return message.public_id in page.content.decode()

    assert [found(w) for w in ("ori", "ŐRI", "anna@", "hello", "nobody")] == [
        True,
        True,
        True,
        True,
        False,
    ]


def test_the_outbox_filters_by_state(message: Message, owner_client: Client) -> None:
    def shown(state: str) -> bool:
        page = owner_client.get(reverse("mailing:outbox"), {"state": state})
        return message.public_id in page.content.decode()

    assert (shown("queued"), shown("held")) == (True, False)


def test_sign_in_mail_is_hidden_from_everybody(message: Message, owner_client: Client) -> None:
    Message.objects.update(is_hidden=True)

    listed = owner_client.get(reverse("mailing:outbox")).content.decode()

    assert message.public_id not in listed
    for name in OF_ONE:
        url = reverse(f"mailing:{name}", args=[message.public_id])
        assert owner_client.get(url).status_code == 404


def test_the_preview_can_do_nothing(message: Message, owner_client: Client) -> None:
    answer = owner_client.get(reverse("mailing:preview", args=[message.public_id]))

    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src 'none'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "&lt;b&gt;How&lt;/b&gt;" in answer.content.decode()
    assert ".invalid" not in answer.content.decode()


def test_holding_and_sending_from_the_page(message: Message, owner_client: Client) -> None:
    def post(name: str) -> str:
        owner_client.post(reverse(f"mailing:{name}", args=[message.public_id]))
        message.refresh_from_db()
        return message.state

    assert [post(n) for n in ("hold", "release", "cancel", "release")] == [
        State.HELD,
        State.QUEUED,
        State.CANCELLED,
        State.CANCELLED,
    ]
    audited = AuditEntry.objects.filter(action__startswith="mailing.")
    assert set(audited.values_list("action", flat=True)) == {
        "mailing.hold",
        "mailing.release",
        "mailing.cancel",
    }


SERVER = {
    "sender": "hello@mandula.example",
    "host": "smtp.example.net",
    "security": "smtp+starttls",
    "port": "587",
    "user": "mandula",
    "password": "très secret",
}


def test_the_server_is_kept_encrypted(owner_client: Client, business: Business) -> None:
    owner_client.post(reverse("mailing:set_server"), SERVER)

    stored = Business.objects.get()
    assert "secret" not in stored.smtp_url
    assert "example" not in stored.smtp_url
    assert server.the_server() == server.Server(
        "smtp.example.net", 587, "smtp+starttls", "mandula", "très secret"
    )
    assert server.sender_address() == "hello@mandula.example"
    page = owner_client.get(reverse("mailing:settings")).content.decode()
    assert "très secret" not in page


def test_an_empty_password_keeps_the_stored_one_for_the_same_server_only(
    owner_client: Client, business: Business
) -> None:
    owner_client.post(reverse("mailing:set_server"), SERVER)

    owner_client.post(reverse("mailing:set_server"), SERVER | {"password": "", "port": "2525"})
    kept = server.the_server()
    owner_client.post(reverse("mailing:set_server"), SERVER | {"password": "", "host": "evil.test"})
    other = server.the_server()

    assert kept is not None
    assert other is not None
    assert (kept.password, kept.port, other.password) == ("très secret", 2525, "")


def test_a_form_that_is_wrong_says_so(owner_client: Client, business: Business) -> None:
    answer = owner_client.post(reverse("mailing:set_server"), SERVER | {"sender": "nobody"})

    assert answer.status_code == 422
    assert Business.objects.get().smtp_url == ""


def test_the_variable_wins(business: Business) -> None:
    Business.objects.update(mail_from="page@mandula.example")

    with override_settings(SMTP_URL="smtps://a:b%40c@mx.example", MAIL_FROM="env@mandula.example"):
        assert server.the_server() == server.Server("mx.example", 465, "smtps", "a", "b@c")
        assert server.sender_address() == "env@mandula.example"


def test_the_rules_are_stored(owner_client: Client, business: Business) -> None:
    owner_client.post(
        reverse("mailing:change_rules"),
        {
            "quiet_from": "20:00",
            "quiet_until": "09:30",
            "week_cap": "2",
            "marketing_gap_days": "14",
            "daily_limit": "100",
            "gradual_since": "2026-11-20",
        },
    )

    rules = SendingRules.objects.get()
    assert (rules.week_cap, rules.marketing_gap_days, rules.daily_limit) == (2, 14, 100)
    assert (str(rules.quiet_from), str(rules.quiet_until)) == ("20:00:00", "09:30:00")


def test_switching_off_and_on(owner_client: Client, business: Business) -> None:
    owner_client.post(reverse("mailing:pause"))
    assert SendingRules.objects.get().paused_since is not None

    owner_client.post(reverse("mailing:resume"))
    assert SendingRules.objects.get().paused_since is None


def test_a_test_mail_waits_in_the_outbox(owner_client: Client, owner: Staff) -> None:
    answer = owner_client.post(reverse("mailing:send_test"), {"to": "olga@example.com"})

    sent = Message.objects.get()
    assert answer["Location"] == reverse("mailing:message", args=[sent.public_id])
    assert (sent.to_address, sent.purpose, sent.sent_by_id) == (
        "olga@example.com",
        "alert",
        owner.pk,
    )


def test_an_address_is_put_on_the_list_and_taken_off(
    owner_client: Client, business: Business
) -> None:
    url = reverse("mailing:suppressions")
    owner_client.post(url, {"address": "Rude@Example.com", "detail": "asked by phone"})
    entry = Suppression.objects.get()
    assert (entry.address, entry.kind) == ("rude@example.com", "blocked")
    lift = reverse("mailing:lift", args=[entry.public_id])

    assert owner_client.get(lift).status_code == 200
    assert Suppression.objects.exists()
    owner_client.post(lift)
    assert not Suppression.objects.exists()


def test_an_unsubscription_is_not_ours_to_lift(owner_client: Client, business: Business) -> None:
    entry = Suppression.objects.create(address_hash="x" * 64, kind="unsubscribed")

    owner_client.post(reverse("mailing:lift", args=[entry.public_id]))

    assert Suppression.objects.exists()


def test_lists_take_the_same_queries_for_one_and_three_rows(
    message: Message, owner_client: Client, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            owner_client.get(reverse("mailing:outbox"))
        return len(queries)

    one = count()
    for number in range(2):
        actions.queue_message(
            CONTENT, key=f"x{number}", purpose=Purpose.SURVEY, customer=customer()
        )

    assert count() == one


def test_a_skipped_message_says_why(business: Business, owner_client: Client) -> None:
    skipped = actions.queue_message(CONTENT, key="k", purpose=Purpose.SURVEY, customer=customer(""))

    page = owner_client.get(reverse("mailing:message", args=[skipped.public_id]))

    assert skipped.reason == Reason.NO_ADDRESS
    assert "no e-mail address is known" in page.content.decode()
