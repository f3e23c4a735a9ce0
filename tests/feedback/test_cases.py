from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from regulars.accounts.models import Role, Staff, StaffRole
from regulars.business.models import Place
from regulars.core.ids import new_token, token_hash
from regulars.core.models import Moment
from regulars.customers.actions import erasing
from regulars.customers.models import Customer, Pause
from regulars.feedback.actions import cases
from regulars.feedback.models import Case, CaseNote, Feedback, Kind
from regulars.insight.periods import Period
from regulars.insight.queries import scores
from regulars.mailing.models import Channel, Message, Purpose, State
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import SCALES, AskChannel, Invitation, Metric, Response, Survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(said: Callable[..., Feedback]) -> Case:
    """Anna complained about cold soup."""
    return Case.objects.get(feedback=said(kind=Kind.COMPLAINT))


def page(case: Case, name: str) -> str:
    return reverse(f"feedback:{name}", args=[case.public_id])


def events(case: Case) -> list[str]:
    return list(case.notes.order_by("pk").values_list("event", flat=True))


def test_answering_by_mail_happens_once_and_takes_the_case_over(
    case: Case, colleague: Staff, colleague_client: Client, stranger_client: Client
) -> None:
    form = {"submission_id": "reply-1", "text": "Elnézést kérünk."}

    assert stranger_client.post(page(case, "reply"), form).status_code == 403
    for _again in range(2):
        assert colleague_client.post(page(case, "reply"), form).status_code == 302

    case.refresh_from_db()
    assert (case.state, case.owner) == (Case.State.ANSWERED, colleague)
    sent = Message.objects.get(purpose=Purpose.SERVICE)
    assert (sent.to_address, sent.language, sent.sent_by_id) == (
        "anna@example.com",
        "hu",
        colleague.pk,
    )
    assert "Elnézést kérünk." in sent.text
    assert "The soup was cold." in sent.text
    assert events(case) == ["opened", "emailed"]


def test_who_has_a_phone_only_is_answered_by_hand(
    case: Case, colleague_client: Client, anna: Customer
) -> None:
    anna.contact_points.filter(channel="email").delete()

    refused = colleague_client.post(page(case, "reply"), {"submission_id": "r", "text": "Sorry."})
    shared = colleague_client.post(
        page(case, "reply"), {"submission_id": "r", "text": "Sorry.", "way": "hand"}
    )

    assert refused.status_code == 422
    assert "There is no e-mail address to answer to." in refused.content.decode()
    assert (shared.status_code, shared.context["words"]) == (200, "Sorry.")
    assert Message.objects.get(channel=Channel.HAND).text == "Sorry."
    assert events(case) == ["opened", "sent_by_hand"]


def test_closing_needs_what_was_done_and_ends_the_pause(
    case: Case, colleague: Staff, colleague_client: Client, anna: Customer
) -> None:
    assert Pause.objects.filter(customer=anna, key=case.pause_key).exists()

    empty = colleague_client.post(page(case, "close"), {"what_was_done": " "})
    colleague_client.post(page(case, "close"), {"what_was_done": "A new soup and an apology."})

    assert empty.status_code == 422
    case.refresh_from_db()
    assert (case.state, case.what_was_done, case.owner) == (
        Case.State.CLOSED,
        "A new soup and an apology.",
        colleague,
    )
    assert not Pause.objects.exists()
    assert Moment.objects.filter(kind="case.closed").count() == 1


def test_only_managers_touch_what_is_somebody_elses(
    case: Case, colleague: Staff, owner: Staff, place: Place, owner_client: Client
) -> None:
    other = Staff.objects.create_user("other@example.com", "a long enough password", name="Otto")
    StaffRole.objects.create(staff=other, role=Role.STAFF, place=place)
    cases.take_over(case, by=colleague)

    for deed in (
        lambda: cases.take_over(case, by=other),
        lambda: cases.close(case, what_was_done="Mine now.", by=other),
        lambda: cases.reopen(case, by=other),
    ):
        with pytest.raises(cases.CaseError) as refused:
            deed()
        assert refused.value.code == "not_yours"
    owner_client.post(page(case, "assign"), {"person": other.public_id})

    case.refresh_from_db()
    assert case.owner == other
    assert events(case) == ["opened", "taken", "assigned"]
    alert = Message.objects.filter(purpose=Purpose.ALERT).latest("pk")
    assert alert.to_address == "other@example.com"


def test_a_case_cannot_be_given_to_somebody_of_another_place(
    case: Case, owner: Staff, other_place: Place, owner_client: Client
) -> None:
    elsewhere = Staff.objects.create_user("far@example.com", "a long enough password", name="Far")
    StaffRole.objects.create(staff=elsewhere, role=Role.STAFF, place=other_place)

    assert (
        owner_client.post(page(case, "assign"), {"person": elsewhere.public_id}).status_code == 422
    )
    with pytest.raises(cases.CaseError):
        cases.assign(case, to=elsewhere, by=owner)


