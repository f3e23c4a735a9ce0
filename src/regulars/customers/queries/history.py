"""A customer's history: what happened and what was bought, in one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from regulars.core.models import Moment
from regulars.core.moments import payload_of
from regulars.customers.models import Customer, Purchase
from regulars.customers.panels import TELLERS
from regulars.customers.queries import buying

PAGE = 20
LAST_PAGE = 50


@dataclass(frozen=True)
class Happening:
    """One line of the history; `purchase` where something was bought or given back."""

    at: datetime
    title: str
    icon: str
    tone: str = ""
    purchase: Purchase | None = None


@dataclass(frozen=True)
class Stretch:
    """One page of the history, the newest first."""

    happenings: list[Happening]
    number: int
    has_more: bool


def history(customer: Customer, *, page: int = 1) -> Stretch:
    """Moments and purchases in one order. Three queries, whatever the length."""
    number = min(max(page, 1), LAST_PAGE)
    end = number * PAGE + 1
    moments = Moment.objects.filter(customer_id=customer.pk, kind__in=list(TELLERS))
    told = [_told(one) for one in moments.order_by("-happened_at", "-pk")[:end]]
    bought = [_bought(one) for one in buying.purchases_of(customer)[:end]]
    both = merge(told, bought, key=lambda one: one.at, reverse=True)
    found = list(islice(both, end - 1 - PAGE, end))
    return Stretch(found[:PAGE], number, len(found) > PAGE and number < LAST_PAGE)


def moments_of(customer: Customer) -> QuerySet[Moment]:
    """Everything that happened with the customer."""
    return Moment.objects.filter(customer_id=customer.pk)


def _told(moment: Moment) -> Happening:
    teller = TELLERS[moment.kind]
    return Happening(moment.happened_at, teller.text(payload_of(moment)), teller.icon, teller.tone)


def _bought(purchase: Purchase) -> Happening:
    title, icon = _("Bought something"), "receipt"
    if purchase.total < 0 or purchase.refund_of_id is not None:
        title, icon = _("Gave something back"), "undo"
    if purchase.cancelled_at is not None:
        title, icon = _("A purchase that was cancelled"), "cross"
    return Happening(purchase.purchased_at, title, icon, purchase=purchase)
