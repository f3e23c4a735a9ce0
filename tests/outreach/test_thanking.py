"""Thanking a customer: the words, the voucher, once, and never against their wish."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from regulars.accounts.models import Staff
from regulars.business import pictures
from regulars.business.models import Business, Signature, Trade
from regulars.core import moments
from regulars.core.errors import DomainError
from regulars.core.models import AuditEntry, Job, JobStatus, Moment
from regulars.core.queue.backend import task_named
from regulars.customers.actions import consents
from regulars.customers.models import Customer, Item, Pause, Purchase, PurchaseLine, Standing
from regulars.mailing import actions as mailing
from regulars.mailing import placeholders
from regulars.mailing.addresses import address_hash
from regulars.mailing.models import Message, State, UnsubscribeLink
from regulars.mailing.moments import MessageSent
from regulars.outreach import letters, queries, wording
from regulars.outreach.actions import thanking
from regulars.outreach.errors import AlreadyOutError, NotConfirmedError, NotThankedError
from regulars.outreach.models import Occasion, Thanks
from regulars.rewards import codes
from regulars.rewards.actions import offers
from regulars.rewards.models import Offer, Voucher
from regulars.text import tone
from tests.customers.conftest import new

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def anna(business: object) -> Customer:
    """A customer who may be thanked by mail."""
    customer = new("Anna", "Kovács", email="anna@example.com", language="hu")
    consents.give_consent(
        customer,
        channel="email",
        purpose="appreciation",
        wording="Köszönetet írhatnak.",
        evidence="a form",
        happened_at=timezone.now(),
    )
    return customer


@pytest.fixture
def offer(owner: Staff) -> Offer:
    return offers.make_offer(by=owner, name="Coffee", gives="item", item="egy kávé")


@pytest.fixture
def work() -> Callable[[], None]:
    """Do what outreach does about what happened."""

    def run() -> None:
        ready = Job.objects.filter(
            status=JobStatus.READY, arguments__kwargs__reaction__startswith="outreach."
        )
        for job in list(ready.order_by("pk")):
            task_named(job.task).func(*job.arguments["args"], **job.arguments["kwargs"])
            Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE)

    return run


def draft(**changed: Any) -> thanking.Draft:
    return thanking.Draft(
        **(
            {
                "occasion": "regular",
                "way": "email",
                "language": "hu",
                "subject": "Köszönjük",
                "text": "Tisztelt {full_name}!\n\nKöszönjük.\n\nTisztelettel:",
                "signed_name": "Nagy Kata",
                "signed_title": "üzletvezető",
            }
            | changed
        )
    )


def test_a_mail_goes_out_once_with_the_voucher(anna: Customer, owner: Staff, offer: Offer) -> None:
    first = thanking.thank(anna, draft(offer=offer), key="k", by=owner)
    again = thanking.thank(anna, draft(offer=offer), key="k", by=owner)

    message = Message.objects.get()
    assert again == first
    assert (message.state, message.purpose, message.customer) == ("queued", "appreciation", anna)
    assert first.text == "Tisztelt Kovács Anna!\n\nKöszönjük.\n\nTisztelettel:"
    assert "Tisztelt Kovács Anna!" in message.text
    assert "Nagy Kata" in message.text
    assert "üzletvezető" in message.text
    found = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", message.text)
    assert found
    assert codes.code_hash(codes.normal(found.group())) == Voucher.objects.get().code_hash
    assert Thanks.objects.get().code == ""
    assert Thanks.objects.get().confirmed == ""


@pytest.mark.parametrize("kind", ["died", "do_not_greet", "silence"])
@pytest.mark.parametrize("way", ["email", "hand", "letter"])
def test_nobody_is_thanked_against_their_wish(
    anna: Customer, owner: Staff, offer: Offer, kind: str, way: str
) -> None:
    Pause.objects.create(customer=anna, kind=kind, since=timezone.now())

    with pytest.raises(NotThankedError):
        thanking.thank(anna, draft(way=way, offer=offer), key="k", by=owner)

    assert not Thanks.objects.exists()
    assert not Voucher.objects.exists()
    assert not Message.objects.exists()


def test_without_consent_there_is_no_mail_and_no_voucher(
    anna: Customer, owner: Staff, offer: Offer
) -> None:
    consents.withdraw_consent(anna, channel="email", purpose="appreciation", evidence="asked")

    with pytest.raises(NotThankedError):
        thanking.thank(anna, draft(offer=offer), key="k", by=owner)

    assert not Voucher.objects.exists()
    with pytest.raises(NotConfirmedError):
        thanking.thank(anna, draft(way="letter"), key="k", by=owner)
    meant = thanking.thank(anna, draft(way="letter"), key="k", by=owner, confirmed=True)
    assert (meant.way, meant.confirmed) == ("letter", "withdrawn")
    assert AuditEntry.objects.filter(action="outreach.thank_all_the_same").count() == 1


def test_by_hand_it_counts_when_somebody_says_so(anna: Customer, owner: Staff) -> None:
    thanks = thanking.thank(anna, draft(way="hand"), key="k", by=owner)
    assert not Message.objects.exists()
    assert not Moment.objects.filter(kind="thanks.given").exists()

    assert [thanking.mark_sent(thanks, by=owner) for _ in range(3)] == [True, False, False]

    message = Message.objects.get()
    assert (message.channel, message.state) == ("hand", "sent")
    assert Moment.objects.filter(kind="thanks.given").count() == 1


def buy(customer: Customer, name: str, times: int, *, is_discreet: bool = False) -> None:
    item = Item.objects.create(code=name, name=name, is_discreet=is_discreet)
    for number in range(times):
        purchase = Purchase.objects.create(
            customer=customer,
            source="till",
            document=f"{name} {number}",
            purchased_at=timezone.now() - timedelta(days=number),
            total=100,
            currency="HUF",
        )
        PurchaseLine.objects.create(purchase=purchase, number=1, item=item, amount=100)


def test_reasons_come_from_purchases_and_never_from_discreet_ones(anna: Customer) -> None:
    Standing.objects.create(customer=anna, visits=7, first_on="2019-03-01")
    buy(anna, "Flat white", 3)
    buy(anna, "Test strips", 9, is_discreet=True)

    reasons = queries.reasons_for(Customer.objects.get(pk=anna.pk), "en")

    assert reasons == [
        "You have been with us 7 times.",
        "You have been coming to us since 2019.",
        "We know how much you like this: “Flat white”.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", Occasion.values)
def test_ready_words_pass_our_own_check_of_tone(
    anna: Customer, language: str, occasion: str
) -> None:
    text = wording.ready_text(anna, Occasion(occasion), language=language)
    whole = wording.filled(text, anna)

    rules = {
        one.rule
        for one in tone.remarks(
            tone.Message(f"{whole}\nKata", language, name="Kovács", signature="Kata")
        )
    }

    assert wording.ready_subject(Occasion(occasion), language)
    assert rules - {"missing_reason"} == set()
    assert "Kovács Anna" in whole


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("trade", Trade.values)
def test_ready_words_suit_the_trade(
    business: Business, anna: Customer, language: str, trade: str
) -> None:
    Business.objects.update(trade=trade)
    anna.given_name = anna.family_name = ""

    texts = {
        one: wording.ready_text(anna, Occasion(one), language=language) for one in Occasion.values
    }

    people = wording.texts(language)["people"][wording.PEOPLE[Trade(trade)]]
    assert all(text.startswith(people["nameless"]) for text in texts.values())
    assert people["many"] in texts[Occasion.REGULAR]
    assert people["one"] in texts[Occasion.PRAISE]
    assert not any("«" in text for text in texts.values())
    ours = wording.texts(language)["orders"][Occasion.FIRST_VISIT]["body"]
    assert (ours.strip() in texts[Occasion.FIRST_VISIT]) == (trade == Trade.WEB_SHOP)


HOSTILE = ["{{ x }}", "{% if %}", "{0.__class__}", "${x}", "{password}", "{", "}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_only_placeholders_of_the_list_are_taken(anna: Customer, text: str) -> None:
    if text == "${x}" or "{" in text or "}" in text:
        with pytest.raises(DomainError):
            wording.filled(text, anna)


@given(st.text(alphabet="{}%$<>=a_0. ", max_size=40))
def test_values_are_put_in_literally(name: str) -> None:
    text = "Dear {full_name}, welcome."
    placeholders.check(text, wording.ALLOWED)

    assert placeholders.fill(text, {"full_name": name}) == f"Dear {name}, welcome."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_a_pdf_in_each_language(anna: Customer, language: str) -> None:
    text = wording.filled(wording.ready_text(anna, Occasion.REGULAR, language=language), anna)
    gift = wording.Gift("7K3M-Q2XN-91TB", "10%", '#link("x") $ * _ @')
    content = wording.content("#x", text, name="Kata", title="*", gift=gift)

    made = letters.letter(content, language=language)

    assert made.startswith(b"%PDF-")
    assert b"FiraGO" in made


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form."""
    form = page[page.rindex('<form method="post" action="/customers/') :]
    import html

    return {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)
    }


