"""The survey pages of the console, the personal page of a customer, and paper."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.customers.models import Customer, Pause
from regulars.mailing.models import Message
from regulars.surveys.actions import answers, asking, runs
from regulars.surveys.models import AskDecision, AskRun, Invitation, Metric, Response, Survey
from tests.surveys.test_asking import new_customer


def url(name: str, *args: str) -> str:
    return reverse(f"surveys:{name}", args=args)


def test_the_empty_list_offers_three_ready_surveys(owner_client: Client) -> None:
    page = owner_client.get(url("surveys")).content.decode()

    assert [url("take_ready", m) in page for m in ("nps", "csat", "ces")] == [True] * 3
    assert "How likely are you to recommend Café Mandula" in page


@pytest.mark.parametrize("metric", ["nps", "csat", "ces"])
def test_one_click_makes_a_survey_that_takes_answers(owner_client: Client, metric: str) -> None:
    owner_client.post(url("take_ready", metric))

    survey = Survey.objects.get()
    assert (survey.metric, survey.is_open) == (metric, True)
    assert Client().get(f"/o/{survey.open_token}/").status_code == 200


def test_there_is_no_other_ready_survey(owner_client: Client) -> None:
    assert owner_client.post(url("take_ready", "nps_1_10")).status_code == 404


def test_making_a_survey(owner_client: Client) -> None:
    form = {"name": "Ease", "metric": "ces", "trigger": "after_purchase", "delay_hours": "2"}
    owner_client.post(url("new"), form)

    made = Survey.objects.values_list("name", "metric", "trigger", "delay_hours", "pause_days")
    assert list(made) == [("Ease", "ces", "after_purchase", 2, 30)]


def test_own_words_make_a_new_version(owner_client: Client, nps: Survey) -> None:
    page = owner_client.get(url("change", nps.public_id)).content.decode()
    form = {
        "name": "Own", "trigger": "by_hand", "delay_hours": "24", "pause_days": "60",
        "hu-question": "Ajánlana minket?",
    }  # fmt: skip
    owner_client.post(url("change", nps.public_id), form)

    nps.refresh_from_db()
    assert 'placeholder="How likely are you to recommend Café Mandula' in page
    assert (nps.name, nps.pause_days) == ("Own", 60)
    assert nps.texts == {"hu": {"question": "Ajánlana minket?"}}
    assert nps.versions.count() == 2


def test_what_it_measures_cannot_be_changed(owner_client: Client, nps: Survey) -> None:
    form = {
        "name": "x", "trigger": "by_hand", "delay_hours": "1", "pause_days": "1", "metric": "ces"
    }  # fmt: skip
    owner_client.post(url("change", nps.public_id), form)

    nps.refresh_from_db()
    assert (nps.name, nps.metric) == ("x", "nps")


def test_wrong_values_are_told(owner_client: Client, nps: Survey) -> None:
    answer = owner_client.post(url("change", nps.public_id), {"name": ""})

    assert answer.status_code == 422


def test_the_page_of_a_survey(owner_client: Client, nps: Survey, anna: Customer) -> None:
    nobody = new_customer(1)
    Pause.objects.create(customer=nobody, kind="silence", since=timezone.now())
    token = asking.ask(anna, nps).token
    asking.ask(nobody, nps)
    Client().post(f"/s/{token}/", {"submission_id": "1", "score": "4", "comment": "<b>Hideg</b>"})

    page = owner_client.get(url("survey", nps.public_id)).content.decode()

    assert f"/o/{nps.open_token}/" in page
    assert "&lt;b&gt;Hideg&lt;/b&gt;" in page
    assert "100% of those asked" in page
    assert "Not asked: the customer wants silence." in page


def test_closing_and_opening(owner_client: Client, nps: Survey) -> None:
    owner_client.post(url("set_open", nps.public_id))
    nps.refresh_from_db()
    was_open = nps.is_open
    owner_client.post(url("set_open", nps.public_id), {"is_open": "1"})
    nps.refresh_from_db()

    assert (was_open, nps.is_open) == (False, True)


def test_a_survey_put_away_is_gone_from_the_list(owner_client: Client, nps: Survey) -> None:
    owner_client.post(url("archive", nps.public_id))

    assert owner_client.get(url("survey", nps.public_id)).status_code == 404
    assert b"This survey is over" in Client().get(f"/o/{nps.open_token}/").content


def test_the_preview_speaks_every_language(owner_client: Client, csat: Survey) -> None:
    page = owner_client.get(url("preview", csat.public_id)).content.decode()

    assert [f'<section lang="{code}"' in page for code, _ in settings.LANGUAGES] == [True] * 5
    assert page.count('type="radio"') == 25


def test_the_qr_code_is_a_picture_of_the_open_link(owner_client: Client, nps: Survey) -> None:
    answer = owner_client.get(url("qr", nps.public_id))

    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")


@pytest.mark.parametrize("language", ["hu", "ka", "xx"])
def test_the_poster(owner_client: Client, nps: Survey, language: str) -> None:
    page = owner_client.get(url("poster", nps.public_id) + f"?language={language}")
    shown = language if language != "xx" else "en"

    assert f'class="survey-poster sheet" lang="{shown}"' in page.content.decode()


def test_the_rules(owner_client: Client) -> None:
    owner_client.post(url("rules"), {"days_between_asks": "21", "asks_a_year": "4"})

    assert 'value="21"' in owner_client.get(url("rules")).content.decode()


def test_asking_a_list_says_first_what_will_come_of_it(
    owner_client: Client, nps: Survey, anna: Customer
) -> None:
    Pause.objects.create(customer=new_customer(1), kind="silence", since=timezone.now())
    page = owner_client.get(url("ask", nps.public_id)).content.decode()

    assert "Ask one customer" in page
    assert "Not asked: the customer wants silence." in page
    assert "change of 10 points, you need 942 answers" in page
    assert (AskDecision.objects.count(), AskRun.objects.count()) == (0, 0)


def test_the_share_of_satisfied_needs_its_own_number(owner_client: Client, csat: Survey) -> None:
    page = owner_client.get(url("ask", csat.public_id)).content.decode()

    assert "10 in 100 satisfied customers, you need 393 answers" in page


def test_a_list_is_asked_once_though_sent_twice(
    owner_client: Client, nps: Survey, anna: Customer
) -> None:
    new_customer(1, language="et")
    form = {"key": "k", "language": "hu"}
    places = {owner_client.post(url("ask", nps.public_id), form).url for _ in range(2)}
    run = AskRun.objects.get()
    waiting = owner_client.get(places.pop()).content.decode()
    runs.ask_batch(run.pk)
    done = owner_client.get(url("run", run.public_id)).content.decode()

    assert places == set()
    assert "hx-trigger" in waiting
    assert "The messages are in the outbox." in done
    assert list(Invitation.objects.values_list("customer", flat=True)) == [anna.pk]


def test_an_unknown_audience_is_refused(owner_client: Client, nps: Survey) -> None:
    assert owner_client.get(url("ask", nps.public_id) + "?segment=rich").status_code == 422


def test_stopping(owner_client: Client, nps: Survey, owner: Staff) -> None:
    run, _ = runs.start_run(nps, {}, key="k", by=owner)
    owner_client.post(url("stop", run.public_id))

    run.refresh_from_db()
    assert run.is_over


def test_a_customer_is_asked_and_the_decisions_are_shown(
    colleague_client: Client, anna: Customer, nps: Survey
) -> None:
    for _ in range(2):
        colleague_client.post(url("ask_customer", nps.public_id, anna.public_id))
    page = colleague_client.get(url("customer", anna.public_id)).content.decode()

    assert list(AskDecision.objects.order_by("pk").values_list("reason", flat=True)) == [
        "asked",
        "same_kind_lately",
    ]
    assert page.count("Not asked: answered or was asked this lately.") >= 2


def test_the_customers_page_shows_answers_and_decisions(
    owner_client: Client, anna: Customer, nps: Survey
) -> None:
    token = asking.ask(anna, nps).token
    Client().post(f"/s/{token}/", {"submission_id": "1", "score": "8", "comment": "Rendben"})

    page = owner_client.get(anna.get_absolute_url()).content.decode()

    assert "Rendben" in page
    assert "Asked." in page
    assert "Answered 8" in page


def test_asking_by_hand(colleague_client: Client, anna: Customer, nps: Survey) -> None:
    page = colleague_client.post(url("by_hand", nps.public_id, anna.public_id)).content.decode()
    invitation = Invitation.objects.get()
    before = Message.objects.count()
    token = page.split('name="token" value="')[1].split('"')[0]

    colleague_client.post(url("handed_over", invitation.public_id), {"token": token})

    assert before == 0
    assert f"/s/{token}/" in Message.objects.get().text
    assert Client().get(f"/s/{token}/").status_code == 200


def test_by_hand_says_why_not(colleague_client: Client, anna: Customer, nps: Survey) -> None:
    asking.ask(anna, nps)
    answer = colleague_client.post(url("by_hand", nps.public_id, anna.public_id), follow=True)

    assert "Not asked: answered or was asked this lately." in answer.content.decode()
    assert Invitation.objects.count() == 1


def test_typing_in_an_answer(
    colleague_client: Client, colleague: Staff, anna: Customer, csat: Survey
) -> None:
    address = url("type_in", csat.public_id, anna.public_id)
    page = colleague_client.get(address).content.decode()
    colleague_client.post(address, {"submission_id": "1", "score": "5", "version": "1"})
    wrong = colleague_client.post(address, {"submission_id": "2", "score": "6"})

    response = Response.objects.get()
    assert 'lang="hu"' in page
    assert (response.score, response.customer, response.typed_by) == (5, anna, colleague)
    assert (response.channel, wrong.status_code) == ("staff", 422)


def test_what_is_held_back(owner_client: Client, nps: Survey) -> None:
    version = answers.current_version(nps)
    for number in range(3):
        given = answers.Answer(submission_id=str(number), score=number, comment=f"junk {number}")
        answers.submit_open(nps, version, given, is_quarantined=True)
    one, two, three = Response.objects.order_by("pk")

    page = owner_client.get(url("held_back")).content.decode()
    listed = owner_client.get(url("surveys")).content.decode()
    owner_client.post(url("accept", one.public_id))
    owner_client.post(url("delete", two.public_id))
    left = list(Response.objects.order_by("pk").values_list("score", "is_quarantined"))
    owner_client.post(url("delete_all_held_back"), {"upto": three.public_id})

    assert "junk 1" in page
    assert "3 answers look like junk" in listed
    assert left == [(0, False), (2, True)]
    assert list(Response.objects.values_list("score", flat=True)) == [0]


def test_an_answer_that_counts_cannot_be_deleted(owner_client: Client, nps: Survey) -> None:
    given = answers.Answer(submission_id="1", score=3)
    response, _ = answers.submit_open(nps, answers.current_version(nps), given)

    assert owner_client.post(url("delete", response.public_id)).status_code == 404
    assert Response.objects.count() == 1


@pytest.mark.parametrize("name", ["surveys", "new", "rules", "held_back"])
def test_a_stranger_sees_nothing(stranger_client: Client, name: str) -> None:
    assert stranger_client.get(url(name)).status_code == 403


@pytest.mark.parametrize("name", ["survey", "preview", "poster", "qr", "change", "ask"])
def test_a_stranger_sees_no_survey(stranger_client: Client, nps: Survey, name: str) -> None:
    assert stranger_client.get(url(name, nps.public_id)).status_code == 403


def test_staff_may_not_change_surveys(colleague_client: Client, nps: Survey) -> None:
    statuses = [
        colleague_client.post(url(name, nps.public_id)).status_code
        for name in ("change", "set_open", "archive", "ask")
    ]

    assert statuses == [403] * 4
    assert Survey.objects.get().metric == Metric.NPS
