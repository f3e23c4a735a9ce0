from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.customers.models import Customer
from regulars.feedback.actions import receiving
from regulars.feedback.models import Case, Feedback, Kind, Praise, Source
from regulars.mailing.models import Message, Purpose

pytestmark = pytest.mark.django_db
INBOX = "/inbox/"


def shown(client: Client, address: str = INBOX) -> list[str]:
    """The public ids of the feedback on the page, in order."""
    table = client.get(address).context["table"]
    return [one.public_id for one in table.page]


def test_each_sees_what_was_said_at_their_places(
    said: Callable[..., Feedback],
    other_place: Place,
    owner_client: Client,
    colleague_client: Client,
    stranger_client: Client,
) -> None:
    here, nowhere = said("Here."), said("Nowhere.", customer=None)
    there = said("There.", place=other_place)

    assert shown(owner_client) == [there.public_id, nowhere.public_id, here.public_id]
    assert shown(colleague_client) == [nowhere.public_id, here.public_id]
    assert stranger_client.get(INBOX).status_code == 403
    assert colleague_client.get(there.get_absolute_url()).status_code == 404
    assert colleague_client.get(here.get_absolute_url()).status_code == 200


def test_it_is_searched_in_every_script_and_filtered(
    said: Callable[..., Feedback], owner_client: Client, anna: Customer
) -> None:
    soup = said("Супата беше студена.", customer=None, kind=Kind.COMPLAINT)
    thanks = said("Őszintén köszönöm!", kind=Kind.PRAISE)
    Feedback.objects.filter(pk=soup.pk).update(topics=["quality", "waiting"])

    assert shown(owner_client, f"{INBOX}?q=supata") == [soup.public_id]
    assert shown(owner_client, f"{INBOX}?q=oszinten+kovacs") == [thanks.public_id]
    assert shown(owner_client, f"{INBOX}?topic=quality") == [soup.public_id]
    assert shown(owner_client, f"{INBOX}?topic=price") == []
    assert shown(owner_client, f"{INBOX}?kind=praise") == [thanks.public_id]
    assert shown(owner_client, f"{INBOX}?source=phone") == []


def test_the_list_answers_304_until_something_changes(
    said: Callable[..., Feedback], owner_client: Client, owner: Staff
) -> None:
    first = said("One.")
    address = reverse("feedback:stream")
    seen = owner_client.get(address).headers["ETag"]

    unchanged = owner_client.get(address, headers={"If-None-Match": seen})
    receiving.mark_read(first, by=owner)
    changed = owner_client.get(address, headers={"If-None-Match": seen})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, changed.headers["ETag"] == seen) == (200, False)


def test_a_list_costs_the_same_for_one_and_for_three(
    said: Callable[..., Feedback], owner_client: Client, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    said("One.")
    owner_client.get(INBOX)
    with CaptureQueriesContext(connection) as one:
        owner_client.get(INBOX)
    said("Two.")
    said("Three.", kind=Kind.COMPLAINT)
    with CaptureQueriesContext(connection) as three:
        owner_client.get(INBOX)

    assert len(one) == len(three)


def test_marking_as_read_is_a_post_of_whoever_serves(
    said: Callable[..., Feedback],
    colleague_client: Client,
    stranger_client: Client,
    colleague: Staff,
) -> None:
    one = said("One.")
    address = reverse("feedback:mark_read", args=[one.public_id])

    assert stranger_client.post(address).status_code == 403
    assert colleague_client.get(address).status_code == 405
    answer = colleague_client.post(address, {"read": "1", "list": "kind=praise"})

    assert answer.headers["Location"] == "/inbox/?kind=praise"
    one.refresh_from_db()
    assert one.read_by == colleague
    assert shown(colleague_client, f"{INBOX}?show=unread") == []

    colleague_client.post(address, {"read": "0"})
    one.refresh_from_db()
    assert (one.read_at, one.read_by) == (None, None)


def test_staff_type_in_a_call_once(
    colleague_client: Client, stranger_client: Client, anna: Customer, place: Place
) -> None:
    form = {
        "submission_id": "call-1",
        "source": "phone",
        "kind": "complaint",
        "text": "The delivery never came.",
        "who": "Anna",
        "place": place.public_id,
    }

    assert stranger_client.post("/inbox/new/", form).status_code == 403
    first = colleague_client.post("/inbox/new/", form)
    colleague_client.post("/inbox/new/", form)

    stored = Feedback.objects.get()
    assert (stored.customer, stored.source, stored.kind) == (anna, Source.PHONE, Kind.COMPLAINT)
    assert not stored.kind_is_guess
    assert first.headers["Location"] == Case.objects.get().get_absolute_url()


def test_a_customer_nobody_knows_is_told_in_the_form(
    colleague_client: Client, anna: Customer
) -> None:
    form = {"submission_id": "c", "source": "phone", "text": "Hello.", "who": "Nobody Known"}

    answer = colleague_client.post("/inbox/new/", form)

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"who": ["Nobody in the list of customers fits this."]}
    assert not Feedback.objects.exists()


def test_praise_is_thanked_for_once_and_passed_on(
    said: Callable[..., Feedback],
    work: Callable[[], None],
    owner_client: Client,
    stranger_client: Client,
    colleague: Staff,
) -> None:
    praise = said("Colin was so kind and helpful, thank you!", kind=Kind.PRAISE)
    work()
    thank = reverse("feedback:thank", args=[praise.public_id])
    pass_on = reverse("feedback:pass_on", args=[praise.public_id])

    assert stranger_client.post(thank, {"text": "No."}).status_code == 403
    for _again in range(2):
        owner_client.post(thank, {"submission_id": "t", "text": "Köszönjük szépen!"})
        owner_client.post(pass_on, {"person": colleague.public_id})

    row = Praise.objects.get()
    assert row.thanked_at is not None
    assert (row.employee, row.passed_on_at is not None) == (colleague, True)
    sent = Message.objects.order_by("pk").values_list("purpose", "to_address")
    assert list(sent) == [
        (Purpose.SERVICE, "anna@example.com"),
        (Purpose.ALERT, "colleague@example.com"),
    ]


def test_a_person_may_correct_what_was_guessed(
    said: Callable[..., Feedback], colleague_client: Client
) -> None:
    one = said("Hm.")

    colleague_client.post(
        reverse("feedback:say_what_it_is", args=[one.public_id]), {"kind": "complaint"}
    )

    one.refresh_from_db()
    assert (one.kind, one.kind_is_guess) == (Kind.COMPLAINT, False)
    assert Case.objects.get().feedback == one
