from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import override_settings

from regulars.business.models import Business
from regulars.customers.models import Consent, ContactPoint, Customer
from tests.mailing.sink import Sink, running_sink

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def one_sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with running_sink(tmp_path_factory.mktemp("sink")) as sink:
        yield sink


@pytest.fixture
def sink(one_sink: Sink, business: Business) -> Iterator[Sink]:
    """A mail server that is set up, empty and obedient."""
    one_sink.order()
    (one_sink.folder / "accepted.jsonl").unlink(missing_ok=True)
    Business.objects.update(public_url="https://mandula.example", postal_address="Fő tér 1, Eger")
    with override_settings(SMTP_URL=one_sink.url, MAIL_FROM="hello@mandula.example"):
        yield one_sink


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """A Wednesday at 13:00 in Budapest, so that no quiet hours are in the way."""
    with time_machine.travel(NOON, tick=True) as clock:
        yield clock


def customer(
    address: str = "anna@example.com",
    *,
    consents: tuple[str, ...] = ("surveys", "appreciation", "marketing"),
    **fields: object,
) -> Customer:
    """A customer with one e-mail address who agreed to these kinds of messages."""
    fields.setdefault("given_name", "Anna")
    fields.setdefault("language", "en")
    person = Customer.objects.create(**fields)
    if address:
        ContactPoint.objects.create(customer=person, channel="email", address=address)
    for purpose in consents:
        agree(person, purpose)
    return person


def agree(person: Customer, purpose: str, *, given: bool = True, confirmed: bool = True) -> Consent:
    from django.utils import timezone

    return Consent.objects.create(
        customer=person,
        channel="email",
        purpose=purpose,
        basis="consent" if given else "withdrawn",
        given=given,
        confirmed=confirmed,
        happened_at=timezone.now(),
    )
