"""Adding and changing customers, their addresses and keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.queries import the_business
from regulars.core import audit, keys, locks, moments
from regulars.core.errors import DomainError
from regulars.customers.addresses import normal_address, shown_phone
from regulars.customers.models import ContactPoint, Customer, CustomerKey
from regulars.customers.moments import CustomerJoined
from regulars.customers.queries import people as queries

DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIELDS = frozenset(
    {
        *("kind", "given_name", "family_name", "company", "language", "note", "home_place"),
        *("birth_year", "birth_month", "birth_day", "preferences", "buyer", "source"),
    }
)


class CustomerError(DomainError):
    """Something about a customer that cannot be stored."""

    code = "bad_customer"


@dataclass(frozen=True)
class Address:
    """An address as it was given: the channel and what was typed."""

    channel: str
    raw: str


def add_customer(
    *,
    way: str,
    by: Staff | None,
    addresses: Iterable[Address] = (),
    source_keys: Iterable[tuple[str, str]] = (),
    is_news: bool = True,
    **fields: Any,
) -> Customer:
    """Store a new customer with addresses and (source, value) keys.

    `way` says how they came (`staff`, `counter`, `api`, `import`, `web`). Records
    `customer.joined` unless `is_news` is False. Raises CustomerError, AddressError.
    """
    _check(fields)
    with transaction.atomic():
        customer = Customer(**fields)
        customer.source = customer.source or way
        customer.save(force_insert=True)
        for address in addresses:
            add_address(customer, address)
        for source, value in source_keys:
            add_key(customer, source=source, value=value)
        refresh_keys(customer)
        if by is not None:
            audit.note("customers.add", by=by, subject=f"customer:{customer.public_id}")
        if is_news:
            moments.record(CustomerJoined(way=way), customer_id=customer.pk, by=by)
    return customer


def change_customer(customer: Customer, *, by: Staff | None, **fields: Any) -> Customer:
    """Change what is known of a customer. Raises CustomerError."""
    merged = {name: getattr(customer, name) for name in ("birth_year", "birth_month", "birth_day")}
    _check(merged | fields)
    with transaction.atomic():
        for name, value in fields.items():
            setattr(customer, name, value)
        customer.save(update_fields=list(fields))
        refresh_keys(customer)
        audit.note(
            "customers.change",
            by=by,
            subject=f"customer:{customer.public_id}",
            fields=sorted(fields),
        )
    return customer


def add_address(customer: Customer, address: Address) -> ContactPoint:
    """Add an address, normalised; one that is there already stays. Raises AddressError.

    The first one on a channel is the preferred one. Having an address is no consent to use it.
    """
    normal = normal_address(address.channel, address.raw, country=the_business().country)
    is_phone = address.channel == ContactPoint.Channel.PHONE
    point, _made = ContactPoint.objects.get_or_create(
        customer=customer,
        channel=address.channel,
        address=normal,
        defaults={
            "shown_as": shown_phone(normal) if is_phone else address.raw.strip(),
            "is_preferred": not customer.contact_points.filter(channel=address.channel).exists(),
        },
    )
    return point


def prefer_address(customer: Customer, point: ContactPoint, *, by: Staff | None) -> None:
    """Write to this address rather than to the others on its channel."""
    with transaction.atomic():
        points = customer.contact_points.filter(channel=point.channel)
        points.exclude(pk=point.pk).update(is_preferred=False)
        points.filter(pk=point.pk).update(is_preferred=True)
        audit.note("customers.prefer_address", by=by, subject=f"customer:{customer.public_id}")


def add_address_by_staff(customer: Customer, address: Address, *, by: Staff) -> ContactPoint:
    """Add an address and make the customer found by it. Raises AddressError."""
    with transaction.atomic():
        point = add_address(customer, address)
        refresh_keys(customer)
        audit.note("customers.add_address", by=by, subject=f"customer:{customer.public_id}")
    return point


def set_buyer(customer: Customer, buyer: Customer | None, *, by: Staff | None) -> None:
    """Say who pays for the customer; None when they pay themselves. Raises CustomerError.

    Nobody may pay, through however many others, for themselves.
    """
    with transaction.atomic():
        # Two changes at once could close a circle that neither of them sees.
        locks.wait_for("customers|buyers")
        if buyer is not None and customer.pk in queries.buyers_above(buyer):
            raise CustomerError(
                _("Nobody can pay for themselves, not even through others."), code="bad_buyer"
            )
        change_customer(customer, by=by, buyer=buyer)


def remove_address(customer: Customer, point: ContactPoint, *, by: Staff | None) -> None:
    """Forget an address; another one on its channel becomes the preferred one."""
    with transaction.atomic():
        point.delete()
        others = customer.contact_points.filter(channel=point.channel)
        following = others.order_by("pk").first()
        if following is not None and not others.filter(is_preferred=True).exists():
            following.is_preferred = True
            following.save(update_fields=["is_preferred"])
        refresh_keys(customer)
        audit.note("customers.remove_address", by=by, subject=f"customer:{customer.public_id}")


def add_key(customer: Customer, *, source: str, value: str) -> CustomerKey:
    """Let `source` know the customer by `value`. Raises CustomerError when it is another's."""
    key, _made = CustomerKey.objects.get_or_create(
        source=source, value=value, defaults={"customer": customer}
    )
    if key.customer_id != customer.pk:
        raise CustomerError(_("This number already belongs to another customer."), code="key_taken")
    return key


def refresh_keys(customer: Customer) -> None:
    """Bring the customer's search and sort keys up to date with what is known of them."""
    addresses = customer.contact_points.order_by("pk").values_list("address", "shown_as")
    known = customer.keys.order_by("pk").values_list("value", flat=True)
    parts = [customer.given_name, customer.family_name, customer.company]
    parts += [
        f"{customer.given_name} {customer.family_name}",
        f"{customer.family_name} {customer.given_name}",
    ]
    parts += [part for pair in addresses for part in pair] + list(known)
    customer.search_key = keys.search_key(*parts)
    name = customer.company or f"{customer.family_name} {customer.given_name}".strip()
    customer.sort_key = keys.sort_key(name)[:260]
    customer.save(update_fields=["search_key", "sort_key"])


def _check(fields: dict[str, Any]) -> None:
    unknown = set(fields) - _FIELDS
    if unknown:
        raise TypeError(f"customers have no {', '.join(sorted(unknown))}")
    month, day = fields.get("birth_month"), fields.get("birth_day")
    year = fields.get("birth_year")
    if (month is None) != (day is None) or (year is not None and month is None):
        raise CustomerError(_("A birthday needs a month and a day; the year may be left out."))
    if month is not None and day is not None and not is_day(year, month, day):
        raise CustomerError(_("There is no such day."))


def is_day(year: int | None, month: int, day: int) -> bool:
    """Whether a year has this day; without a year 29 February counts."""
    if not (1 <= month <= 12 and 1 <= day <= DAYS_IN_MONTH[month - 1]):
        return False
    is_leap = year is None or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return is_leap or (month, day) != (2, 29)