def test_from_the_customers_page_to_the_outbox(
    anna: Customer, owner_client: Client, owner: Staff, offer: Offer
) -> None:
    Signature.objects.create(name="Nagy Kata", title="üzletvezető", is_default=True)
    base = f"/customers/{anna.public_id}/thanks/"
    page = owner_client.get(f"{base}new/?occasion=praise")
    assert "Köszönjük a kedves szavait" in page.text
    assert "Nagy Kata" in page.text
    words = {
        "occasion": "praise",
        "language": "hu",
        "subject": "Köszönjük",
        "text": "Tisztelt {full_name}!\r\n\r\nKöszönjük.\r\n\r\nTisztelettel:",
        "signed_name": "Nagy Kata",
        "offer": offer.public_id,
        "way": "email",
    }

    looked = owner_client.post(f"{base}preview/", words)
    assert "Tisztelt Kovács Anna!" in looked.text
    assert not Thanks.objects.exists()
    mail = owner_client.post(f"{base}preview/mail/", words)
    assert "Kovács Anna" in mail.text
    assert not Voucher.objects.exists()
    sent = [owner_client.post(base, form_of(looked.text) | words) for _ in range(3)]

    thanks = Thanks.objects.get()
    assert {answer["Location"] for answer in sent} == {f"/thanks/{thanks.public_id}/"}
    assert Message.objects.count() == Voucher.objects.count() == 1
    assert owner_client.get(sent[0]["Location"]).status_code == 200
    assert "Kovács Anna" in owner_client.get("/thanks/").text


