"""The page that an owner opens every morning."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import cast

import pytest
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Department, Place, Touchpoint
from regulars.core.models import Moment
from regulars.core.moments import payload_of
from regulars.customers.actions import people
from regulars.customers.models import Customer, Pause
from regulars.feedback.actions import cases, praise, receiving
from regulars.feedback.models import Case, Feedback, Source
from regulars.feedback.reactions import listen_to_answer
from regulars.mailing.models import Message, Purpose, State
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import Metric, Survey
from regulars.surveys.moments import SurveyAnswered


@pytest.fixture
def survey(owner: Staff) -> Survey:
    return designs.make_survey(name="Recommendation", metric=Metric.NPS, by=owner)


def say(survey: Survey, score: int, comment: str = "", **more: object) -> None:
    answers.submit_open(
        survey,
        answers.current_version(survey),
        answers.Answer(f"{score}-{comment[:9]}-{len(more)}".encode().hex()[:60], score, comment),
        **more,  # type: ignore[arg-type]  # place and customer only
    )


def hear() -> None:
    """Put what was answered into the inbox, as the worker does."""
    for moment in Moment.objects.filter(kind="survey.answered"):
        listen_to_answer(moment, cast("SurveyAnswered", payload_of(moment)))


def customer(name: str, **more: object) -> Customer:
    return people.add_customer(way="staff", by=None, given_name=name, **more)  # type: ignore[arg-type]  # fields


def test_a_new_installation_is_led_to_its_first_score(owner_client: Client) -> None:
    page = owner_client.get("/").content.decode()

    assert "Bring in your sales and customers" in page
    assert "Make a survey" in page


def test_it_shows_the_score_its_range_and_what_was_said(
    survey: Survey, owner_client: Client
) -> None:
    say(survey, 10, "The <b>best</b> coffee")
    hear()

    page = owner_client.get("/").content.decode()

    assert "probably" in page
    assert "The &lt;b&gt;best&lt;/b&gt; coffee" in page
    assert "There are too few answers to say whether anything has changed." in page


def test_it_shows_each_place_department_and_stage_with_its_range(
    owner: Staff, place: Place, other_place: Place, owner_client: Client
) -> None:
    kitchen = Department.objects.create(name="Kitchen", slug="kitchen")
    for number, name in enumerate(("Food", "Paying")):
        stage = Touchpoint.objects.create(
            name=name, slug=name.lower(), position=number, department=None if number else kitchen
        )
        made = designs.make_survey(name=name, metric=Metric.CSAT, touchpoint=stage, by=owner)
        for score in (5, 4, 2 + number):
            say(made, score, f"{name}{score}", place=other_place if number else place)

    page = owner_client.get("/").content.decode()

    shown = page.split("Where it differs")[1].split("All results")[0]
    rows = re.findall(
        r"<caption>(.*?)</caption>|<th scope=.row.>(.*?)<|>(\d+%)<|>(\d+ ans\w+)", shown
    )
    first, second = sorted([place.name, other_place.name])
    assert ["".join(one) for one in rows] == [
        *("By place", first, "67%", "3 answers", second, "67%", "3 answers"),
        *("By stage", "Food", "67%", "3 answers", "Paying", "67%", "3 answers"),
    ]
    assert shown.count("probably") == 4


def test_who_works_at_one_place_sees_that_place_only(
    survey: Survey, place: Place, other_place: Place, colleague_client: Client
) -> None:
    say(survey, 10, "here", place=place)
    say(survey, 0, "there", place=other_place)
    hear()

    page = colleague_client.get(f"/?place={other_place.public_id}").content.decode()

    assert ">here<" in page
    assert ">there<" not in page


def test_it_says_whom_to_thank_and_to_call(survey: Survey, owner_client: Client) -> None:
    anna = customer("Anna")
    bela = customer("Bela", addresses=[people.Address("phone", "+3612345678")])
    say(survey, 10, "lovely", customer=anna)
    say(survey, 2, "cold", customer=bela)

    page = owner_client.get("/").content.decode()

    todo = page.split("What to do today")[1].split("What customers said")[0]
    assert todo.index("Call:") < todo.index("Bela") < todo.index("Thank:") < todo.index("Anna")


def test_what_was_said_on_any_channel_stands_there(
    survey: Survey, place: Place, other_place: Place, owner_client: Client, colleague_client: Client
) -> None:
    say(survey, 9, "on the survey", place=place)
    hear()
    for source, where in (
        (Source.WEB_FORM, place),
        (Source.PHONE, place),
        (Source.COUNTER, other_place),
    ):
        told = receiving.Said(source, f"said: {source}", contact_name="Cili", place=where)
        receiving.receive(told)

    def shown(client: Client) -> list[tuple[str, str]]:
        card = client.get("/").content.decode().split("What customers said")[1]
        found = re.findall(r"<blockquote.*?>(.*?)</blockquote>.*?<p.*?>(.*?) · ", card, re.DOTALL)
        return [(words, who) for words, who in found]

    here = [
        ("said: phone", "Cili"),
        ("said: web_form", "Cili"),
        ("on the survey", "9\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}10"),
    ]
    assert shown(owner_client) == [("said: counter", "Cili"), *here]
    assert shown(colleague_client) == here


def to_do(client: Client) -> str:
    page = client.get("/").content.decode()
    return page.split("What to do today")[1].split("What customers said")[0]


def test_who_was_thanked_needs_no_more_thanks(
    survey: Survey, owner: Staff, owner_client: Client
) -> None:
    anna = customer("Anna", addresses=[people.Address("email", "anna@example.com")])
    say(survey, 10, "lovely", customer=anna)
    say(survey, 10, customer=anna)
    hear()
    assert "Thank:" in to_do(owner_client)

    praise.thank(Feedback.objects.get(), "Thank you!", language="en", by=owner)

    assert "Thank:" not in to_do(owner_client)
    say(survey, 9, "again", customer=anna)
    assert "Thank:" in to_do(owner_client)


@pytest.mark.parametrize(
    ("purpose", "state", "is_thanked"),
    [
        (Purpose.APPRECIATION, State.QUEUED, True),
        (Purpose.APPRECIATION, State.DELIVERED, True),
        (Purpose.APPRECIATION, State.BOUNCED, False),
        (Purpose.APPRECIATION, State.CANCELLED, False),
        (Purpose.SURVEY, State.SENT, False),
    ],
)
def test_a_message_of_thanks_does_it_too_if_it_can_have_arrived(
    survey: Survey, owner_client: Client, purpose: Purpose, state: State, is_thanked: bool
) -> None:
    anna = customer("Anna")
    say(survey, 10, "lovely", customer=anna)
    Message.objects.create(key="m", message_id="<m>", customer=anna, purpose=purpose, state=state)

    assert ("Thank:" in to_do(owner_client)) is not is_thanked


def test_who_was_answered_needs_no_call_until_it_is_opened_again(
    survey: Survey, owner: Staff, owner_client: Client
) -> None:
    bela = customer("Bela", addresses=[people.Address("phone", "+3612345678")])
    say(survey, 2, "cold", customer=bela)
    hear()
    case = Case.objects.get()
    assert "Call:" in to_do(owner_client)

    cases.reply_by_hand(case, "We are sorry.", by=owner, submission_id="r")
    assert "Call:" not in to_do(owner_client)
    cases.reopen(case, by=owner)
    assert "Call:" in to_do(owner_client)
    cases.close(case, what_was_done="A voucher.", by=owner)
    assert "Call:" not in to_do(owner_client)


@pytest.mark.parametrize("kind", [Pause.Kind.DIED, Pause.Kind.DO_NOT_GREET])
def test_nobody_is_greeted_who_must_not_be(owner_client: Client, kind: Pause.Kind) -> None:
    today = timezone.localdate()
    born = {"birth_month": today.month, "birth_day": today.day}
    anna = customer("Anna", family_name="Bor", **born)
    cili = customer("Cili", family_name="Bor", **born)  # no token on the page can read like this
    Pause.objects.create(customer=cili, kind=kind, since=timezone.now() - timedelta(days=9))

    page = owner_client.get("/").content.decode()

    assert str(anna) in page
    assert str(cili) not in page


def test_strangers_see_nothing(stranger_client: Client) -> None:
    assert stranger_client.get("/").status_code == 403
    assert Client().get("/").status_code == 302
