from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from regulars.accounts.actions import staff
from regulars.accounts.models import Staff
from regulars.business.models import Business, Department, Place, Touchpoint
from regulars.core.models import Job, Moment
from regulars.customers.models import Customer, Pause
from regulars.feedback.actions import cases, receiving
from regulars.feedback.models import Case, CaseNote, Feedback, Feeling, Kind, Praise, Source
from regulars.mailing.models import Message, Purpose
from regulars.surveys.models import Response, Survey

pytestmark = pytest.mark.django_db
Answering = Callable[..., Response]


def test_a_comment_comes_into_the_inbox_with_what_was_read_in_it(
    answer: Answering, work: Callable[[], None], anna: Customer, place: Place
) -> None:
    response = answer(5, "A kiszolgálás nagyon kedves volt, köszönöm!")

    work()

    stored = Feedback.objects.get()
    assert (stored.response, stored.customer, stored.place) == (response, anna, place)
    assert (stored.source, stored.text) == (Source.SURVEY, response.comment)
    assert (stored.language, stored.feeling, stored.feeling_is_guess) == ("hu", "positive", False)
    assert stored.topics == ["staff"]
    assert (stored.kind, stored.kind_is_guess) == (Kind.PRAISE, True)
    assert not Case.objects.exists()
    assert Praise.objects.get().feedback == stored


def test_a_good_score_without_words_is_no_feedback(
    answer: Answering, work: Callable[[], None]
) -> None:
    answer(5)

    work()

    assert not Feedback.objects.exists()


def test_a_weak_score_opens_a_case_pauses_offers_and_tells_the_owner(
    answer: Answering, work: Callable[[], None], anna: Customer, owner: Staff, business: Business
) -> None:
    business.opening_hours = {"mon": [["08:00", "18:00"]]}
    business.save(update_fields=["opening_hours"])
    with time_machine.travel(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), tick=False):
        answer(2)
        work()

    case = Case.objects.get()
    assert (case.reason, case.state, case.owner) == (Case.Reason.WEAK_SCORE, Case.State.OPEN, None)
    assert case.due_at == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    assert [note.event for note in case.notes.all()] == [CaseNote.Event.OPENED]
    pause = Pause.objects.get()
    assert (pause.customer, pause.kind, pause.key) == (anna, "open_complaint", f"case:{case.pk}")
    alert = Message.objects.get(purpose=Purpose.ALERT)
    assert alert.to_address == owner.email
    assert f"/cases/{case.public_id}/#reply" in alert.text
    assert Moment.objects.filter(kind="case.opened", customer_id=anna.pk).count() == 1


def test_a_score_that_is_not_weak_opens_none_and_the_border_is_kept(
    answer: Answering, work: Callable[[], None]
) -> None:
    answer(3, "It was all right.")

    work()

    assert not Case.objects.exists()


def test_words_that_complain_open_a_case_even_without_a_score(
    said: Callable[..., Feedback], work: Callable[[], None]
) -> None:
    stored = said("A leves hideg volt és másfél órát kellett várni. Borzalmas volt.")

    work()

    stored.refresh_from_db()
    assert (stored.feeling, stored.feeling_is_guess) == (Feeling.NEGATIVE, True)
    assert (stored.kind, stored.kind_is_guess) == (Kind.COMPLAINT, True)
    assert Case.objects.get().reason == Case.Reason.COMPLAINT


SUES = "There was glass in my soup and I bled. I will sue you, my lawyer will call."
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("score", [None, 1])
def test_an_urgent_matter_is_due_in_two_hours_whatever_opened_the_case(
    answer: Answering,
    said: Callable[..., Feedback],
    work: Callable[[], None],
    owner: Staff,
    score: int | None,
) -> None:
    with time_machine.travel(NOON, tick=False):
        said(SUES) if score is None else answer(score, SUES)
        work()

    case = Case.objects.get()
    assert (case.reason, case.due_at) == (Case.Reason.URGENT, NOON + timedelta(hours=2))
    alerts = Message.objects.filter(purpose=Purpose.ALERT, to_address=owner.email).order_by("pk")
    assert [one.subject for one in alerts][-1] == "Urgent, to put right: Kovács Anna"
    assert "Urgent: safety or health, legal steps" in alerts[len(alerts) - 1].text
    assert len(alerts) == (1 if score is None else 2)


def test_an_urgent_matter_is_never_due_later_than_it_was(
    said: Callable[..., Feedback], work: Callable[[], None]
) -> None:
    with time_machine.travel(NOON, tick=False):
        said(SUES, kind=Kind.COMPLAINT)
    with time_machine.travel(NOON + timedelta(hours=7), tick=False):
        work()

    case = Case.objects.get()
    assert (case.reason, case.due_at) == (Case.Reason.URGENT, NOON + timedelta(hours=8))
    assert [note.event for note in case.notes.order_by("pk")] == ["opened", "urgent"]


