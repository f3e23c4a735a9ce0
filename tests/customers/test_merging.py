"""Merging keeps everything, a refusal wins, and unmerging restores exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import serializers
from django.db import transaction
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.core.models import Moment
from regulars.customers.actions import consents, merging, people
from regulars.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerKey,
    Merge,
    Pause,
    Purchase,
    Standing,
)
from regulars.customers.queries import people as queries
from regulars.mailing.models import Message
from tests.customers.conftest import Buy, new

WATCHED = (Customer, ContactPoint, CustomerKey, Consent, Pause, Purchase, Standing, Message)
PURPOSES = ("marketing", "surveys", "appreciation")


def state() -> dict[str, Any]:
    """Every row of the watched models, and whose each moment is."""
    rows = {
        model._meta.label: json.loads(serializers.serialize("json", model.objects.order_by("pk")))
        for model in WATCHED
    }
    told = Moment.objects.exclude(kind__in=["customer.merged", "customer.unmerged"])
    rows["moments"] = list(told.order_by("pk").values_list("kind", "customer_id"))
    return rows


def without_the_merge(rows: dict[str, Any], repeated: int) -> dict[str, Any]:
    """Refusals said again by a merge are told; their moments stay as history."""
    return rows | {"moments": rows["moments"][: len(rows["moments"]) - repeated]}


def test_everything_becomes_the_survivors(business: Business, buy: Buy, owner: Staff) -> None:
    one = new("Anna", email="anna@example.com")
    other = new("", "Kovács", phone="+36301234567", birth_month=5, birth_day=1)
    people.add_key(other, source="till", value="17")
    buy(one, 3, total=1000)
    buy(other, 1, total=500)

    merging.merge(one, other, by=owner)

    one.refresh_from_db()
    assert (one.given_name, one.family_name, one.birth_month) == ("Anna", "Kovács", 5)
    assert one.purchases.aggregate(total=Sum("total"))["total"] == 1500
    assert {point.channel for point in one.contact_points.all()} == {"email", "phone"}
    assert queries.known_by("till", "17") == one
    assert (one.standing.visits, one.standing.spent) == (2, 1500)
    assert list(queries.matching(queries.customers(), "kovacs 301234567")) == [one]


def test_a_refusal_by_either_stands_until_the_person_says_otherwise(business: Business) -> None:
    one, other = new("Anna"), new("Anna")
    consents.withdraw_consent(other, channel="email", purpose="marketing", evidence="said so")
    consents.give_consent(
        one, channel="email", purpose="marketing", wording="Offers", evidence="a form"
    )

    merging.merge(one, other, by=None)

    assert [record.given for record in queries.newest_consents(one)] == [False]
    consents.give_consent(
        one, channel="email", purpose="marketing", wording="Offers", evidence="said so"
    )
    assert [record.given for record in queries.newest_consents(one)] == [True]


def test_control_without_the_rule_the_newest_would_win(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "_refusals", lambda survivor, merged: [])
    one, other = new("Anna"), new("Anna")
    consents.withdraw_consent(other, channel="email", purpose="marketing", evidence="said so")
    consents.give_consent(
        one, channel="email", purpose="marketing", wording="Offers", evidence="a form"
    )

    merging.merge(one, other, by=None)

    assert [record.given for record in queries.newest_consents(one)] == [True]


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    """What somebody has: addresses (some of them shared), consents, pauses, purchases."""
    return {
        "given": draw(st.sampled_from(["", "Anna", "Béla"])),
        "note": draw(st.sampled_from(["", "Likes oat milk", "Window"])),
        "wishes": draw(st.sampled_from([{}, {"wishes": "tea"}, {"size": "L"}])),
        "birthday": draw(st.sampled_from([None, (5, 1), (2, 29)])),
        "emails": draw(st.sets(st.sampled_from(["a@example.com", "b@example.com"]))),
        "consents": draw(st.lists(st.tuples(st.sampled_from(PURPOSES), st.booleans()), max_size=4)),
        "pauses": draw(
            st.sets(st.tuples(st.sampled_from(["silence", "died"]), st.sampled_from([0, 9])))
        ),
        "purchases": draw(st.lists(st.integers(-500, 5000), max_size=3)),
    }


def live(life: dict[str, Any], buy: Buy) -> Customer:
    month, day = life["birthday"] or (None, None)
    customer = new(
        life["given"],
        note=life["note"],
        preferences=dict(life["wishes"]),
        birth_month=month,
        birth_day=day,
    )
    for email in sorted(life["emails"]):
        people.add_address(customer, people.Address("email", email))
    people.refresh_keys(customer)
    for purpose, agrees in life["consents"]:
        if agrees:
            consents.give_consent(
                customer, channel="email", purpose=purpose, wording="Yes", evidence="form"
            )
        else:
            consents.withdraw_consent(customer, channel="email", purpose=purpose, evidence="no")
    for kind, days in sorted(life["pauses"]):
        until = timezone.now() + timezone.timedelta(days=days) if days else None
        consents.pause(customer, kind=kind, until=until)
    for total in life["purchases"]:
        buy(customer, 10, total=total)
    Message.objects.create(
        key=f"m{customer.pk}", purpose="survey", customer=customer, message_id=f"<{customer.pk}>"
    )
    return customer


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(one=lives(), other=lives(), is_user=st.sampled_from(["", "one", "other"]))
def test_unmerging_restores_exactly(
    business: Business, buy: Buy, one: dict[str, Any], other: dict[str, Any], is_user: str
) -> None:
    with transaction.atomic():
        survivor, merged = live(one, buy), live(other, buy)
        if is_user == "one":
            people.set_buyer(survivor, merged, by=None)
        elif is_user == "other":
            people.set_buyer(merged, survivor, by=None)
        from regulars.customers.actions import standings

        standings.refresh([survivor.pk, merged.pk])
        before = state()
        money = Purchase.objects.aggregate(total=Sum("total"))

        made = merging.merge(survivor, merged, by=None)
        repeated = len(made.moved.get("repeated", []))
        assert Purchase.objects.aggregate(total=Sum("total")) == money
        assert not Purchase.objects.filter(customer=merged).exists()
        for purpose in PURPOSES:
            said = [
                agrees
                for life in (one, other)
                for what, agrees in life["consents"][-1:]
                if what == purpose
            ]
            if False in said:
                counts = {r.purpose: r.given for r in queries.newest_consents(survivor)}
                assert counts[purpose] is False

        merging.unmerge(Merge.objects.get(pk=made.pk), by=None)

        assert without_the_merge(state(), repeated) == before
        transaction.set_rollback(True)


def test_what_came_later_stays_and_a_later_refusal_holds_for_both(
    business: Business, buy: Buy
) -> None:
    one, other = new("Anna"), new("Anna")
    made = merging.merge(one, other, by=None)
    buy(one, 0, total=700)
    consents.withdraw_consent(one, channel="email", purpose="surveys", evidence="said so")

    merging.unmerge(made, by=None)

    assert Purchase.objects.get().customer == one
    given = {c.pk: [r.given for r in queries.newest_consents(c)] for c in (one, other)}
    assert given == {one.pk: [False], other.pk: [False]}


def test_a_merge_is_taken_back_once_and_from_the_last(business: Business) -> None:
    first, second, third = new("A"), new("B"), new("C")
    inner = merging.merge(second, third, by=None)
    outer = merging.merge(first, second, by=None)

    with pytest.raises(merging.MergeError):
        merging.unmerge(inner, by=None)
    merging.unmerge(outer, by=None)
    merging.unmerge(inner, by=None)
    with pytest.raises(merging.MergeError):
        merging.unmerge(inner, by=None)

    assert queries.customers().count() == 3


def test_a_merged_record_leads_to_the_survivor(
    business: Business, owner_client: Client, stranger_client: Client
) -> None:
    one, other = new("Anna", email="a@example.com"), new("Ancsa", email="a@example.com")
    page = f"/customers/{one.public_id}/same/{other.public_id}/"

    assert "a@example.com" in owner_client.get(page).content.decode()
    assert owner_client.post(page, {"keep": one.public_id}).status_code == 302
    assert owner_client.get(other.get_absolute_url()).headers["Location"] == one.get_absolute_url()
    assert stranger_client.get(page).status_code == 403
    made = Merge.objects.get()
    assert owner_client.post(f"/customers/merges/{made.public_id}/undoing/").status_code == 302
    assert owner_client.get(other.get_absolute_url()).status_code == 200