def test_the_logo_stands_at_the_head_of_a_letter(
    anna: Customer, settings: object, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings
    drawn = io.BytesIO()
    Image.new("RGB", (200, 100), "#00ff00").save(drawn, "PNG")
    Business.objects.update(logo=pictures.keep(drawn.getvalue()))
    content = wording.content("Thanks", "Dear Anna,", name="Olga", title="", gift=None)

    page = Image.open(io.BytesIO(letters.picture(content, language="en"))).convert("RGB")

    at_the_head = page.crop((0, 0, page.width // 2, page.height // 5))
    assert (0, 255, 0) in {colour for _n, colour in at_the_head.getcolors(1 << 20) or []}


def test_a_letter_is_printed_and_noted_as_posted(anna: Customer, owner_client: Client) -> None:
    words = {
        "occasion": "regular",
        "language": "hu",
        "subject": "Köszönjük",
        "text": "Tisztelt {full_name}!",
        "signed_name": "Kata",
        "way": "letter",
        "key": "k",
    }
    page = owner_client.post(f"/customers/{anna.public_id}/thanks/", words)["Location"]

    letter = owner_client.get(f"{page}letter/")
    owner_client.post(f"{page}sending/")

    assert letter["Content-Type"] == "application/pdf"
    assert Message.objects.get().channel == "post"


def test_words_with_an_unknown_placeholder_are_refused(
    anna: Customer, owner_client: Client
) -> None:
    answer = owner_client.post(
        f"/customers/{anna.public_id}/thanks/preview/",
        {
            "occasion": "regular",
            "language": "hu",
            "subject": "x",
            "text": "{{ secret }}",
            "signed_name": "K",
            "way": "email",
        },
    )

    assert answer.status_code == 422


def test_the_stranger_thanks_nobody(anna: Customer, stranger_client: Client) -> None:
    for path in ("/thanks/", f"/customers/{anna.public_id}/thanks/new/"):
        assert stranger_client.get(path).status_code == 403
    assert stranger_client.post(f"/customers/{anna.public_id}/thanks/", {}).status_code == 403


def test_who_was_not_thanked_for_half_a_year(anna: Customer, owner: Staff) -> None:
    Standing.objects.create(customer=anna, visits=9, segment="regular")
    assert list(queries.not_thanked_lately(owner)) == [anna]

    thanking.thank(anna, draft(), key="k", by=owner)

    assert list(queries.not_thanked_lately(owner)) == []
    Thanks.objects.update(created_at=timezone.now() - timedelta(days=200))
    assert list(queries.not_thanked_lately(owner)) == [anna]


def test_whoever_comes_second_is_told_kindly(
    anna: Customer, owner: Staff, owner_client: Client, colleague: Staff
) -> None:
    thanking.thank(anna, draft(), key="first", by=colleague)
    filled = {
        "occasion": "regular", "way": "email", "language": "hu", "subject": "Köszönjük",
        "text": "Tisztelt Kovács Anna!\n\nKöszönjük.\n\nTisztelettel:", "signed_name": "Olga",
        "signed_title": "", "offer": "",
    }  # fmt: skip
    there = f"/customers/{anna.public_id}/thanks/"

    shown = owner_client.post(f"{there}preview/", filled).content.decode()
    refused = owner_client.post(there, {**filled, "key": "second"})
    meant = owner_client.post(there, {**filled, "key": "second", "again": "1"})
    twice = owner_client.post(there, {**filled, "key": "second", "again": "1"})

    assert "Colin Colleague has thanked this customer already" in shown
    assert (refused.status_code, meant.status_code) == (422, 302)
    assert "Colin Colleague has thanked this customer" in refused.content.decode()
    assert meant["Location"] == twice["Location"]
    assert Message.objects.count() == 2


def test_the_preview_says_why_words_are_to_be_reconsidered_and_what_is_better(
    anna: Customer, owner_client: Client
) -> None:
    page = owner_client.post(
        f"/customers/{anna.public_id}/thanks/preview/",
        {
            "occasion": "regular",
            "language": "en",
            "subject": "Thank you",
            "text": "Dear {full_name},\n\nThank you because you came. You will regret it!!!!",
            "signed_name": "Kata",
            "way": "letter",
        },
    )

    assert (
        '“You will regret”: <span lang="en">Reads as a threat.</span>'
        ' → <span lang="en">Leave this out; say plainly what happens and by when.</span>'
    ) in page.text
    assert '<span lang="en">One at most; a full stop is enough for the rest.</span>' in page.text


def hand_over(thanks: Thanks, run: Callable[[], object]) -> None:
    """The mail server took it: what `mailing.delivery` writes then."""
    Message.objects.filter(thanks=thanks).update(state=State.SENT, sent_at=timezone.now())
    with transaction.atomic():
        moments.record(
            MessageSent(message_id=thanks.message_id or 0, purpose="appreciation", channel="email"),
            customer_id=thanks.customer_id,
        )
    run()


def test_the_history_says_thanked_when_the_mail_is_out(
    anna: Customer, owner: Staff, work: Callable[[], object]
) -> None:
    thanks = thanking.thank(anna, draft(), key="k", by=owner)
    work()
    assert not Moment.objects.filter(kind="thanks.given").exists()

    for _ in range(2):  # sent again by hand: one entry all the same
        hand_over(thanks, work)

    thanks.refresh_from_db()
    assert thanks.went_out
    assert thanks.sent_at is not None
    entry = Moment.objects.get(kind="thanks.given")
    assert (entry.customer_id, entry.staff_id) == (anna.pk, owner.pk)


@pytest.mark.parametrize("state", [State.SKIPPED, State.CANCELLED, State.FAILED, State.BOUNCED])
def test_a_mail_that_never_arrived_has_thanked_nobody(
    anna: Customer, owner: Staff, owner_client: Client, offer: Offer, state: str
) -> None:
    """They are missed again, may be thanked anew, and the voucher can be taken back."""
    Standing.objects.create(customer=anna, visits=9, segment="regular")
    thanks = thanking.thank(anna, draft(offer=offer), key="k", by=owner)
    assert list(queries.not_thanked_lately(owner)) == []
    with pytest.raises(AlreadyOutError):  # it waits to go out
        thanking.take_voucher_back(thanks, by=owner)

    Message.objects.update(state=state)

    assert list(queries.not_thanked_lately(owner)) == [anna]
    assert (queries.last_thanks(anna), queries.just_thanked(anna)) == (None, None)
    page = f"/thanks/{thanks.public_id}/"
    assert "Take the voucher back" in owner_client.get(page).text
    assert owner_client.post(f"{page}voucher/cancellation/")["Location"] == page
    assert Voucher.objects.get().state == "cancelled"
    assert "Take the voucher back" not in owner_client.get(page).text


@pytest.mark.parametrize("state", [State.SENT, State.UNKNOWN, State.DELIVERED])
def test_a_voucher_that_is_out_is_not_taken_back_here(
    anna: Customer, owner: Staff, owner_client: Client, offer: Offer, state: str
) -> None:
    thanks = thanking.thank(anna, draft(offer=offer), key="k", by=owner)
    Message.objects.update(state=state)

    assert owner_client.post(f"/thanks/{thanks.public_id}/voucher/cancellation/").status_code == 422
    assert Voucher.objects.get().state == "valid"
    assert queries.last_thanks(anna) == thanks


def test_what_is_only_prepared_has_thanked_nobody_yet(
    anna: Customer, owner: Staff, offer: Offer
) -> None:
    Standing.objects.create(customer=anna, visits=9, segment="regular")
    thanks = thanking.thank(anna, draft(way="letter", offer=offer), key="k", by=owner)

    assert list(queries.not_thanked_lately(owner)) == [anna]
    assert queries.just_thanked(anna) == thanks  # a colleague is told that it lies there
    assert Thanks.objects.get().code
    thanking.mark_sent(thanks, by=owner)
    assert list(queries.not_thanked_lately(owner)) == []
    assert Thanks.objects.get().code == ""


@pytest.mark.parametrize("way", ["hand", "letter"])
def test_while_a_complaint_is_open_no_voucher_goes_out(
    anna: Customer, owner: Staff, offer: Offer, way: str
) -> None:
    """Thanks for telling may go out by hand, if somebody means it; but no gift."""
    Pause.objects.create(customer=anna, kind="open_complaint", since=timezone.now())

    with pytest.raises(NotThankedError):
        thanking.thank(anna, draft(way=way, offer=offer), key="k", by=owner, confirmed=True)
    with pytest.raises(NotConfirmedError) as refused:
        thanking.thank(anna, draft(way=way), key="k", by=owner)
    assert str(refused.value) == (
        "A complaint of this customer is open. Please confirm that you thank them all the same."
    )
    meant = thanking.thank(anna, draft(way=way), key="k", by=owner, confirmed=True)
    assert thanking.mark_sent(meant, by=owner)


def test_whoever_unsubscribed_is_thanked_by_hand_only_if_somebody_means_it(
    anna: Customer, owner: Staff, owner_client: Client
) -> None:
    link = UnsubscribeLink.objects.create(
        token_hash="t", customer=anna, address_hash=address_hash("anna@example.com"),
        purpose="appreciation", language="hu",
    )  # fmt: skip
    mailing.unsubscribe(link, evidence="one-click")
    there = f"/customers/{anna.public_id}/thanks/"
    filled = {
        "occasion": "regular", "way": "hand", "language": "hu", "subject": "Köszönjük",
        "text": "Köszönjük.", "signed_name": "Olga", "signed_title": "", "offer": "", "key": "k",
    }  # fmt: skip

    shown = owner_client.post(f"{there}preview/", filled).text
    refused = owner_client.post(there, filled)
    meant = owner_client.post(there, {**filled, "confirmed": "1"})

    assert "The customer does not want this kind of message." in shown
    assert 'name="confirmed"' in shown
    assert (refused.status_code, meant.status_code) == (422, 302)


@pytest.mark.parametrize(
    ("way", "kind", "stays"),
    [
        ("hand", "died", False),
        ("letter", "silence", False),
        ("letter", "open_complaint", False),
        ("hand", "", True),
    ],
)
def test_at_the_hand_over_everything_is_asked_once_more(
    anna: Customer, owner: Staff, owner_client: Client, way: str, kind: str, stays: bool
) -> None:
    thanks = thanking.thank(anna, draft(way=way), key="k", by=owner)
    if kind:
        Pause.objects.create(customer=anna, kind=kind, since=timezone.now())

    page = owner_client.get(f"/thanks/{thanks.public_id}/").text
    letter = owner_client.get(f"/thanks/{thanks.public_id}/letter/").status_code
    owner_client.post(f"/thanks/{thanks.public_id}/sending/")

    assert ("sending/" in page) == stays
    assert ("It cannot go this way" in page) != stays
    assert letter == (200 if stays else 422)
    assert (Thanks.objects.get().sent_at is not None) == stays
    assert Message.objects.exists() == stays


def test_a_voucher_prepared_before_a_complaint_is_held_back_and_can_be_taken_back(
    anna: Customer, owner: Staff, owner_client: Client, offer: Offer
) -> None:
    thanks = thanking.thank(anna, draft(way="hand", offer=offer), key="k", by=owner)
    shown = codes.shown(Thanks.objects.get().code)
    address = f"/thanks/{thanks.public_id}/"
    assert shown in owner_client.get(address).text
    Pause.objects.create(customer=anna, kind="open_complaint", since=timezone.now())

    assert shown not in owner_client.get(address).text
    owner_client.post(f"{address}voucher/cancellation/")

    assert (Voucher.objects.get().state, Thanks.objects.get().code) == ("cancelled", "")


def test_from_the_preview_one_goes_back_to_the_words(
    anna: Customer, owner_client: Client, offer: Offer
) -> None:
    there = f"/customers/{anna.public_id}/thanks/"
    filled = {
        "occasion": "praise", "way": "hand", "language": "ka", "subject": "Köszönjük",
        "text": "Kedves vendégünk!\r\n\r\nÍgy is jó.", "signed_name": "Olga",
        "signed_title": "tulajdonos", "offer": offer.public_id,
    }  # fmt: skip
    looked = owner_client.post(f"{there}preview/", filled)
    assert f'formaction="{there}new/"' in looked.text

    back = owner_client.post(f"{there}new/", form_of(looked.text))

    assert back.status_code == 200
    assert "Kedves vendégünk!" in back.text
    for name, value in (("occasion", "praise"), ("language", "ka"), ("signed_title", "tulajdonos")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', back.text)
    assert f'value="{offer.public_id}" selected' in back.text
    assert not Thanks.objects.exists()


def test_the_only_paragraph_stands_before_the_voucher(anna: Customer) -> None:
    gift = wording.Gift("7K3M-Q2XN-91TB", "10%", "")

    pieces = wording.content("x", "Thank you.", name="K", title="", gift=gift).pieces

    assert [type(piece).__name__ for piece in pieces] == ["Paragraph", "Code", "Signed"]
    assert wording.apart("Dear A\n\nThanks\n\nYours") == ("Dear A\n\nThanks", "Yours")


def test_only_offers_that_this_customer_can_use_are_in_the_form(
    anna: Customer, owner: Staff, owner_client: Client, offer: Offer
) -> None:
    over = offers.make_offer(
        by=owner, name="Last year", gives="item", item="x", ends_on=date(2025, 12, 31)
    )

    page = owner_client.get(f"/customers/{anna.public_id}/thanks/new/").text

    assert offer.public_id in page
    assert over.public_id not in page