@pytest.mark.parametrize(
    ("score", "outcome", "state"),
    [
        (5, Case.Outcome.PUT_RIGHT, Case.State.CLOSED),
        (4, Case.Outcome.PUT_RIGHT, Case.State.CLOSED),
        (3, Case.Outcome.PARTLY, Case.State.CLOSED),
        (2, Case.Outcome.NOT_PUT_RIGHT, Case.State.OPEN),
        (1, Case.Outcome.NOT_PUT_RIGHT, Case.State.OPEN),
    ],
)
def test_the_customer_says_whether_it_was_put_right(
    case: Case,
    colleague: Staff,
    colleague_client: Client,
    csat: Survey,
    work: Callable[[], None],
    score: int,
    outcome: Case.Outcome,
    state: str,
) -> None:
    cases.close(case, what_was_done="A new soup.", by=colleague)
    asked = cases.ask_again(case, channel=AskChannel.HAND, by=colleague)
    invitation = Invitation.objects.get(token_hash=token_hash(asked.token))

    given = answers.Answer(submission_id=new_token(), score=score, comment="Well.")
    answers.submit_invited(invitation, given)
    work()

    case.refresh_from_db()
    assert (case.outcome, case.state) == (outcome, state)
    assert outcome.value in events(case)
    shown = colleague_client.get(case.get_absolute_url()).content.decode()
    says = {
        "put_right": "put right",
        "partly": "put right in part",
        "not_put_right": "not put right",
    }
    assert f"{says[outcome]}, says the customer" in shown
    assert f"The customer says it was {says[outcome]}<" in shown
    assert Case.objects.count() == 1
    assert Pause.objects.exists() == (state == Case.State.OPEN)
    assert [one.text for one in Feedback.objects.order_by("pk")] == ["The soup was cold.", "Well."]


@pytest.mark.parametrize(
    ("metric", "right", "partly", "wrong"),
    [
        (Metric.CSAT, [4, 5], [3], [1, 2]),
        (Metric.CSAT_STARS, [4, 5], [3], [1, 2]),
        (Metric.CSAT_1_7, [6, 7], [4, 5], [1, 2, 3]),
        (Metric.CSAT_1_10, [9, 10], [5, 6, 7, 8], [1, 2, 3, 4]),
    ],
)
def test_what_was_put_right_in_part_is_known_on_every_scale(
    metric: Metric, right: list[int], partly: list[int], wrong: list[int]
) -> None:
    told: dict[str, list[int]] = {}
    for score in range(SCALES[metric][0], SCALES[metric][1] + 1):
        outcome = cases.outcome_of(Response(metric=metric, score=score))
        told.setdefault(outcome, []).append(score)

    assert told == {"put_right": right, "partly": partly, "not_put_right": wrong}


def test_while_the_question_waits_for_its_answer_nobody_is_asked_again(
    case: Case, colleague: Staff, colleague_client: Client
) -> None:
    ask = "Ask whether it was put right:"
    cases.close(case, what_was_done="A new soup.", by=colleague)
    for _again in range(2):
        colleague_client.post(page(case, "ask_again"), {"way": "email"})
    by_hand = colleague_client.post(page(case, "ask_again"), {"way": "hand"}, follow=True)

    assert "The customer was asked already and can still answer." in by_hand.content.decode()
    assert "Asked by e-mail whether it was put right:" in by_hand.content.decode()
    assert ask not in by_hand.content.decode()
    assert Message.objects.filter(purpose=Purpose.SURVEY).count() == 1
    assert events(case) == ["opened", "closed", "asked"]

    Invitation.objects.update(expires_at=timezone.now())
    assert ask in colleague_client.get(case.get_absolute_url()).content.decode()
    colleague_client.post(page(case, "ask_again"))
    assert Message.objects.filter(purpose=Purpose.SURVEY).count() == 2


def test_a_question_that_did_not_arrive_may_be_asked_by_hand(
    case: Case, colleague: Staff, colleague_client: Client
) -> None:
    cases.ask_again(case, channel=AskChannel.EMAIL, by=colleague)
    Message.objects.filter(purpose=Purpose.SURVEY).update(state=State.BOUNCED)

    shared = colleague_client.post(page(case, "ask_again"), {"way": "hand"})

    assert (shared.status_code, "/s/" in shared.context["words"]) == (200, True)


def test_a_link_to_hand_over_that_was_lost_is_replaced_by_another(
    case: Case, colleague: Staff, colleague_client: Client
) -> None:
    tokens = [
        cases.ask_again(case, channel=AskChannel.HAND, by=colleague).token for _again in range(2)
    ]
    first, second = (Invitation.objects.get(token_hash=token_hash(one)) for one in tokens)

    with pytest.raises(answers.AnswerError) as refused:
        answers.submit_invited(first, answers.Answer(submission_id="a", score=5))
    assert refused.value.code == "expired"
    shown = colleague_client.get(case.get_absolute_url()).content.decode()
    assert ("Asked by hand whether" in shown, "Make a new link" in shown) == (True, True)
    with pytest.raises(cases.CaseError):
        cases.ask_again(case, channel=AskChannel.EMAIL, by=colleague)
    assert answers.submit_invited(second, answers.Answer(submission_id="b", score=5))[1]
    assert "Asked by hand" not in colleague_client.get(case.get_absolute_url()).content.decode()


