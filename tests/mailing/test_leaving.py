"""PB6, PC8, PC9: leaving takes one click, works at once and for ever, and no robot can do it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.business.models import Business
from regulars.core import access
from regulars.core.ids import new_token, token_hash
from regulars.customers.models import Consent, Customer
from regulars.mailing import actions, delivery
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Message, Purpose, Reason, State, Suppression, UnsubscribeLink
from tests.mailing.conftest import agree, customer
from tests.mailing.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
Clock = time_machine.Traveller


@pytest.fixture
def anna(sink: Sink, noon: Clock) -> Customer:
    return customer()


def sent(person: Customer, sink: Sink, *, key: str = "k") -> str:
    """Send a survey mail; the path of its unsubscribe link, read from the raw bytes."""
    actions.queue_message(
        Content("Hi", (Paragraph("How was it?"),)),
        key=key,
        purpose=Purpose.SURVEY,
        customer=person,
    )
    delivery.deliver()
    return unsubscribe_path(sink.accepted[-1].raw)


def unsubscribe_path(raw: bytes) -> str:
    found = re.search(rb"^List-Unsubscribe: <https://[^/>]+(/u/[A-Za-z0-9_-]{22}/)>\r$", raw, re.M)
    assert found is not None, raw[:2000]
    return found.group(1).decode()


def wanted(person: Customer) -> list[str]:
    from regulars.mailing.queries import choices_of

    return [c.purpose.value for c in choices_of(person, channel="email") if c.wanted]


def rows() -> dict[str, int]:
    return {
        "consents": Consent.objects.count(),
        "suppressions": Suppression.objects.count(),
        "links": UnsubscribeLink.objects.count(),
        "messages": Message.objects.count(),
    }


def one_click(path: str) -> int:
    """As a mailbox provider does it: no cookies, no token, another origin."""
    robot = Client(enforce_csrf_checks=True, headers={"origin": "https://mail.example.net"})
    return robot.post(path, {"List-Unsubscribe": "One-Click"}).status_code


def test_one_click_ends_everything_at_once(anna: Customer, sink: Sink) -> None:
    path = sent(anna, sink)
    waiting = actions.queue_message(
        Content("Offer", ()), key="m", purpose=Purpose.MARKETING, customer=anna
    )

    assert one_click(path) == 200
    delivery.deliver()

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (State.SKIPPED, Reason.WITHDRAWN)
    assert wanted(anna) == []
    withdrawn = Consent.objects.filter(given=False)
    assert {c.purpose for c in withdrawn} == {"surveys", "appreciation", "marketing"}
    assert {c.evidence for c in withdrawn} == {"one-click"}


def test_opening_every_link_changes_nothing(anna: Customer, sink: Sink, client: Client) -> None:
    path = sent(anna, sink)
    before = rows()

    for url in (path, f"{path}preferences/"):
        for method in (client.get, client.head):
            assert method(url).status_code == 200
        assert client.get(url, headers={"purpose": "prefetch"}).status_code == 200

    assert rows() == before
    assert wanted(anna) == ["marketing", "surveys", "appreciation"]


def test_a_repeated_click_changes_nothing_more(anna: Customer, sink: Sink) -> None:
    path = sent(anna, sink)
    one_click(path)
    before = rows()

    assert [one_click(path) for _ in range(3)] == [200, 200, 200]

    assert rows() == before


def test_it_works_after_a_year(anna: Customer, sink: Sink, noon: Clock) -> None:
    path = sent(anna, sink)
    noon.shift(timedelta(days=400))

    assert one_click(path) == 200

    assert wanted(anna) == []


def test_it_works_after_the_customer_was_deleted(anna: Customer, sink: Sink) -> None:
    path = sent(anna, sink)
    anna.delete()

    assert one_click(path) == 200

    again = customer()
    Consent.objects.update(happened_at=Consent.objects.latest("pk").happened_at - timedelta(days=9))
    message = actions.queue_message(
        Content("Offer", ()), key="m", purpose=Purpose.MARKETING, customer=again
    )
    delivery.deliver()
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.SKIPPED, Reason.UNSUBSCRIBED)


def test_who_agrees_again_after_leaving_is_written_to(
    anna: Customer, sink: Sink, noon: Clock
) -> None:
    one_click(sent(anna, sink))
    noon.shift(timedelta(days=30))
    agree(anna, "surveys")

    path = sent(anna, sink, key="again")

    assert len(sink.accepted) == 2
    noon.shift(timedelta(days=1))
    one_click(path)
    assert wanted(anna) == []


def test_the_preference_page_keeps_only_what_was_chosen(
    anna: Customer, sink: Sink, client: Client
) -> None:
    path = sent(anna, sink)

    answer = client.post(f"{path}preferences/", {"purpose": ["appreciation"]})

    assert answer.status_code == 200
    assert wanted(anna) == ["appreciation"]


def test_after_leaving_one_kind_can_be_chosen_again(
    anna: Customer, sink: Sink, client: Client, noon: Clock
) -> None:
    path = sent(anna, sink)
    one_click(path)
    noon.shift(timedelta(days=8))

    client.post(f"{path}preferences/", {"purpose": ["surveys"]})

    assert wanted(anna) == ["surveys"]
    record = Consent.objects.latest("pk")
    assert (record.given, record.evidence) == (True, "preference page")
    sent(anna, sink, key="again")
    assert len(sink.accepted) == 2


@pytest.mark.parametrize(
    ("chosen", "heading", "label"),
    [
        ("", "Válassza ki, mit szeretne kapni", "kérdések"),
        ("et", "Valige, mida soovite saada", "küsimused"),
    ],
)
def test_the_preference_page_is_in_one_language_and_stores_what_it_showed(
    anna: Customer, sink: Sink, chosen: str, heading: str, label: str
) -> None:
    """That of the message, or the one chosen on the page, whatever the browser prefers."""
    path = f"{sent(anna, sink)}preferences/"
    UnsubscribeLink.objects.update(language="hu")
    one_click(path.removesuffix("preferences/"))
    browser = Client(headers={"accept-language": "ka"})
    if chosen:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen

    page = browser.get(path).content.decode()
    browser.post(path, {"purpose": ["surveys"]})

    shown = re.findall(r"<span>([^<]+)</span></label>", page)
    record = Consent.objects.latest("pk")
    assert heading in page
    assert [one for one in shown if one.startswith(label)] == [record.wording]
    assert record.language == (chosen or "hu")


def test_the_preference_page_needs_its_own_form(anna: Customer, sink: Sink) -> None:
    path = sent(anna, sink)
    foreign = Client(enforce_csrf_checks=True)

    assert foreign.post(f"{path}preferences/", {"purpose": []}).status_code == 403

    assert wanted(anna) == ["marketing", "surveys", "appreciation"]


def test_a_guessed_token_is_not_found(anna: Customer, sink: Sink, client: Client) -> None:
    path = sent(anna, sink)
    token = path.split("/")[2]

    assert client.post("/u/0123456789abcdefghijkl/").status_code == 404

    assert UnsubscribeLink.objects.get().token_hash != token
    stored = Message.objects.values_list("html", "text").get()
    assert all(token not in body for body in stored)


def test_guesses_are_refused_after_a_while_and_a_right_link_never(
    anna: Customer, sink: Sink, client: Client
) -> None:
    path = sent(anna, sink)

    guesses = [client.get(f"/u/0123456789abcdefgh{n}/").status_code for n in range(25)]
    after = [client.get(f"/{p}/0123456789abcdefghijkl/").status_code for p in ("s", "o", "u")]

    assert guesses == [404] * access.GUESSES + [429] * 5
    assert after == [429] * 3
    assert client.get("/u/0123456789abcdefghijkl/", REMOTE_ADDR="198.51.100.7").status_code == 404
    assert client.post(path).status_code == 200
    assert "surveys" not in wanted(anna)


def test_a_token_is_looked_for_by_its_hash_alone(
    anna: Customer, sink: Sink, client: Client
) -> None:
    """Comparing takes the same time however much of a guess is right: the hashes share nothing."""
    token = sent(anna, sink).split("/")[2]
    nearly = token[:-1] + ("A" if token[-1] != "A" else "B")

    asked = []
    for guess in (nearly, "0123456789abcdefghijkl"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/u/{guess}/")
        asked.append(
            [q["sql"].replace(token_hash(guess), "HASH") for q in queries.captured_queries]
        )
        assert all(guess not in query["sql"] for query in queries.captured_queries)

    looked = [[sql for sql in one if "HASH" in sql] for one in asked]
    assert looked[0] == looked[1]
    assert len(looked[0]) == 1


def test_the_chance_of_a_guess_in_a_year_is_below_1e_20() -> None:
    """Nobody is locked out, so the worst case is what a server can answer, without a pause."""
    answers_a_year = 1_000 * 365.25 * 86_400
    live_links = 10_000_000
    token = new_token()

    assert len(urlsafe_b64decode(token + "==")) * 8 == 128
    assert len({new_token() for _ in range(1_000)}) == 1_000
    assert answers_a_year * live_links / 2**128 < 1e-20


def test_a_host_of_sixty_characters_stays_plain(anna: Customer, sink: Sink) -> None:
    host = "a-shop-with-a-very-long-name-in-a-very-long-street.example.ge"
    Business.objects.update(public_url=f"https://{host}")

    path = sent(anna, sink)

    lines = sink.accepted[-1].raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: <https://{host}{path}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


def test_without_https_there_is_a_link_but_no_one_click_header(
    anna: Customer, sink: Sink, client: Client
) -> None:
    Business.objects.update(public_url="http://mandula.example")
    actions.queue_message(
        Content("Hi", (Paragraph("x"),)), key="k", purpose=Purpose.SURVEY, customer=anna
    )
    delivery.deliver()

    (accepted,) = sink.accepted
    assert "List-Unsubscribe" not in accepted.mail
    plain = accepted.mail.get_body(("plain",))
    assert plain is not None
    found = re.search(r"http://mandula\.example(/u/[\w-]{22}/)\s", plain.get_content())
    assert found is not None
    assert client.get(found.group(1)).status_code == 200
