"""Customers and purchases for tills, web shops and other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from regulars.accounts.authentication import ApiRequest, needs
from regulars.accounts.models import Scope
from regulars.business.api import place_or_refuse
from regulars.core.api import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    WHOLE,
    Page,
    Problem,
    RefusedError,
    WrittenMoment,
    idempotent,
    moment_or_refuse,
    page_of,
)
from regulars.customers.actions import consents, people, purchases
from regulars.customers.models import Customer, Purchase
from regulars.customers.queries import buying, history
from regulars.customers.queries import people as queries

router = Router(tags=["Customers"])

Name = Annotated[str, Field(max_length=120)]
Source = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9_.-]+$")]
Amount = Annotated[int, Field(ge=-(10**15), le=10**15), WHOLE]
BIRTHDAY = ("birth_year", "birth_month", "birth_day")
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422, 429), Problem)


class KeyIn(Schema):
    """How a till or shop knows the customer: its own name (`source`) and its number for them."""

    model_config = {"extra": "forbid"}

    source: Source
    value: Annotated[str, Field(min_length=1, max_length=200)]


class CustomerIn(Schema):
    """A new customer. Everything may be missing. An address is no consent to write to it."""

    model_config = {"extra": "forbid"}

    given_name: Name = ""
    family_name: Name = ""
    company: Annotated[str, Field(max_length=200)] = ""
    language: Annotated[str, Field(pattern=r"^(|en|hu|bg|et|ka)$")] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    birth_year: Annotated[int, Field(ge=1890, le=2100), WHOLE] | None = None
    birth_month: Annotated[int, Field(ge=1, le=12), WHOLE] | None = None
    birth_day: Annotated[int, Field(ge=1, le=31), WHOLE] | None = None
    keys: Annotated[list[KeyIn], Field(max_length=10)] = []


class CustomerOut(Schema):
    """A customer."""

    public_id: str
    given_name: str
    family_name: str
    company: str
    language: str
    birth_year: int | None
    birth_month: int | None
    birth_day: int | None
    keys: list[KeyIn]
    created_at: datetime


class CustomerPatch(Schema):
    """What is to change. What is left out stays as it is."""

    model_config = {"extra": "forbid"}

    given_name: Name = ""
    family_name: Name = ""
    company: Annotated[str, Field(max_length=200)] = ""
    language: Annotated[str, Field(pattern=r"^(|en|hu|bg|et|ka)$")] = ""
    birth_year: Annotated[int, Field(ge=1890, le=2100), WHOLE] | None = None
    birth_month: Annotated[int, Field(ge=1, le=12), WHOLE] | None = None
    birth_day: Annotated[int, Field(ge=1, le=31), WHOLE] | None = None


class ConsentIn(Schema):
    """What a customer said. `wording` is the text they saw, `evidence` how it is known."""

    model_config = {"extra": "forbid"}

    channel: Literal["email", "phone", "post"]
    purpose: Literal["marketing", "surveys", "appreciation"]
    given: Annotated[bool, Field(strict=True)]
    wording: Annotated[str, Field(max_length=2000)] = ""
    evidence: Annotated[str, Field(min_length=1, max_length=300)]
    language: Annotated[str, Field(pattern=r"^(|en|hu|bg|et|ka)$")] = ""


class ConsentOut(Schema):
    """What counts for a channel and purpose. One that is not `confirmed` allows nothing."""

    public_id: str
    channel: str
    purpose: str
    basis: str
    given: bool
    confirmed: bool
    wording: str
    evidence: str
    language: str
    happened_at: datetime


class MomentOut(Schema):
    """Something that happened. The payload's shape depends on the kind."""

    public_id: str
    kind: str
    happened_at: datetime
    payload: dict[str, Any]


class LineIn(Schema):
    """One item. `quantity` in thousandths (1000 is one), `amount` in minor units."""

    model_config = {"extra": "forbid"}

    code: Annotated[str, Field(max_length=110)] = ""
    name: Annotated[str, Field(min_length=1, max_length=240)]
    category: Annotated[str, Field(max_length=120)] = ""
    quantity: Amount = 1000
    amount: Amount = 0


