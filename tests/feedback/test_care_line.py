from __future__ import annotations

import pytest
from django.test import Client

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.feedback.actions.care_lines import make_care_line
from regulars.feedback.models import CareLine, Case, Feedback, Kind, Source
from regulars.feedback.views.care_line import MESSAGES_AN_HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(place: Place, owner: Staff) -> str:
    return f"/say/{make_care_line(place, by=owner).code}/"


def message(number: int = 1, **more: str) -> dict[str, str]:
    return {
        "submission_id": f"m-{number}",
        "kind": "complaint",
        "text": "The soup was cold.",
        "contact_address": "guest@example.com",
        **more,
    }


def test_a_complaint_from_the_form_becomes_a_case_once(address: str, place: Place) -> None:
    for _again in range(2):
        answer = Client().post(address, message())
        assert answer.headers["Location"] == f"{address}thanks/"

    stored = Feedback.objects.get()
    assert (stored.source, stored.kind, stored.place) == (
        Source.WEB_FORM,
        Kind.COMPLAINT,
        place,
    )
    assert (stored.customer, stored.contact_address) == (None, "guest@example.com")
    assert Case.objects.get().feedback == stored


def test_looking_at_the_form_writes_nothing(address: str) -> None:
    answer = Client().get(address)

    assert answer.status_code == 200
    assert not Feedback.objects.exists()


def test_a_flood_is_stopped(address: str) -> None:
    for number in range(MESSAGES_AN_HOUR):
        Client().post(address, message(number))

    refused = Client().post(address, message(99))

    assert refused.status_code == 429
    assert Feedback.objects.count() == MESSAGES_AN_HOUR


def test_a_form_that_is_empty_closed_or_unknown_takes_nothing(address: str) -> None:
    assert Client().post(address, message(text=" ")).status_code == 422
    assert Client().get("/say/unknown/").status_code == 404
    CareLine.objects.update(is_open=False)
    assert Client().post(address, message()).status_code == 404
    assert not Feedback.objects.exists()


def test_managers_make_forms_once_for_each_place(
    owner_client: Client, colleague_client: Client, stranger_client: Client, place: Place
) -> None:
    for client in (colleague_client, stranger_client):
        assert client.post("/inbox/forms/new/", {"place": place.public_id}).status_code == 403
    for _again in range(2):
        owner_client.post("/inbox/forms/new/", {"place": place.public_id})
        owner_client.post("/inbox/forms/new/")

    assert list(CareLine.objects.order_by("pk").values_list("place", flat=True)) == [place.pk, None]
    assert owner_client.get("/inbox/forms/").status_code == 200