def test_the_question_is_whether_it_was_put_right_and_counts_nowhere_else(
    case: Case, colleague: Staff, csat: Survey, work: Callable[[], None]
) -> None:
    before = scores.reading(Metric.CSAT, Period("month", timezone.localdate()))
    asked = cases.ask_again(case, channel=AskChannel.EMAIL, by=colleague)
    invitation = Invitation.objects.get(token_hash=token_hash(asked.token))

    assert invitation.survey.trigger == Survey.Trigger.AFTER_CASE
    mail = Message.objects.latest("pk")
    assert mail.subject == "Sikerült megoldanunk?"
    assert "mennyire elégedett azzal, ahogyan megoldottuk a problémát?" in mail.html

    answers.submit_invited(invitation, answers.Answer(submission_id=new_token(), score=5))
    work()
    case.refresh_from_db()
    assert case.outcome == Case.Outcome.PUT_RIGHT
    assert scores.reading(Metric.CSAT, Period("month", timezone.localdate())) == before
    cases.ask_again(case, channel=AskChannel.HAND, by=colleague)
    assert Survey.objects.filter(trigger=Survey.Trigger.AFTER_CASE).count() == 1


def test_an_owner_who_closes_that_question_is_asked_for_it_no_more(
    case: Case, colleague: Staff, owner: Staff, colleague_client: Client
) -> None:
    ask = "Ask whether it was put right:"
    assert ask in colleague_client.get(case.get_absolute_url()).content.decode()
    survey = designs.survey_about_mending(by=owner)
    assert survey is not None
    designs.change_survey(survey, is_open=False, by=owner)

    assert ask not in colleague_client.get(case.get_absolute_url()).content.decode()
    with pytest.raises(cases.CaseError):
        cases.ask_again(case, channel=AskChannel.HAND, by=colleague)


def test_putting_that_question_away_ends_it_too(
    case: Case, colleague: Staff, owner: Staff, colleague_client: Client
) -> None:
    survey = designs.survey_about_mending(by=owner)
    assert survey is not None
    designs.archive_survey(survey, by=owner)

    ask = "Ask whether it was put right:"
    assert ask not in colleague_client.get(case.get_absolute_url()).content.decode()
    with pytest.raises(cases.CaseError):
        cases.ask_again(case, channel=AskChannel.HAND, by=colleague)
    assert Survey.objects.count() == 1
    assert not Invitation.objects.exists()


def test_who_did_not_agree_to_questions_is_not_asked_and_it_is_written_down(
    case: Case, csat: Survey, colleague: Staff, anna: Customer
) -> None:
    anna.consents.all().delete()

    asked = cases.ask_again(case, channel=AskChannel.EMAIL, by=colleague)

    assert not asked.decision.was_asked
    note = case.notes.latest("pk")
    assert (note.event, note.text) == (CaseNote.Event.NOT_ASKED, "no_consent")
    case.refresh_from_db()
    assert case.outcome == Case.Outcome.UNKNOWN


def test_the_list_and_the_page_show_what_a_colleague_needs(
    case: Case,
    colleague_client: Client,
    stranger_client: Client,
    other_place: Place,
    said: Callable[..., Feedback],
) -> None:
    foreign = Case.objects.get(feedback=said("Far.", place=other_place, kind=Kind.COMPLAINT))

    listed = colleague_client.get("/cases/").context
    shown = colleague_client.get(page(case, "case") + "?text=sorry")

    assert [one.pk for one in listed["table"].page] == [case.pk]
    assert listed["counts"] == {"all": 1, "mine": 0, "overdue": 0, "closed": 0}
    assert (
        "Tisztelt Kovács Anna!\n\nKöszönjük, hogy megírta. Sajnáljuk"
        in shown.context["reply_form"]["text"].value()
    )
    assert shown.context["purchases"] == []
    assert colleague_client.get(page(foreign, "case")).status_code == 404
    assert stranger_client.get("/cases/").status_code == 403


def test_erasing_the_customer_takes_the_words_away(
    case: Case, colleague: Staff, anna: Customer, owner: Staff
) -> None:
    cases.add_note(case, "Anna called again.", by=colleague)
    cases.close(case, what_was_done="Anna got a new soup.", by=colleague)

    erasing.erase(anna, by=owner)

    feedback = Feedback.objects.get()
    case.refresh_from_db()
    assert (feedback.customer, feedback.text, feedback.search_key) == (None, "", "")
    assert (case.what_was_done, case.is_closed) == ("", True)
    assert set(case.notes.values_list("text", flat=True)) == {""}
