"""“This is customer X”: said by staff, written down, and taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.core.models import AuditEntry, Moment
from regulars.customers.actions import people
from regulars.customers.models import Customer, Pause
from regulars.feedback.actions import cases, knowing, receiving
from regulars.feedback.models import Case, CaseNote, Feedback, Kind, Source
from regulars.surveys.models import Response

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaint(place: Place) -> Feedback:
    """A complaint from the form, with Anna's number and without a known customer."""
    said = receiving.Said(
        source=Source.WEB_FORM,
        text="The soup was cold.",
        kind=Kind.COMPLAINT,
        contact_name="Kovács A.",
        contact_address="+36301234567",
        place=place,
    )
    return receiving.receive(said)[0]


@pytest.fixture
def bela(business: object) -> Customer:
    return people.add_customer(way="staff", by=None, given_name="Béla", family_name="Nagy")


def is_paused(customer: Customer) -> bool:
    return Pause.objects.filter(customer=customer, kind=Pause.Kind.OPEN_COMPLAINT).exists()


def test_the_likely_one_is_proposed_and_others_are_found(
    complaint: Feedback, anna: Customer, bela: Customer, colleague_client: Client
) -> None:
    there = f"/inbox/{complaint.public_id}/customer/"

    proposed = colleague_client.get(there).context["matches"]
    found = colleague_client.get(there, {"q": "nagy bela"}).context["matches"]

    assert (list(proposed), list(found)) == ([anna], [bela])


def test_it_is_said_once_written_down_and_taken_back(
    complaint: Feedback, anna: Customer, bela: Customer, colleague: Staff, colleague_client: Client
) -> None:
    there = f"/inbox/{complaint.public_id}/customer/"

    answer = colleague_client.post(there, {"customer": anna.public_id})
    colleague_client.post(there, {"customer": anna.public_id})
    colleague_client.post(there, {"customer": bela.public_id})

    complaint.refresh_from_db()
    assert answer["Location"] == complaint.case.get_absolute_url()
    assert (complaint.customer, complaint.known_by) == (anna, colleague)
    assert (is_paused(anna), is_paused(bela)) == (True, False)
    assert "says Colin Colleague" in colleague_client.get(answer["Location"]).content.decode()
    assert events(complaint) == [CaseNote.Event.OPENED, CaseNote.Event.KNOWN]

    colleague_client.post(f"{there}removal/")
    colleague_client.post(f"{there}removal/")

    complaint.refresh_from_db()
    assert (complaint.customer, complaint.known_by, complaint.known_at) == (None, None, None)
    assert is_paused(anna) is False
    assert events(complaint)[-1] == CaseNote.Event.MISTAKEN
    audited = AuditEntry.objects.filter(subject=f"feedback:{complaint.public_id}").order_by("pk")
    assert [(one.action, one.details["customer"]) for one in audited] == [
        ("feedback.join_customer", anna.public_id),
        ("feedback.part_customer", anna.public_id),
    ]
    told = Moment.objects.filter(customer_id=anna.pk, kind__startswith="feedback.")
    assert list(told.order_by("pk").values_list("kind", flat=True)) == [
        "feedback.joined",
        "feedback.parted",
    ]


def events(feedback: Feedback) -> list[str]:
    return list(feedback.case.notes.order_by("pk").values_list("event", flat=True))


def test_the_answer_behind_an_open_link_goes_with_it(
    answer: Callable[..., Response], anna: Customer, owner: Staff, work: Callable[[], None]
) -> None:
    response = answer(1, "Cold soup", customer=None)
    work()
    said = Feedback.objects.get(response=response)

    knowing.join_customer(said, anna, by=owner)
    response.refresh_from_db()
    assert response.customer == anna
    case = Case.objects.get(feedback=said)
    assert cases.ask_again(case, channel="hand", by=owner).decision.was_asked

    knowing.part_customer(said, by=owner)
    response.refresh_from_db()
    assert response.customer is None


def test_what_was_known_from_the_start_is_not_taken_back(
    said: Callable[..., Feedback], anna: Customer, owner: Staff
) -> None:
    with pytest.raises(knowing.KnowingError, match="from the start"):
        knowing.part_customer(said(), by=owner)


def test_only_those_who_serve_there(
    complaint: Feedback, other_place: Place, colleague_client: Client, stranger_client: Client
) -> None:
    there = f"/inbox/{complaint.public_id}/customer/"

    assert stranger_client.get(there).status_code == 403
    Feedback.objects.update(place=other_place)
    assert colleague_client.get(there).status_code == 404
