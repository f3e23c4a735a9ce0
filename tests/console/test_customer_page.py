"""One customer's page as all packages together fill it: what they hold, got, said; what is next."""

from __future__ import annotations

import html
import re
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.customers.actions import consents, standings
from regulars.customers.actions.purchases import NewPurchase, record_purchase
from regulars.customers.models import Customer, Pause, Standing
from regulars.feedback.actions import cases, receiving
from regulars.feedback.models import Source
from regulars.mailing.actions import queue_message
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Purpose
from regulars.outreach import queries
from regulars.outreach.actions import thanking
from regulars.outreach.models import Thanks
from regulars.rewards.actions import offers, vouchers
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import Metric
from tests.customers.conftest import new

NOON = datetime.combine(date(2026, 5, 4), time(10), timezone.get_fixed_timezone(120))


@pytest.fixture
def anna(business: Business, owner: Staff) -> Customer:
    """A regular until a while ago, who may be written to."""
    with time_machine.travel(NOON - timedelta(days=200), tick=False):
        guest = new("Anna", "Kovács", email="anna@example.com", birth_month=5, birth_day=7)
        for purpose in ("appreciation", "surveys"):
            consents.give_consent(
                guest, channel="email", purpose=purpose, wording="Yes.", evidence="a form"
            )
    return guest


def bought(guest: Customer, *days_ago: int) -> None:
    for day in days_ago:
        record_purchase(
            NewPurchase(
                source="till",
                document=f"R{day}",
                purchased_at=timezone.now() - timedelta(days=day),
                total=1000,
                currency="EUR",
                customer=guest,
            ),
            by=None,
        )
    standings.refresh([guest.pk])


def next_steps(client: Client, guest: Customer) -> list[str]:
    page = client.get(guest.get_absolute_url()).content.decode()
    card = page.split("What to do next")[1].split("</ul>")[0] if "What to do next" in page else ""
    found = re.findall(r"(?:<a href=\"[^\"]+\">|<span>)([^<]+)", card)
    return [html.unescape(one) for one in found]


@time_machine.travel(NOON, tick=False)
def test_what_to_do_next_stands_there_the_most_urgent_first(
    anna: Customer, owner: Staff, owner_client: Client
) -> None:
    bought(anna, 80, 73, 66, 60)
    assert Standing.objects.get(customer=anna).segment == "lapsing"
    designs.make_survey(name="S", metric=Metric.CSAT, by=owner)
    offer = offers.make_offer(by=owner, name="Coffee", gives="item", item="a coffee", valid_days=3)
    vouchers.issue(offer, anna, key="k", by=owner)
    said = receiving.Said(source=Source.PHONE, text="Cold and slow!", customer=anna)
    cases.open_case(receiving.receive(said)[0], reason="complaint")

    assert next_steps(owner_client, anna) == [
        "Answer: something has to be put right.",
        "Remind them of their voucher (Free: a coffee): it can be used until 7 May.",
    ]

    Pause.objects.all().delete()
    assert next_steps(owner_client, anna) == [
        "Answer: something has to be put right.",
        "Greet them: their birthday is on 7 May.",
        "Write to them: they come less often than they used to.",
        "Remind them of their voucher (Free: a coffee): it can be used until 7 May.",
        "Ask how it was: nobody has asked so far.",
    ]


@time_machine.travel(NOON, tick=False)
def test_what_was_just_done_is_not_suggested_again(
    anna: Customer, owner: Staff, owner_client: Client
) -> None:
    bought(anna, 80, 73, 66, 60)
    greet = "Greet them: their birthday is on 7 May."
    write = "Write to them: they come less often than they used to."
    assert next_steps(owner_client, anna) == [greet, write]

    words = thanking.Draft("regular", "letter", "en", "Thanks", "Thank you!", "Olga")
    given = thanking.thank(anna, words, key="k", by=owner)
    assert next_steps(owner_client, anna) == []

    thanking.mark_sent(given, by=owner)
    Thanks.objects.filter(pk=given.pk).update(created_at=NOON - timedelta(days=7))
    assert next_steps(owner_client, anna) == [greet]
    Thanks.objects.filter(pk=given.pk).update(created_at=NOON - queries.HALF_A_YEAR)
    assert next_steps(owner_client, anna) == [greet, write]


@time_machine.travel(NOON, tick=False)
def test_whoever_does_not_want_greetings_is_not_greeted(
    anna: Customer, owner_client: Client
) -> None:
    assert next_steps(owner_client, anna) == ["Greet them: their birthday is on 7 May."]

    Pause.objects.create(customer=anna, kind=Pause.Kind.DO_NOT_GREET, since=timezone.now())
    assert next_steps(owner_client, anna) == []


def test_it_shows_what_they_hold_got_and_said(
    anna: Customer, owner: Staff, owner_client: Client, colleague_client: Client
) -> None:
    survey = designs.make_survey(name="S", metric=Metric.CSAT, by=owner)
    given = answers.Answer("one", 5, "Lovely")
    answers.submit_open(survey, answers.current_version(survey), given, customer=anna)
    offer = offers.make_offer(by=owner, name="Breakfast", gives="percent", percent=15)
    issued = vouchers.issue(offer, anna, key="k", by=owner)
    queue_message(
        Content("How the café changed", (Paragraph("It did."),)),
        customer=anna,
        key="news",
        purpose=Purpose.SERVICE,
    )

    page = owner_client.get(anna.get_absolute_url()).content.decode()
    for shown in ("Lovely", "15% off", f"…{issued.voucher.ending}", "How the café changed"):
        assert shown in page, shown
    assert "/outbox/" in page.split("How the café changed")[0].rsplit("<li>", 1)[1]
