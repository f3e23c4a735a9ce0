"""Of whom a message to staff speaks; what is erased or handed out includes such messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from regulars.customers.models import Customer
from regulars.mailing.models import Mention, Message


@dataclass(frozen=True)
class About:
    """A customer, or somebody unknown who gave an address; and what the message tells of."""

    customer: Customer | None = None
    address: str = ""
    source: str = ""


def note(message: Message, about: Iterable[About]) -> None:
    """Note once each of whom a new message speaks."""
    Mention.objects.bulk_create(
        Mention(message=message, customer=one.customer, address=one.address, source=one.source)
        for one in dict.fromkeys(about)
    )


def now_known(source: str, customer: Customer | None) -> None:
    """Whoever the messages that tell of `source` speak of is this customer, or nobody known."""
    Mention.objects.filter(source=source).update(customer=customer)