@pytest.mark.parametrize("state", [Case.State.ANSWERED, Case.State.CLOSED])
def test_what_was_answered_before_the_words_were_read_alerts_nobody_again(
    said: Callable[..., Feedback], work: Callable[[], None], owner: Staff, state: str
) -> None:
    case = Case.objects.get(feedback=said(SUES, kind=Kind.COMPLAINT))
    if state == Case.State.CLOSED:
        cases.close(case, what_was_done="Called at once.", by=owner)
    else:
        cases.reply_by_email(case, "We are very sorry.", by=owner, submission_id="r")
    due = case.due_at

    work()

    case.refresh_from_db()
    is_closed = state == Case.State.CLOSED
    assert (case.state, case.reason == Case.Reason.URGENT) == (state, not is_closed)
    assert Message.objects.filter(purpose=Purpose.ALERT).count() == 1
    assert case.due_at <= due


def test_what_a_person_says_it_is_is_not_overruled(
    said: Callable[..., Feedback], work: Callable[[], None]
) -> None:
    stored = said("The soup was cold and awful, a terrible evening.", kind=Kind.SUGGESTION)

    work()

    stored.refresh_from_db()
    assert (stored.kind, stored.kind_is_guess) == (Kind.SUGGESTION, False)
    assert not Case.objects.exists()


def test_a_reaction_that_runs_again_changes_nothing(
    answer: Answering, work: Callable[[], None]
) -> None:
    answer(1, "Cold soup.")
    work()
    before = (Feedback.objects.count(), Case.objects.count(), Message.objects.count())

    Job.objects.filter(task__contains="reacting").update(status="ready")
    Job.objects.filter(task__contains="feedback").update(status="ready")
    work()

    assert (Feedback.objects.count(), Case.objects.count(), Message.objects.count()) == before
    assert before == (1, 1, 1)


def test_nothing_said_is_refused(business: Business) -> None:
    with pytest.raises(receiving.FeedbackError) as refused:
        receiving.receive(receiving.Said(source=Source.PHONE, text=" \x00 "))

    assert refused.value.code == "nothing_said"
    assert not Feedback.objects.exists()


def test_the_one_employee_whom_words_name_is_found(
    said: Callable[..., Feedback], work: Callable[[], None], colleague: Staff, csat: Survey
) -> None:
    stored = said("Köszönöm Colinnak a kedvességét, nagyon jó volt!", kind=Kind.PRAISE)

    work()

    assert Praise.objects.get(feedback=stored).employee == colleague


def alerted(feedback: Feedback) -> set[str]:
    """Who was told by mail of the case that something became."""
    case = Case.objects.get(feedback=feedback)
    alerts = Message.objects.filter(purpose=Purpose.ALERT, key__startswith=f"case-alert:{case.pk}:")
    return set(alerts.values_list("to_address", flat=True))


@pytest.fixture
def kitchen(owner: Staff, colleague: Staff) -> Department:
    """A team that the colleague of the first place answers for."""
    team = Department.objects.create(name="Kitchen", slug="kitchen")
    staff.answer_for(colleague, [team], by=owner)
    return team


def test_who_answers_for_the_team_is_told_as_well(
    kitchen: Department, place: Place, owner: Staff, colleague: Staff
) -> None:
    food = Touchpoint.objects.create(name="Food", slug="food", department=kitchen)
    said = receiving.Said(
        source=Source.WEB_FORM, text="Cold.", kind=Kind.COMPLAINT, place=place, touchpoint=food
    )

    feedback = receiving.receive(said)[0]

    assert alerted(feedback) == {owner.email, colleague.email}


def test_they_are_told_once_the_words_say_which_team(
    kitchen: Department, place: Place, owner: Staff, colleague: Staff, work: Callable[[], None]
) -> None:
    said = receiving.Said(
        source=Source.WEB_FORM, text="The soup was cold and tasteless.", kind=Kind.COMPLAINT,
        place=place,
    )  # fmt: skip
    feedback = receiving.receive(said)[0]
    assert alerted(feedback) == {owner.email}

    work()

    feedback.refresh_from_db()
    assert feedback.department == kitchen
    assert alerted(feedback) == {owner.email, colleague.email}


def test_who_has_no_business_at_the_place_is_not_told(
    kitchen: Department, other_place: Place, owner: Staff
) -> None:
    food = Touchpoint.objects.create(name="Food", slug="food", department=kitchen)
    said = receiving.Said(
        source=Source.WEB_FORM,
        text="Cold.",
        kind=Kind.COMPLAINT,
        place=other_place,
        touchpoint=food,
    )

    assert alerted(receiving.receive(said)[0]) == {owner.email}
