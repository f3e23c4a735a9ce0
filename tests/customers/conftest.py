from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from regulars.business.models import Business
from regulars.customers.actions import people, purchases
from regulars.customers.models import Customer, Purchase

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
Buy = Callable[..., Purchase]


@pytest.fixture
def anna(business: Business) -> Customer:
    return new("Anna", "Kovács", email="anna@example.com", language="hu")


def new(given: str, family: str = "", *, email: str = "", phone: str = "", **more: Any) -> Customer:
    """A customer with these addresses."""
    addresses = [
        people.Address(channel, raw) for channel, raw in (("email", email), ("phone", phone)) if raw
    ]
    return people.add_customer(
        way="staff", by=None, given_name=given, family_name=family, addresses=addresses, **more
    )


@pytest.fixture
def buy(business: Business) -> Buy:
    """Record a purchase `days` before noon of NOON."""
    numbers = count(1)

    def record(
        customer: Customer | None,
        days: int = 0,
        *,
        total: int = 1000,
        items: tuple[str, ...] = (),
        **more: Any,
    ) -> Purchase:
        lines = [purchases.NewLine(code=name, name=name, amount=total) for name in items]
        made, _is_new = purchases.record_purchase(
            purchases.NewPurchase(
                source="till",
                document=f"D-{next(numbers)}",
                purchased_at=NOON - timedelta(days=days),
                total=total,
                currency="HUF",
                customer=customer,
                lines=lines,
                **more,
            )
        )
        return made

    return record
