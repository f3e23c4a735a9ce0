"""PB6 and the page on a phone: a browser that only opens the links of a mail stores nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from regulars.business.models import Business
from regulars.customers.actions import consents, people
from regulars.mailing.models import Message
from regulars.surveys.actions import asking, designs
from regulars.surveys.models import AnswerCount, Metric, Response
from tests.e2e.conftest import PHONE

pytestmark = pytest.mark.longer


@pytest.fixture
def links(transactional_db: None, business: Business) -> list[str]:
    """The paths of all links of an invitation."""
    survey = designs.make_survey(name="S", metric=Metric.NPS, by=None)
    anna = people.add_customer(
        way="staff", by=None, language="hu", addresses=[people.Address("email", "a@example.com")]
    )
    consents.give_consent(
        anna, channel="email", purpose="surveys", wording="Yes", evidence="form",
        happened_at=timezone.now(),
    )  # fmt: skip
    asking.ask(anna, survey)
    return sorted(set(re.findall(r"/s/[\w-]+/(?:\?score=\d+)?", Message.objects.get().html)))


def test_a_browser_that_opens_every_link_stores_nothing(links: list[str], new_page: Any) -> None:
    page = new_page(language="hu", size=PHONE)
    for link in links:
        page.goto(link)
        page.wait_for_load_state("networkidle")

    assert len(links) == 11
    assert (Response.objects.count(), AnswerCount.objects.count()) == (0, 0)


def test_a_person_taps_and_sends(
    links: list[str], new_page: Any, axe: Any, page_problems: Any
) -> None:
    page = new_page(language="hu", size=PHONE, java_script_enabled=False)
    page.goto(next(link for link in links if link.endswith("=9")))
    page.get_by_role("textbox").fill("Finom a kávé")
    page.get_by_role("button", name="Válasz elküldése").click()
    page.get_by_role("heading", name="Köszönjük").wait_for()

    assert list(Response.objects.values_list("score", "comment")) == [(9, "Finom a kávé")]
    assert page_problems(page) == []


def test_the_page_is_clean(links: list[str], new_page: Any, axe: Any) -> None:
    page = new_page(language="ka", scheme="dark", size=PHONE)
    page.goto(links[0])

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