class PurchaseIn(Schema):
    """A sale or refund. `total` in minor units of `currency`; a refund's total is negative."""

    model_config = {"extra": "forbid"}

    source: Source
    document: Annotated[str, Field(min_length=1, max_length=120)]
    purchased_at: WrittenMoment
    total: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    customer: Annotated[str, Field(max_length=22)] = ""
    customer_key: KeyIn | None = None
    place: Annotated[str, Field(max_length=22)] = ""
    served_by: Name = ""
    refund_of: Annotated[str, Field(max_length=120)] = ""
    lines: Annotated[list[LineIn], Field(max_length=200)] = []


class PurchaseOut(Schema):
    """A purchase as it is stored. `is_history` tells that nobody is asked or written to for it."""

    public_id: str
    source: str
    document: str
    purchased_at: datetime
    total: int
    currency: str
    customer: str | None
    is_history: bool


class Paging(Schema):
    """`cursor` is the `next` of the page before."""

    cursor: Annotated[str, Field(max_length=22)] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE


class CustomerFilter(Paging):
    """`search` looks into names, addresses and keys in any script."""

    search: Annotated[str, Field(max_length=100)] = ""


@router.get(
    "/customers",
    response={200: Page[CustomerOut], **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_READ),
    summary="List customers",
)
def list_customers(request: ApiRequest, filters: Query[CustomerFilter]) -> dict[str, Any]:
    """Customers, the earliest first, a page at a time."""
    rows = queries.matching(_customers(), filters.search)
    found, following = page_of(rows, cursor=filters.cursor, limit=filters.limit)
    return {"items": [_shown(customer) for customer in found], "next": following}


@router.get(
    "/customers/{public_id}",
    response={200: CustomerOut, **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_READ),
    summary="One customer",
)
def read_customer(request: ApiRequest, public_id: str) -> CustomerOut:
    """The customer of this id."""
    return _shown(get_object_or_404(_customers(), public_id=public_id))


@router.patch(
    "/customers/{public_id}",
    response={200: CustomerOut, **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_WRITE),
    summary="Change a customer",
)
def change_customer(request: ApiRequest, public_id: str, changed: CustomerPatch) -> CustomerOut:
    """Change what is given; what is left out stays. A birthday is changed as a whole."""
    customer = get_object_or_404(_customers(), public_id=public_id)
    fields = changed.model_dump(exclude_unset=True)
    birthday = {name: fields.get(name) for name in BIRTHDAY}
    if any(name in fields for name in BIRTHDAY):
        fields |= birthday
    if fields:
        people.change_customer(customer, by=None, **fields)
    return _shown(customer)


@router.get(
    "/customers/{public_id}/consents",
    response={200: list[ConsentOut], **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_READ),
    summary="What a customer agreed to",
)
def list_consents(request: ApiRequest, public_id: str) -> list[ConsentOut]:
    """The newest record of each channel and purpose: the one that counts."""
    customer = get_object_or_404(_customers(), public_id=public_id)
    return [ConsentOut.model_validate(one) for one in queries.newest_consents(customer)]


@router.post(
    "/customers/{public_id}/consents",
    response={201: ConsentOut, **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_WRITE),
    summary="Record a consent or its withdrawal",
)
@decorate_view(idempotent)
def record_consent(request: ApiRequest, public_id: str, said: ConsentIn) -> Status[ConsentOut]:
    """Record a yes with its wording and evidence, or a no, which works at once."""
    customer = get_object_or_404(_customers(), public_id=public_id)
    if said.given and not said.wording.strip():
        raise RefusedError(
            _("A consent needs the wording that the customer saw."),
            code="wording_missing",
            status=422,
        )
    common: dict[str, Any] = {
        "channel": said.channel,
        "purpose": said.purpose,
        "evidence": said.evidence,
    }
    if said.given:
        record = consents.give_consent(
            customer, wording=said.wording, language=said.language, **common
        )
    else:
        record = consents.withdraw_consent(customer, **common)
    return Status(201, ConsentOut.model_validate(record))


