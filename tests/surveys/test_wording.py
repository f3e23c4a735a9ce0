"""The ready questions speak of what the survey is about."""

from __future__ import annotations

import pytest
from django.conf import settings

from regulars.business import trades
from regulars.business.models import Business, Touchpoint, Trade
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import Metric, Survey
from regulars.surveys.wording import SATISFIED_WITH, wording_of

pytestmark = pytest.mark.django_db
DELIVERY = {
    "en": "How satisfied were you with the delivery of your order from Mandula?",
    "hu": "Mandula: mennyire volt elégedett a rendelése kiszállításával?",
    "bg": "Колко доволни останахте от доставката на поръчката си от Mandula?",
    "et": "Mandula: kui rahul olite oma tellimuse kohaletoimetamisega?",
    "ka": "Mandula: რამდენად კმაყოფილი დარჩით შეკვეთის მიწოდებით?",
}


def question(survey: Survey, language: str = "en", business: str = "Mandula") -> str:
    version = answers.current_version(survey)
    return wording_of(version, language=language, business=business).question


def stage(slug: str) -> Touchpoint:
    return Touchpoint.objects.create(slug=slug, name=slug)


def test_a_survey_about_the_delivery_asks_about_it_in_every_language(business: Business) -> None:
    survey = designs.make_survey(
        name="S", metric=Metric.CSAT_STARS, touchpoint=stage("delivery"), by=None
    )

    assert {code: question(survey, code) for code, _name in settings.LANGUAGES} == DELIVERY
    assert question(survey, business="") == (
        "How satisfied were you with the delivery of your order?"
    )


def test_every_stage_that_a_trade_begins_with_has_words_of_its_own() -> None:
    stages = {stage.slug for pack in trades.PACKS.values() for stage in pack.stages}

    assert stages <= set(SATISFIED_WITH)
    assert len({one for slug in stages for one in SATISFIED_WITH[slug]}) == 2 * len(stages) - 2


def test_ease_speaks_of_ordering_and_paying(business: Business) -> None:
    made = {
        slug: question(
            designs.make_survey(name=slug, metric=Metric.CES, touchpoint=stage(slug), by=None)
        )
        for slug in ("ordering", "paying", "food")
    }

    assert made == {
        "ordering": "Mandula made it easy for me to order.",
        "paying": "Mandula made it easy for me to pay.",
        "food": "Mandula made it easy for me to get what I came for.",
    }


def test_who_has_only_a_web_shop_is_not_asked_about_a_visit(business: Business) -> None:
    visit = designs.make_survey(name="S", metric=Metric.CSAT, by=None)
    Business.objects.update(trade=Trade.WEB_SHOP)
    order = designs.make_survey(name="T", metric=Metric.CSAT, by=None)

    assert question(visit) == "How satisfied were you with your last visit to Mandula?"
    assert question(order) == "How satisfied were you with your last order from Mandula?"


def test_another_stage_is_another_wording_and_the_earlier_one_stays(business: Business) -> None:
    survey = designs.make_survey(name="S", metric=Metric.CSAT, touchpoint=stage("food"), by=None)
    first = answers.current_version(survey)

    designs.change_survey(survey, touchpoint=stage("delivery"), by=None)
    designs.change_survey(survey, name="T", by=None)

    assert [one.about for one in survey.versions.order_by("number")] == ["food", "delivery"]
    assert question(survey) == DELIVERY["en"]
    assert wording_of(first, language="en", business="Mandula").question == (
        "How satisfied were you with the food and drinks at Mandula?"
    )
