"""The till API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from regulars.accounts.actions import tokens
from regulars.accounts.models import Scope, Staff
from regulars.customers.models import Customer
from regulars.rewards import codes, guessing
from regulars.rewards.actions import vouchers
from regulars.rewards.models import Offer, Redemption, Voucher

Post = Callable[..., Any]


def test_a_voucher_is_looked_at_used_and_undone(post: Post, code: str) -> None:
    looked = post("/vouchers/validation", {"code": code, "total": 300, "currency": "HUF"})
    used = post("/vouchers/redemptions", {"code": code, "total": 2000, "document": "R-1"})
    undone = post(
        f"/vouchers/redemptions/{used.json()['public_id']}/void", {"reason": "returned"}, key="k-2"
    )

    assert looked.status_code == 200
    assert looked.json() | {"expires_at": "", "says": ""} == {
        "usable": True,
        "refusal": "",
        "says": "",
        "gives": "amount",
        "percent": 0,
        "value": 300,
        "currency": "HUF",
        "item": "",
        "expires_at": "",
    }
    assert (used.status_code, used.json()["value"], used.json()["kind"]) == (201, 500, "capture")
    assert (undone.status_code, undone.json()["value"]) == (201, -500)
    assert undone.json()["undoes"] == used.json()["public_id"]
    assert Redemption.objects.get(kind="capture").token is not None


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_request_sent_again_has_one_effect(post: Post, code: str, times: int) -> None:
    answers = [post("/vouchers/redemptions", {"code": code}) for _ in range(times + 1)]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Redemption.objects.count() == 1


def test_another_body_or_no_key_is_refused(post: Post, code: str) -> None:
    post("/vouchers/redemptions", {"code": code})

    other = post("/vouchers/redemptions", {"code": code, "total": 1})
    without = post("/vouchers/redemptions", {"code": code}, key="")

    assert (other.status_code, without.status_code) == (422, 400)


def test_a_refusal_says_why(post: Post, code: str) -> None:
    post("/vouchers/redemptions", {"code": code})

    again = post("/vouchers/redemptions", {"code": code}, key="k-2")
    unknown = post("/vouchers/redemptions", {"code": codes.new_code()}, key="k-3")
    looked = post("/vouchers/validation", {"code": code[:-1] + "!"}, key="k-4")

    assert (again.status_code, again.json()["code"]) == (409, "used")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_code")
    assert (looked.json()["usable"], looked.json()["refusal"]) == (False, "mistyped")


def test_another_token_does_not_get_the_first_ones_answer(
    post: Post, code: str, owner: Staff
) -> None:
    other = tokens.new_api_token(name="other", scopes=[Scope.REWARDS_WRITE], by=owner)[1]
    narrow = tokens.new_api_token(name="narrow", scopes=[Scope.REWARDS_READ], by=owner)[1]
    post("/vouchers/redemptions", {"code": code})

    answers = [
        post("/vouchers/redemptions", {"code": code}, token=raw) for raw in (other, narrow, "x")
    ]

    assert [answer.status_code for answer in answers] == [409, 403, 401]


@time_machine.travel("2026-11-21T10:00:00Z", tick=False)
def test_guessing_is_limited_also_where_an_error_undoes_the_request(post: Post, code: str) -> None:
    tried = [
        post("/vouchers/redemptions", {"code": codes.new_code()}, key=f"g{n}").status_code
        for n in range(guessing.TILL_TRIES + 1)
    ]

    assert tried == [404] * guessing.TILL_TRIES + [429]
    assert post("/vouchers/redemptions", {"code": code}, key="mine").status_code == 429


@time_machine.travel("2026-11-21T10:00:00Z", tick=False)
def test_guessers_do_not_block_the_honest(
    post: Post, offer: Offer, anna: Customer, owner: Staff
) -> None:
    code = vouchers.issue(offer, anna, key="v", by=owner).code
    guessers = [
        tokens.new_api_token(name=f"g{n}", scopes=[Scope.REWARDS_WRITE], by=owner)[1]
        for n in range(6)
    ]
    for number in range(guessing.ALL_TRIES):
        raw = guessers[number % len(guessers)]
        guess = {"code": codes.new_code()}
        post("/vouchers/redemptions", guess, key=f"g{number}", token=raw)

    stopped = post("/vouchers/redemptions", {"code": codes.new_code()}, key="x", token=guessers[0])

    assert stopped.status_code == 429
    assert post("/vouchers/redemptions", {"code": code}).status_code == 201
    assert Voucher.objects.get().used == 1
