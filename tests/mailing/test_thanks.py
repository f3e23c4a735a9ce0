"""Thanks are weighed again at the very moment they are handed over."""

from __future__ import annotations

import pytest
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.customers.actions import consents
from regulars.customers.models import Customer, Pause
from regulars.mailing import delivery
from regulars.mailing.models import Message, Reason, State
from regulars.outreach.actions import thanking
from tests.mailing.conftest import customer
from tests.mailing.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def thanked(sink: Sink, noon: object, owner: Staff) -> Customer:
    """Anna has thanks waiting in the outbox."""
    anna = customer()
    draft = thanking.Draft(
        occasion="regular", way="email", language="en", subject="Thank you",
        text="Dear {full_name},\n\nthank you.\n\nYours sincerely,", signed_name="Olga",
    )  # fmt: skip
    thanking.thank(anna, draft, key="k", by=owner)
    return anna


def test_they_go_out_once(thanked: Customer, sink: Sink) -> None:
    delivery.deliver()
    delivery.deliver()

    assert sink.recipients == ["anna@example.com"]
    assert Message.objects.get().state == State.SENT


def test_a_no_in_the_meantime_is_heard(thanked: Customer, sink: Sink) -> None:
    consents.withdraw_consent(
        thanked, channel="email", purpose="appreciation", evidence="said so at the counter"
    )

    delivery.deliver()

    assert sink.recipients == []
    assert (Message.objects.get().state, Message.objects.get().reason) == (
        State.SKIPPED,
        Reason.WITHDRAWN,
    )


def test_a_death_in_the_meantime_is_heard(thanked: Customer, sink: Sink) -> None:
    Pause.objects.create(customer=thanked, kind=Pause.Kind.DIED, since=timezone.now())

    delivery.deliver()

    assert sink.recipients == []
    assert Message.objects.get().reason == Reason.DIED
