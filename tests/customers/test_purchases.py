"""Purchases as tills send them: in any order, and the buyer perhaps later (PD6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from regulars.business.models import Business
from regulars.core import locks
from regulars.core.models import Moment
from regulars.customers.actions import purchases
from regulars.customers.actions.purchases import NewPurchase, record_purchase
from regulars.customers.models import Customer, Purchase
from regulars.surveys import deciding
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric, Survey
from tests.two_at_once import ON_POSTGRESQL, two_at_once


def sale(customer: Customer | None = None, *, days: int = 0) -> NewPurchase:
    return NewPurchase(
        source="till",
        document="S1",
        purchased_at=timezone.now() - timedelta(days=days),
        total=1500,
        currency="HUF",
        customer=customer,
    )


def refund(customer: Customer | None = None, *, of: str = "S1") -> NewPurchase:
    return replace(sale(customer), document="R1", total=-1500, refund_of=of)


def linked() -> list[tuple[str, str | None]]:
    return list(
        Purchase.objects.order_by("document").values_list("document", "refund_of__document")
    )


def test_a_refund_and_its_sale_find_each_other_in_any_order(anna: Customer) -> None:
    told = [sale(), sale(anna), refund(anna), refund(anna)]
    ends = set()
    for order in permutations(told):
        Purchase.objects.all().delete()
        for one in order:
            record_purchase(one)
        sold = Purchase.objects.get(document="S1")
        ends.add((tuple(linked()), sold.customer, deciding.was_taken_back(sold)))

    assert ends == {((("R1", "S1"), ("S1", None)), anna, True)}


def test_a_refund_that_says_later_what_it_refunds(anna: Customer) -> None:
    record_purchase(sale(anna))
    record_purchase(refund(anna, of=""))
    record_purchase(refund(anna))

    assert linked() == [("R1", "S1"), ("S1", None)]


def test_another_source_has_documents_of_its_own(anna: Customer) -> None:
    record_purchase(refund(anna))
    record_purchase(replace(sale(anna), source="shop"))

    assert Purchase.objects.get(document="R1").refund_of is None


def test_nothing_refunds_itself(anna: Customer) -> None:
    for _ in range(2):
        record_purchase(refund(anna, of="R1"))

    assert linked() == [("R1", None)]


def test_a_refund_that_was_cancelled_counts_no_more(anna: Customer) -> None:
    sold, _ = record_purchase(sale(anna))
    returned, _ = record_purchase(refund(anna))

    before = deciding.was_taken_back(sold)
    purchases.cancel_purchase(returned)

    assert (before, deciding.was_taken_back(sold)) == (True, False)


@pytest.fixture
def after_purchase(business: Business) -> Survey:
    return designs.make_survey(
        name="S", metric=Metric.CSAT, trigger=Survey.Trigger.AFTER_PURCHASE, by=None
    )


def bought() -> list[int | None]:
    rows = Moment.objects.filter(kind="purchase.recorded").order_by("pk")
    return list(rows.values_list("customer_id", flat=True))


def test_a_buyer_who_becomes_known_later_is_told_once(anna: Customer) -> None:
    told = []
    for one in (sale(), sale(anna), sale(anna), sale()):
        record_purchase(one)
        told.append(bought())

    assert told == [[], [anna.pk], [anna.pk], [anna.pk]]


def test_a_buyer_who_becomes_known_after_days_is_history(anna: Customer) -> None:
    Purchase.objects.filter(pk=record_purchase(sale())[0].pk).update(
        purchased_at=timezone.now() - timedelta(days=4)
    )
    record_purchase(sale(anna))

    assert (Purchase.objects.get().customer, bought()) == (anna, [])


def test_the_buyer_of_a_cancelled_sale_has_bought_nothing(anna: Customer) -> None:
    purchases.cancel_purchase(record_purchase(sale())[0])
    record_purchase(sale(anna))

    assert bought() == []


def _sale_and_refund_at_once(anna: Customer) -> Purchase | None:
    """A sale comes while its refund is being stored; what the refund refunds then."""
    two_at_once(lambda: record_purchase(refund(anna)), lambda: record_purchase(sale()))
    return Purchase.objects.select_related("refund_of").get(document="R1").refund_of


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_a_refund_and_its_sale_at_once_find_each_other(anna: Customer) -> None:
    assert _sale_and_refund_at_once(anna) == Purchase.objects.get(document="S1")


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_they_miss_each_other(
    anna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "wait_for", lambda name: None)

    assert _sale_and_refund_at_once(anna) is None
