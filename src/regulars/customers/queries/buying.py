"""What a customer bought, and what they like to buy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum

from regulars.core.money import Money
from regulars.customers.models import Customer, ImportBatch, Purchase, PurchaseLine


@dataclass(frozen=True)
class Favourite:
    """An item and how often it was bought (in how many purchases, how many pieces in all)."""

    item_id: int
    name: str
    category: str
    purchases: int
    pieces: float
    last_at: datetime


def favourites(customer: Customer, *, limit: int = 5) -> list[Favourite]:
    """The items bought most often, given back ones taken off. Discreet items never."""
    lines = PurchaseLine.objects.filter(
        Q(purchase__batch=None) | Q(purchase__batch__state=ImportBatch.State.APPLIED),
        purchase__customer=customer,
        purchase__cancelled_at=None,
        item__is_discreet=False,
    )
    rows = (
        lines.values("item_id", "item__name", "item__category")
        .annotate(
            bought=Count("purchase", distinct=True, filter=Q(quantity__gt=0)),
            thousandths=Sum("quantity"),
            last_at=Max("purchase__purchased_at"),
        )
        .filter(thousandths__gt=0)
        .order_by("-bought", "-thousandths", "item_id")
    )
    return [
        Favourite(
            row["item_id"],
            row["item__name"],
            row["item__category"],
            row["bought"],
            row["thousandths"] / 1000,
            row["last_at"],
        )
        for row in rows[:limit]
    ]


def purchases_of(customer: Customer) -> QuerySet[Purchase]:
    """The customer's purchases with their lines, the newest first; cancelled ones, too."""
    lines = PurchaseLine.objects.select_related("item").order_by("number")
    applied = Q(batch=None) | Q(batch__state=ImportBatch.State.APPLIED)
    return (
        Purchase.objects.filter(applied, customer=customer)
        .select_related("place", "refund_of")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .order_by("-purchased_at", "-pk")
    )


def purchases() -> QuerySet[Purchase]:
    """Every purchase with its customer, for those who know its id."""
    return Purchase.objects.select_related("customer")


def spent(customer: Customer) -> list[Money]:
    """What the customer paid in all, refunds taken off, by currency; the largest first."""
    rows = Purchase.objects.in_force().filter(customer=customer).values("currency")
    sums = rows.annotate(total=Sum("total")).order_by("-total", "currency")
    return [Money(row["total"], row["currency"]) for row in sums]


def users_of(customer: Customer) -> QuerySet[Customer]:
    """Those for whom the customer pays."""
    return Customer.objects.filter(buyer=customer, merged_into=None, erased_at=None).order_by(
        "sort_key", "pk"
    )
