"""A merge is taken back: each is paused for the open cases that are theirs, and for no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from regulars.accounts.models import Staff
from regulars.customers.actions import merging, people
from regulars.customers.models import Customer, Pause
from regulars.feedback.actions import cases, receiving
from regulars.feedback.models import Case, Feedback, Kind

pytestmark = pytest.mark.django_db
Said = Callable[..., Feedback]


@pytest.fixture
def bela(business: object) -> Customer:
    return people.add_customer(way="staff", by=None, given_name="Béla", family_name="Nagy")


def paused() -> list[tuple[str, str]]:
    """Who is paused for which case."""
    rows = Pause.objects.filter(kind=Pause.Kind.OPEN_COMPLAINT)
    return sorted(rows.values_list("customer__given_name", "key"))


def of(feedback: Feedback) -> Case:
    return Case.objects.get(feedback=feedback)


def test_a_case_opened_meanwhile_pauses_who_complained(
    anna: Customer, bela: Customer, owner: Staff, said: Said
) -> None:
    hers, his = said("Cold soup.", kind=Kind.COMPLAINT), said("I waited.", customer=bela)
    made = merging.merge(anna, bela, by=owner)
    his.refresh_from_db()
    receiving.say_what_it_is(his, kind=Kind.COMPLAINT, by=owner)
    assert paused() == sorted([("Anna", of(hers).pause_key), ("Anna", of(his).pause_key)])

    merging.unmerge(made, by=owner)

    assert paused() == [("Anna", of(hers).pause_key), ("Béla", of(his).pause_key)]
    for case in (of(hers), of(his)):
        cases.close(case, what_was_done="An apology.", by=owner)
    assert paused() == []


def test_a_case_reopened_meanwhile_pauses_who_complained(
    anna: Customer, bela: Customer, owner: Staff, said: Said
) -> None:
    case = of(said("I waited.", customer=bela, kind=Kind.COMPLAINT))
    made = merging.merge(anna, bela, by=owner)
    cases.close(of(case.feedback), what_was_done="An apology.", by=owner)
    cases.reopen(of(case.feedback), by=owner)

    merging.unmerge(made, by=owner)

    assert paused() == [("Béla", case.pause_key)]


def test_a_case_closed_meanwhile_pauses_nobody(
    anna: Customer, bela: Customer, owner: Staff, said: Said
) -> None:
    case = of(said("I waited.", customer=bela, kind=Kind.COMPLAINT))
    made = merging.merge(anna, bela, by=owner)
    cases.close(of(case.feedback), what_was_done="An apology.", by=owner)

    merging.unmerge(made, by=owner)

    assert paused() == []


def test_other_pauses_stay_as_they_are(
    anna: Customer, bela: Customer, owner: Staff, said: Said
) -> None:
    Pause.objects.create(customer=anna, kind=Pause.Kind.SILENCE, since=anna.created_at)
    by_a_program = {"kind": Pause.Kind.OPEN_COMPLAINT, "key": "ticket-17", "since": bela.created_at}
    Pause.objects.create(customer=bela, **by_a_program)

    merging.unmerge(merging.merge(anna, bela, by=owner), by=owner)

    told = Pause.objects.order_by("pk").values_list("customer__given_name", "kind", "key")
    assert list(told) == [("Anna", "silence", ""), ("Béla", "open_complaint", "ticket-17")]
