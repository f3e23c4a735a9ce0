"""The Monday mail: to whom, about what, once a week, and how it is switched off."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from regulars.accounts.models import Role, Staff, StaffRole
from regulars.business.models import Place
from regulars.config.schedule import SCHEDULE
from regulars.core.models import Job
from regulars.core.queue.schedule import Weekly, start_due
from regulars.customers.actions import people
from regulars.feedback.actions import cases, receiving
from regulars.feedback.models import Case, Source
from regulars.insight import actions
from regulars.insight.tasks import write_monday_mails
from regulars.mailing.models import Message, Purpose
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import Metric
from tests.insight.conftest import Answered

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=ZoneInfo("Europe/Budapest"))


def test_it_tells_scores_people_and_voices(owner: Staff, place: Place, answered: Answered) -> None:
    with time_machine.travel(MONDAY.replace(day=20), tick=False):
        anna = people.add_customer(
            way="staff", by=None, given_name="Anna", birth_month=11, birth_day=25
        )
        survey = designs.make_survey(name="R", metric=Metric.NPS, by=owner)
        version = answers.current_version(survey)
        answers.submit_open(
            survey, version, answers.Answer("a1", 10, "Lovely <i>cake</i>"), customer=anna
        )
        receiving.receive(receiving.Said(source=Source.PHONE, text="I called about the <b>tea</b>"))

    with time_machine.travel(MONDAY, tick=False):
        actions.send_monday_mails()

    message = Message.objects.get()
    assert (message.to_address, message.purpose) == ("owner@example.com", Purpose.ALERT)
    assert message.subject.startswith("Your week: ")
    for text in ("Recommendation (NPS)", "probably", "To thank", "Anna", "Birthdays this week"):
        assert text in message.text
    assert "Lovely &lt;i&gt;cake&lt;/i&gt;" in message.html
    assert "<i>cake" not in message.html
    assert "I called about the &lt;b&gt;tea" in message.html.split("What customers said")[1]


def test_it_tells_which_cases_are_due_this_week(
    owner: Staff, stranger: Staff, place: Place, other_place: Place
) -> None:
    StaffRole.objects.create(staff=stranger, role=Role.MANAGER, place=other_place)
    for day, text, where in (
        (21, "The coffee was cold", place),
        (23, "I waited for an hour", other_place),
        (24, "The cup was broken", None),
        (30, "Next week", place),
    ):
        said = receiving.Said(source=Source.PHONE, text=text, contact_name="Cili", place=where)
        case = cases.open_case(receiving.receive(said)[0], reason="complaint")
        Case.objects.filter(pk=case.pk).update(due_at=MONDAY.replace(hour=12, day=day))
    closed = cases.open_case(
        receiving.receive(receiving.Said(source=Source.PHONE, text="All well"))[0],
        reason="complaint",
    )
    cases.close(closed, what_was_done="Called", by=owner)
    Message.objects.all().delete()

    with time_machine.travel(MONDAY, tick=False):
        actions.send_monday_mails()

    told = {
        to: re.findall(
            r"Cili: (.*)\n\n> (.*)", text.split("To put right")[1].split("See it all")[0]
        )
        for to, text in Message.objects.values_list("to_address", "text")
    }
    assert told == {
        "owner@example.com": [
            ("was due Sat, Nov 21", "The coffee was cold"),
            ("due Mon, Nov 23", "I waited for an hour"),
            ("due Tue, Nov 24", "The cup was broken"),
        ],
        "stranger@example.com": [("due Mon, Nov 23", "I waited for an hour")],
    }


def test_a_manager_reads_about_their_place_only(
    owner: Staff,
    stranger: Staff,
    colleague: Staff,
    place: Place,
    other_place: Place,
    answered: Answered,
) -> None:
    StaffRole.objects.create(staff=stranger, role=Role.MANAGER, place=other_place)
    with time_machine.travel(MONDAY, tick=False):
        answered(Metric.NPS, {10: 7}, ago=1, place_id=place.pk)
        answered(Metric.NPS, {0: 4}, ago=1, place_id=other_place.pk)

        actions.send_monday_mails()

    texts = dict(Message.objects.values_list("to_address", "text"))
    assert set(texts) == {"owner@example.com", "stranger@example.com"}
    assert "answers: 11" in texts["owner@example.com"]
    assert "answers: 4" in texts["stranger@example.com"]
    assert "Fő utca" in texts["stranger@example.com"]


def test_twice_in_a_week_is_once(owner: Staff) -> None:
    for day in (23, 23, 27):
        actions.send_monday_mails(today=date(2026, 11, day))
    actions.send_monday_mails(today=date(2026, 11, 30))

    assert Message.objects.count() == 2


def test_two_schedulers_start_it_once_on_monday_at_seven(owner: Staff) -> None:
    entry = next(one for one in SCHEDULE if one.task is write_monday_mails)
    zone = ZoneInfo("Europe/Budapest")
    assert entry.when == Weekly(0, time(7))

    started = [
        start_due([entry], now=now, zone=zone)
        for now in (
            datetime(2026, 11, 23, 5, 59, tzinfo=UTC),
            datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
            datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
            datetime(2026, 11, 24, 6, 0, tzinfo=UTC),
        )
    ]

    assert started == [[], ["insight.monday_mail"], [], []]
    assert Job.objects.filter(task__endswith="write_monday_mails").count() == 1


def test_it_can_be_switched_off(
    owner: Staff, owner_client: Client, colleague_client: Client, stranger_client: Client
) -> None:
    path = "/account/monday-mail/"
    assert "You receive it." in owner_client.get(path).content.decode()

    owner_client.post(path, {"wanted": "no"})
    actions.send_monday_mails()

    assert Message.objects.count() == 0
    assert "You do not receive it." in owner_client.get(path).content.decode()
    assert colleague_client.post(path, {"wanted": "no"}).status_code == 403
    assert stranger_client.get(path).status_code == 403


@pytest.mark.parametrize("language", ["hu", "bg", "et", "ka"])
def test_it_is_written_in_the_persons_language(owner: Staff, language: str) -> None:
    Staff.objects.filter(pk=owner.pk).update(language=language)

    actions.send_monday_mails()

    assert Message.objects.get().language == language
    assert "Your week" not in Message.objects.get().subject
