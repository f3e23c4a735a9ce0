from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, override_settings
from django.utils import timezone, translation

from regulars.accounts.models import Staff
from regulars.business.models import Business, Department, Place, Touchpoint
from regulars.business.queries import the_business
from regulars.console import setting_up
from regulars.mailing import server
from regulars.mailing.models import Message, SendingRules, State
from regulars.mailing.server import Server
from regulars.surveys.actions import answers
from regulars.surveys.models import Survey

pytestmark = pytest.mark.django_db


def test_the_trade_sets_stages_place_and_the_first_survey(
    business: Business, owner_client: Client
) -> None:
    answer = owner_client.post("/first-run/1/", {"name": "Szalon Ág", "trade": "salon"})

    assert (answer.status_code, answer["Location"]) == (302, "/first-run/2/")
    assert (the_business().name, the_business().visit_rhythm_days) == ("Szalon Ág", 35)
    stages = Touchpoint.objects.order_by("position").values_list("slug", flat=True)
    assert list(stages) == ["booking", "arrival", "work", "after"]
    assert set(Department.objects.values_list("slug", flat=True)) == {"reception", "specialists"}
    assert list(Place.objects.values_list("name", "kind")) == [("Szalon Ág", "counter")]
    survey = Survey.objects.get()
    assert (survey.metric, survey.trigger, survey.delay_hours) == ("csat", "after_purchase", 3)
    assert survey.touchpoint == Touchpoint.objects.get(slug="work")


def made() -> tuple[object, ...]:
    """What the first step has made."""
    stages = Touchpoint.objects.order_by("position").values_list("slug", flat=True)
    return (
        list(stages),
        set(Department.objects.values_list("slug", flat=True)),
        list(Place.objects.values_list("name", "kind")),
        list(Survey.objects.values_list("metric", "touchpoint__slug", "delay_hours")),
    )


CLINIC = (
    ["booking", "arrival", "work", "after"],
    {"reception", "specialists"},
    [("Praxis", "counter")],
    [("csat", "work", 24)],
)


def test_a_trade_chosen_by_mistake_is_corrected(business: Business, owner_client: Client) -> None:
    owner_client.post("/first-run/1/", {"name": "Prakxis", "trade": "web_shop"})
    assert made() == (
        ["ordering", "advice", "delivery"],
        {"web", "service"},
        [("Prakxis", "web")],
        [("ces", "ordering", 120)],
    )
    back = owner_client.get("/first-run/2/").content.decode()
    assert '<a href="/first-run/1/">Trade</a>' in back
    assert '<a href="/first-run/2/">' not in back

    owner_client.post("/first-run/1/", {"name": "Praxis", "trade": "clinic"})

    assert (the_business().trade, *made()) == ("clinic", *CLINIC)


def test_it_is_corrected_in_whatever_language_it_was_made(
    business: Business, owner_client: Client
) -> None:
    with translation.override("hu"):
        setting_up.begin(name="Praxis", trade="cafe", by=None)
    owner_client.post("/first-run/1/", {"name": "Praxis", "trade": "clinic"})

    assert made() == CLINIC


def changed_stage() -> None:
    Touchpoint.objects.filter(slug="food").update(name="Cakes")


def added_team() -> None:
    Department.objects.create(name="Bakery", slug="bakery")


def changed_survey() -> None:
    Survey.objects.update(delay_hours=5)


def answered() -> None:
    survey = Survey.objects.get()
    answers.submit_open(survey, answers.current_version(survey), answers.Answer("a1", 5, "Fine"))


@pytest.mark.parametrize("change", [changed_stage, added_team, changed_survey, answered])
def test_what_was_used_or_changed_since_stays(
    business: Business, owner_client: Client, change: Callable[[], None]
) -> None:
    owner_client.post("/first-run/1/", {"name": "Ág", "trade": "cafe"})
    change()
    before = made()

    owner_client.post("/first-run/1/", {"name": "Ág", "trade": "clinic"})

    assert (the_business().trade, made()) == ("clinic", before)


def test_doing_a_step_again_makes_nothing_twice(business: Business, owner_client: Client) -> None:
    owner_client.post("/first-run/1/", {"name": "Ág", "trade": "salon"})
    before = made(), Survey.objects.get().pk
    owner_client.post("/first-run/1/", {"name": "Ág", "trade": "salon"})

    assert (made(), Survey.objects.get().pk) == before


def test_every_screen_can_be_left_for_later(business: Business, owner_client: Client) -> None:
    for step in (1, 2, 3, 4, 5):
        assert owner_client.get("/first-run/")["Location"] == f"/first-run/{step}/"
        assert owner_client.get(f"/first-run/{step}/").status_code == 200
        owner_client.post(f"/first-run/{step}/", {"later": "1"})

    assert the_business().setup_step == 6
    assert (Survey.objects.count(), Place.objects.count()) == (0, 0)
    assert the_business().name == business.name


def test_an_answer_that_cannot_be_is_asked_again(business: Business, owner_client: Client) -> None:
    answer = owner_client.post("/first-run/1/", {"name": "", "trade": "salon"})

    assert answer.status_code == 422
    assert the_business().setup_step == 0


