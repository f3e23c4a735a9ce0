"""The survey that asks whether something was put right: one, from cases only, counted apart."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from regulars.accounts.models import Staff
from regulars.business.models import Business, Touchpoint
from regulars.customers.models import Customer
from regulars.surveys import queries
from regulars.surveys.actions import answers, asking, designs, runs
from regulars.surveys.forms import SurveyForm
from regulars.surveys.models import (
    AskChannel,
    AskDecision,
    AskRun,
    Metric,
    Response,
    Survey,
    SurveyVersion,
)
from tests.surveys.test_api import key, read, send
from tests.two_at_once import ON_POSTGRESQL, two_at_once

__all__ = ["key"]
pytestmark = pytest.mark.django_db
AFTER_CASE = Survey.Trigger.AFTER_CASE
APART = {
    "en": "Only the survey that belongs to the cases asks whether something was put right",
    "hu": "Csak az ügyekhez tartozó kérdőív kérdezi meg, hogy sikerült-e megoldani",
    "bg": "Само анкетата към случаите пита дали проблемът е решен",
    "et": "Ainult juhtumite juurde kuuluv küsitlus küsib, kas asi on lahendatud",
    "ka": "მხოლოდ საკითხებთან დაკავშირებული გამოკითხვით ვეკითხებით, მოგვარდა თუ არა",
}


@pytest.fixture
def mending(business: Business, owner: Staff) -> Survey:
    survey = designs.survey_about_mending(by=owner)
    assert survey is not None
    return survey


def url(name: str, *args: str) -> str:
    return reverse(f"surveys:{name}", args=args)


def test_no_other_survey_becomes_it_and_it_becomes_no_other(
    nps: Survey, mending: Survey, owner: Staff
) -> None:
    for survey, trigger in ((nps, AFTER_CASE), (mending, Survey.Trigger.BY_HAND)):
        with pytest.raises(designs.CountedApartError):
            designs.change_survey(survey, trigger=trigger, by=owner)
    with pytest.raises(designs.CountedApartError) as refused:
        designs.make_survey(name="S", metric=Metric.CSAT, trigger=AFTER_CASE, by=owner)

    assert dict(Survey.objects.values_list("name", "trigger")) == {
        "Recommendation": "by_hand",
        "Put right?": "after_case",
    }
    told = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            told[code] = str(refused.value)
    assert {code: told[code].startswith(words) for code, words in APART.items()} == dict.fromkeys(
        APART, True
    ), told


def test_the_forms_offer_it_to_no_other_survey(
    nps: Survey, mending: Survey, owner_client: Client
) -> None:
    form = {"name": "New", "metric": "csat", "trigger": "after_case", "delay_hours": "1"}
    forms = {
        "other": SurveyForm(survey=nps),
        "new": SurveyForm(),
        "own": SurveyForm(survey=mending),
    }

    offered = {
        name: [code for code, _label in one["trigger"].field.choices] for name, one in forms.items()
    }
    assert offered == {
        "other": ["by_hand", "after_purchase"],
        "new": ["by_hand", "after_purchase"],
        "own": ["after_case"],
    }
    assert owner_client.post(url("new"), form).status_code == 422
    changed = {"name": "N", "trigger": "after_case", "delay_hours": "1", "pause_days": "1"}
    assert owner_client.post(url("change", nps.public_id), changed).status_code == 422
    changed["trigger"] = "by_hand"
    assert owner_client.post(url("change", mending.public_id), changed).status_code == 302
    mending.refresh_from_db()
    assert (mending.name, mending.trigger) == ("N", AFTER_CASE)
    assert Survey.objects.count() == 2


def test_only_a_question_of_satisfaction_asks_it(business: Business, owner: Staff) -> None:
    other = designs.make_survey(name="Ease", metric=Metric.CES, by=owner)
    Survey.objects.update(trigger=AFTER_CASE)  # as it could be set before

    survey = designs.survey_about_mending(by=owner)

    assert survey is not None
    assert (survey.metric, survey == other) == (Metric.CSAT, False)
    assert queries.can_ask_about_mending()


def test_its_page_offers_no_way_to_ask_without_a_case(
    nps: Survey, mending: Survey, owner_client: Client
) -> None:
    def offered(survey: Survey) -> list[bool]:
        page = owner_client.get(url("survey", survey.public_id)).content.decode()
        parts = [url(name, survey.public_id) for name in ("ask", "qr", "poster")]
        return [part in page for part in (*parts, survey.open_token)]

    assert (offered(nps), offered(mending)) == ([True] * 4, [False] * 4)


def test_nobody_is_asked_it_without_a_case(
    mending: Survey, anna: Customer, owner: Staff, owner_client: Client, key: str
) -> None:
    for name in ("ask", "qr", "poster"):
        assert owner_client.get(url(name, mending.public_id)).status_code == 404
    assert owner_client.post(url("ask", mending.public_id), {"key": "k"}).status_code == 404
    for name in ("ask_customer", "by_hand", "type_in"):
        given = {"submission_id": "s", "score": "5", "version": "1"}
        page = url(name, mending.public_id, anna.public_id)
        assert owner_client.post(page, given).status_code == 404
    for page in (f"/o/{mending.open_token}/", f"/o/{mending.open_token}/thanks/"):
        assert Client().get(page).status_code == 404
    posted = {"submission_id": "s", "score": "5"}
    assert Client().post(f"/o/{mending.open_token}/", posted).status_code == 404

    sent = [
        send(key, f"/surveys/{mending.public_id}/invitations", {"customer": anna.public_id}),
        send(key, f"/surveys/{mending.public_id}/answers", {"score": 5}, once="k2"),
    ]
    assert [(one.status_code, one.json()["code"]) for one in sent] == [
        (409, "asked_from_cases")
    ] * 2
    assert [one["open_link"] for one in read(key, "/surveys").json()] == [""]
    with pytest.raises(answers.AskedFromCasesError):
        runs.start_run(mending, {}, key="k", by=owner)
    kept = (AskDecision, AskRun, Response)
    assert [model.objects.count() for model in kept] == [0, 0, 0]

    asked = asking.ask(anna, mending, channel=AskChannel.HAND, case_id=1, by=owner)
    assert asked.decision.was_asked


def test_a_survey_from_before_asks_what_it_asked_until_its_stage_is_changed(
    business: Business, owner_client: Client
) -> None:
    stages = {
        slug: Touchpoint.objects.create(slug=slug, name=slug) for slug in ("food", "delivery")
    }
    survey = designs.make_survey(
        name="S", metric=Metric.CSAT, touchpoint=stages["delivery"], by=None
    )
    SurveyVersion.objects.update(about="")  # as the migration left it
    page = url("change", survey.public_id)
    visit = "How satisfied were you with your last visit to Café Mandula?"
    form = {
        "name": "T", "trigger": "by_hand", "delay_hours": "1", "pause_days": "1",
        "touchpoint": "delivery",
    }  # fmt: skip

    def versions() -> list[tuple[str, dict[str, dict[str, str]]]]:
        return list(survey.versions.order_by("number").values_list("about", "texts"))

    def asked() -> str:
        return SurveyForm(survey=Survey.objects.get())["en-question"].field.widget.attrs[
            "placeholder"
        ]

    assert asked() == visit
    assert owner_client.post(page, form).status_code == 302
    assert (asked(), versions()) == (visit, [("", {})])

    owner_client.post(page, {**form, "en-thanks": "Thanks."})
    own = {"en": {"thanks": "Thanks."}}
    assert (asked(), versions()) == (visit, [("", {}), ("", own)])

    owner_client.post(page, {**form, "en-thanks": "Thanks.", "touchpoint": "food"})
    owner_client.post(page, {**form, "en-thanks": "Thanks.", "touchpoint": "delivery"})
    assert versions() == [("", {}), ("", own), ("food", own), ("delivery", own)]
    assert asked() == "How satisfied were you with the delivery of your order from Café Mandula?"


def _made_at_once() -> int:
    """Somebody needs the survey while another is making it; how many there are then."""
    two_at_once(
        lambda: designs.survey_about_mending(by=None),
        lambda: designs.survey_about_mending(by=None),
    )
    return Survey.objects.filter(trigger=AFTER_CASE).count()


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_two_first_needs_at_once_make_one(business: Business) -> None:
    assert _made_at_once() == 1


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_there_are_two(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(designs, "_one_at_a_time", lambda: None)

    assert _made_at_once() == 2
