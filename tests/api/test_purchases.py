"""A till sends sales from day one: one effect per key and per document (PA3, K2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from regulars.accounts.actions import tokens
from regulars.accounts.models import Scope, Staff
from regulars.business.models import Place
from regulars.core.models import IdempotencyKey, Moment
from regulars.core.tasks import keep_house
from regulars.customers.models import Customer, Item, Purchase, PurchaseLine

Post = Callable[..., Any]


def sale(**fields: object) -> dict[str, object]:
    return {
        "source": "till",
        "document": "2026/1",
        "purchased_at": datetime.now(tz=UTC).isoformat(),
        "total": 1990,
        "currency": "HUF",
        "customer_key": {"source": "till", "value": "C-7"},
        "served_by": "Bea",
        "lines": [
            {"code": "LAT", "name": "Latte", "amount": 1290},
            {"name": "Pogácsa", "amount": 700},
        ],
    } | fields


def test_a_sale_is_stored_with_its_buyer_and_items(post: Post, place: Place) -> None:
    answer = post("/purchases", sale(place=place.public_id))

    assert answer.status_code == 201
    purchase = Purchase.objects.get()
    assert (purchase.total, purchase.place, purchase.served_by) == (1990, place, "Bea")
    assert answer.json()["customer"] == Customer.objects.get().public_id
    assert list(PurchaseLine.objects.values_list("item__name", "amount")) == [
        ("Latte", 1290),
        ("Pogácsa", 700),
    ]
    kinds = list(Moment.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["customer.joined", "purchase.recorded"]


def test_the_same_key_again_gives_the_same_answer(post: Post) -> None:
    body = sale()

    answers = [post("/purchases", body) for _ in range(3)]

    assert [a.status_code for a in answers] == [201, 201, 201]
    assert len({a.content for a in answers}) == 1
    assert [a.headers.get("Idempotency-Replayed") for a in answers] == [None, "true", "true"]
    assert Purchase.objects.count() == 1


def test_the_same_key_a_day_later_gives_the_same_answer(post: Post) -> None:
    body = sale()

    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        first = post("/purchases", body | {"purchased_at": "2026-11-02T09:00:00Z"})
    with time_machine.travel(datetime(2026, 11, 3, 10, tzinfo=UTC)):
        keep_house.call()
        later = post("/purchases", body | {"purchased_at": "2026-11-02T09:00:00Z"})

    assert (first.status_code, later.status_code) == (201, 201)
    assert (later.content, later.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert Purchase.objects.count() == 1


def test_the_same_document_under_another_key_changes_nothing(post: Post) -> None:
    body = sale()
    first = post("/purchases", body)

    second = post("/purchases", body | {"total": 5}, key="k-2")

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["total"] == 1990
    assert (Purchase.objects.count(), Item.objects.count()) == (1, 2)


def test_a_key_used_for_another_body_is_refused(post: Post) -> None:
    post("/purchases", sale())

    answer = post("/purchases", sale(document="2026/2"))

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 121, "naïve"])
def test_a_request_without_a_usable_key_is_refused(post: Post, key: str) -> None:
    answer = post("/purchases", sale(), key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Purchase.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"customer": "AAAAAAAAAAAAAAAAAAAAAA"}, "unknown_customer"),
        ({"place": "AAAAAAAAAAAAAAAAAAAAAA"}, "unknown_place"),
        ({"purchased_at": "2026-01-01T10:00:00"}, "time_without_offset"),
        ({"purchased_at": "2999-01-01T10:00:00Z"}, "in_the_future"),
        ({"currency": "Ft"}, "invalid"),
        ({"surprise": 1}, "invalid"),
    ],
)
def test_what_cannot_be_stored_is_refused_whole(
    post: Post, fields: dict[str, object], code: str
) -> None:
    answer = post("/purchases", sale(**fields))

    assert answer.json()["code"] == code
    assert [m.objects.count() for m in (Purchase, Customer, IdempotencyKey)] == [0, 0, 0]


def test_an_old_sale_is_history_and_tells_nobody(post: Post) -> None:
    old = datetime.now(tz=UTC) - timedelta(days=3, minutes=1)

    answer = post("/purchases", sale(purchased_at=old.isoformat()))

    assert answer.json()["is_history"] is True
    assert not Moment.objects.filter(kind="purchase.recorded").exists()


def test_a_refund_names_its_sale(post: Post) -> None:
    post("/purchases", sale())

    post("/purchases", sale(document="R/1", total=-1990, refund_of="2026/1"), key="k-2")

    refund = Purchase.objects.get(document="R/1")
    assert refund.refund_of is not None
    assert refund.refund_of.document == "2026/1"
    assert Moment.objects.filter(kind="purchase.refunded").count() == 1


def test_cancelling_twice_is_cancelling_once(post: Post, token: str) -> None:
    stored = post("/purchases", sale()).json()["public_id"]
    headers = {"Authorization": f"Bearer {token}"}

    answers = [Client().delete(f"/api/v1/purchases/{stored}", headers=headers) for _ in range(2)]

    assert [a.status_code for a in answers] == [200, 200]
    assert Purchase.objects.in_force().count() == 0
    assert Moment.objects.filter(kind="purchase.cancelled").count() == 1


def test_who_has_no_token_or_another_scope_is_refused(post: Post, narrow_token: str) -> None:
    unknown = post("/purchases", sale(), raw="rgl_" + "x" * 22)
    narrow = post("/purchases", sale(), raw=narrow_token)
    nobody = Client().get("/api/v1/customers")

    assert (unknown.status_code, unknown.json()["code"]) == (401, "unauthenticated")
    assert (narrow.status_code, narrow.json()["code"]) == (403, "scope_missing")
    assert nobody.status_code == 401
    assert Purchase.objects.count() == 0


def test_a_list_pages_without_skipping_or_repeating(post: Post, token: str) -> None:
    for number in range(7):
        post("/customers", {"family_name": f"Nagy {number}"}, key=f"k{number}")
    headers = {"Authorization": f"Bearer {token}"}

    names: list[str] = []
    cursor = ""
    while True:
        path = f"/api/v1/customers?limit=3{cursor}"
        page = Client().get(path, headers=headers).json()
        names += [item["family_name"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert names == [f"Nagy {number}" for number in range(7)]


def test_search_finds_in_every_script(post: Post, token: str) -> None:
    for number, name in enumerate(["Őri", "Иванов", "ბერიძე"]):
        post("/customers", {"family_name": name}, key=f"k{number}")
    headers = {"Authorization": f"Bearer {token}"}

    def found(text: str) -> list[str]:
        page = Client().get(f"/api/v1/customers?search={text}", headers=headers).json()
        return [item["family_name"] for item in page["items"]]

    assert [found(t) for t in ("ori", "ŐRI", "ivanov", "ИВАН", "beridze", "ბერ", "%")] == [
        ["Őri"],
        ["Őri"],
        ["Иванов"],
        ["Иванов"],
        ["ბერიძე"],
        ["ბერიძე"],
        [],
    ]


def test_one_tokens_key_is_not_anothers(post: Post, owner: Staff) -> None:
    other = tokens.new_api_token(name="shop", scopes=list(Scope), by=owner)[1]

    first = post("/purchases", sale())
    second = post("/purchases", sale(document="W/1"), raw=other)

    assert (first.status_code, second.status_code) == (201, 201)
    assert Purchase.objects.count() == 2
