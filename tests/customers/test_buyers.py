"""Who pays for whom: never in a circle."""

from __future__ import annotations

import contextlib
import itertools

import pytest

from regulars.business.models import Business
from regulars.core import locks
from regulars.customers.actions import merging, people
from regulars.customers.models import Customer
from regulars.customers.queries import people as queries
from tests.customers.conftest import new
from tests.two_at_once import ON_POSTGRESQL, two_at_once


def chain(length: int) -> list[Customer]:
    """Customers each of whom pays for the one before."""
    found = [new(f"Number {number}") for number in range(length)]
    for one, payer in itertools.pairwise(found):
        people.set_buyer(one, payer, by=None)
    return found


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_nobody_pays_for_themselves_through_others(business: Business, length: int) -> None:
    customers = chain(length)

    with pytest.raises(people.CustomerError) as refused:
        people.set_buyer(customers[-1], customers[0], by=None)

    assert refused.value.code == "bad_buyer"
    assert Customer.objects.get(pk=customers[-1].pk).buyer is None


@pytest.mark.parametrize("length", [2, 3, 4])
def test_a_merge_closes_no_circle_and_gives_back_who_paid(business: Business, length: int) -> None:
    customers = chain(length)
    survivor, last = customers[0], customers[-1]

    merge = merging.merge(survivor, last, by=None)

    assert Customer.objects.get(pk=survivor.pk).buyer is None
    assert not any(
        one.buyer and one.pk in queries.buyers_above(one.buyer) for one in Customer.objects.all()
    )
    merging.unmerge(merge, by=None)
    assert [one.buyer for one in Customer.objects.order_by("pk")] == [*customers[1:], None]


def test_a_chain_may_grow_and_end(business: Business) -> None:
    first, second, third = chain(3)
    people.set_buyer(first, third, by=None)
    people.set_buyer(second, None, by=None)

    assert Customer.objects.filter(buyer=third).get() == first


def _both_ways_at_once() -> int:
    """Two become each other's buyer at once; how many have a buyer then."""
    one, other = new("One"), new("Other")

    def pay_back() -> None:
        with contextlib.suppress(people.CustomerError):
            people.set_buyer(Customer.objects.get(pk=other.pk), one, by=None)

    two_at_once(lambda: people.set_buyer(one, other, by=None), pay_back)
    return Customer.objects.exclude(buyer=None).count()


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_two_at_once_close_no_circle(business: Business) -> None:
    assert _both_ways_at_once() == 1


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_they_do(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "wait_for", lambda name: None)

    assert _both_ways_at_once() == 2