@router.get(
    "/customers/{public_id}/moments",
    response={200: Page[MomentOut], **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_READ),
    summary="What happened with a customer",
)
def list_moments(request: ApiRequest, public_id: str, paging: Query[Paging]) -> dict[str, Any]:
    """Everything that happened, as it was recorded, the earliest first."""
    customer = get_object_or_404(_customers(), public_id=public_id)
    found, following = page_of(
        history.moments_of(customer), cursor=paging.cursor, limit=paging.limit
    )
    return {"items": [MomentOut.model_validate(one) for one in found], "next": following}


@router.post(
    "/customers",
    response={201: CustomerOut, **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_WRITE),
    summary="Add a customer",
)
@decorate_view(idempotent)
def add_customer(request: ApiRequest, new: CustomerIn) -> Status[CustomerOut]:
    """Store a new customer. Consents are recorded separately, with their wording."""
    given = new.model_dump(exclude={"email", "phone", "keys"})
    addresses = [
        people.Address(channel, raw)
        for channel, raw in (("email", new.email), ("phone", new.phone))
        if raw.strip()
    ]
    customer = people.add_customer(
        way="api",
        by=None,
        addresses=addresses,
        source_keys=[(key.source, key.value) for key in new.keys],
        **given,
    )
    return Status(201, _shown(customer))


@router.post(
    "/purchases",
    response={200: PurchaseOut, 201: PurchaseOut, **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_WRITE),
    summary="Record a purchase",
)
@decorate_view(idempotent)
def record_purchase(request: ApiRequest, new: PurchaseIn) -> Status[PurchaseOut]:
    """Store a sale or refund once per (source, document): 201 when it is new, 200 when known.

    A `customer_key` that nobody has makes a customer without a name. What is older than three
    days is history: nobody is asked or written to because of it.
    """
    purchase, is_new = purchases.record_purchase(
        purchases.NewPurchase(
            source=new.source,
            document=new.document,
            purchased_at=moment_or_refuse(new.purchased_at),
            total=new.total,
            currency=new.currency,
            customer=_buyer(new),
            place=place_or_refuse(new.place),
            served_by=new.served_by,
            refund_of=new.refund_of,
            lines=[purchases.NewLine(**line.model_dump()) for line in new.lines],
        )
    )
    return Status(201 if is_new else 200, _shown_purchase(purchase))


@router.delete(
    "/purchases/{public_id}",
    response={200: PurchaseOut, **PROBLEMS},
    auth=needs(Scope.CUSTOMERS_WRITE),
    summary="Cancel a purchase",
)
def cancel_purchase(request: ApiRequest, public_id: str) -> PurchaseOut:
    """Note that a purchase did not happen. Again changes nothing."""
    purchase = get_object_or_404(buying.purchases(), public_id=public_id)
    purchases.cancel_purchase(purchase)
    return _shown_purchase(purchase)


def _customers() -> QuerySet[Customer]:
    return queries.customers().prefetch_related("keys")


def _shown(customer: Customer) -> CustomerOut:
    return CustomerOut.model_validate(
        {
            **{
                name: getattr(customer, name) for name in CustomerOut.model_fields if name != "keys"
            },
            "keys": [{"source": key.source, "value": key.value} for key in customer.keys.all()],
        }
    )


def _shown_purchase(purchase: Purchase) -> PurchaseOut:
    shown = {name: getattr(purchase, name) for name in PurchaseOut.model_fields}
    shown["customer"] = purchase.customer.public_id if purchase.customer else None
    return PurchaseOut.model_validate(shown)


def customer_or_refuse(public_id: str) -> Customer:
    """The customer of this id, also where that was merged into another one since.

    Raises RefusedError (422) where there is none.
    """
    found = queries.record(public_id)
    if found is None or found.is_gone:
        raise RefusedError(_("There is no such customer."), code="unknown_customer", status=422)
    return found


def _buyer(new: PurchaseIn) -> Customer | None:
    if new.customer:
        return customer_or_refuse(new.customer)
    if new.customer_key is None:
        return None
    source, value = new.customer_key.source, new.customer_key.value
    known = queries.known_by(source, value)
    if known is not None:
        return known
    return people.add_customer(way="api", by=None, source_keys=[(source, value)])