def test_the_region_is_guessed_from_the_browser(
    business: Business, owner: Staff, owner_client: Client
) -> None:
    page = owner_client.get("/first-run/2/", HTTP_ACCEPT_LANGUAGE="ka-GE,ka;q=0.9,en;q=0.5")

    assert page.context["forms"]["region"].initial == {
        "language": "en",
        "languages": ["en", "ka"],
        "country": "GE",
        "currency": "GEL",
        "time_zone": "Asia/Tbilisi",
    }


def test_hours_are_stored_day_by_day(business: Business, owner_client: Client) -> None:
    filled = {
        "language": "hu",
        "languages": ["hu", "en"],
        "country": "HU",
        "currency": "HUF",
        "time_zone": "Europe/Budapest",
        "days": ["mon", "sat"],
        "opens": "08:00",
        "closes": "18:30",
    }
    answer = owner_client.post("/first-run/2/", filled)

    assert answer["Location"] == "/first-run/3/"
    assert the_business().opening_hours == {
        "mon": [["08:00", "18:30"]],
        "sat": [["08:00", "18:30"]],
    }


def test_only_the_owner_sets_up(colleague_client: Client) -> None:
    assert colleague_client.get("/first-run/1/").status_code == 403
    assert colleague_client.post("/demo/").status_code == 403


MAIL = {
    "sender": "hello@mandula.example",
    "host": "smtp.mandula.example",
    "security": "smtp+starttls",
    "user": "hello",
    "password": "a secret of the shop",
}


def test_the_mail_server_is_set_and_tried_on_the_way(
    business: Business, owner: Staff, owner_client: Client
) -> None:
    reach = {"public_url": "https://mandula.example", **MAIL, "test": "1"}

    answer = owner_client.post("/first-run/4/", reach)

    test = Message.objects.get()
    assert (test.to_address, test.purpose) == (owner.email, "alert")
    assert answer["Location"] == f"/first-run/4/?test={test.public_id}"
    assert (server.the_server(), server.sender_address()) == (
        Server("smtp.mandula.example", 587, "smtp+starttls", "hello", "a secret of the shop"),
        "hello@mandula.example",
    )
    page = owner_client.get(answer["Location"]).content.decode()
    assert "The test is being sent" in page
    assert "a secret of the shop" not in page

    Message.objects.update(state=State.SENT, settled_at=timezone.now())
    assert "The test is on its way" in owner_client.get(answer["Location"]).content.decode()


def test_a_server_that_says_no_is_told_in_its_words(
    business: Business, owner: Staff, owner_client: Client
) -> None:
    there = owner_client.post("/first-run/4/", {**MAIL, "test": "1"})["Location"]
    SendingRules.objects.create(pk=1, server_error="535 5.7.8 authentication failed")

    page = owner_client.get(there).content.decode()

    assert "The test could not be sent" in page
    assert "535 5.7.8 authentication failed" in page


def test_mail_may_be_left_for_later(business: Business, owner_client: Client) -> None:
    answer = owner_client.post("/first-run/4/", {"public_url": "https://mandula.example"})

    assert (answer.status_code, answer["Location"]) == (302, "/first-run/5/")
    assert (server.the_server(), the_business().public_url) == (None, "https://mandula.example")


@pytest.mark.parametrize(("left_out", "asked_for"), [("sender", "sender"), ("host", "host")])
def test_half_a_mail_server_is_asked_again(
    business: Business, owner_client: Client, left_out: str, asked_for: str
) -> None:
    answer = owner_client.post("/first-run/4/", {**MAIL, left_out: ""})

    assert answer.status_code == 422
    assert list(answer.context["forms"]["server"].errors) == [asked_for]
    assert server.the_server() is None


@override_settings(SMTP_URL="smtp://localhost:25", MAIL_FROM="shop@example.com")
def test_a_server_from_the_environment_is_not_asked_for(
    business: Business, owner_client: Client
) -> None:
    page = owner_client.get("/first-run/4/")

    assert list(page.context["forms"]) == ["reach"]
    assert "REGULARS_SMTP_URL" in page.content.decode()
    assert owner_client.post("/first-run/4/", {"public_url": ""}).status_code == 302


@pytest.mark.parametrize(
    ("over_https", "is_on", "asks"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_the_owner_of_the_name_is_asked_about_what_lies_below_it(
    business: Business, owner_client: Client, over_https: bool, is_on: bool, asks: bool
) -> None:
    """PE3: a shop may serve other things there, so https for all of it is for them to choose."""
    chosen = {"SERVED_OVER_HTTPS": over_https, "SECURE_HSTS_INCLUDE_SUBDOMAINS": is_on}
    with override_settings(**chosen):
        pages = [owner_client.get(path) for path in ("/first-run/4/", "/settings/business/")]

    told = ["REGULARS_HSTS_SUBDOMAINS=yes" in page.content.decode() for page in pages]
    assert told == [asks, asks]
