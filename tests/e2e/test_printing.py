"""Posters come out of the printer as one sheet, with a code that a phone can read."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.customers.actions import joining
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric
from tests.e2e.conftest import SignedInPage

pytestmark = pytest.mark.longer

# Inside margins of 10 mm, in CSS pixels (96 an inch), which print sheets are laid out in.
PAPERS = {"A4": (718, 1047), "A5": (484, 718)}
MM = 96 / 25.4


@pytest.fixture(params=["to join", "of a survey"])
def poster(request: pytest.FixtureRequest, business: Business, owner: Staff) -> str:
    """The address of a poster."""
    if request.param == "to join":
        return f"/customers/joining/{joining.join_code_of(None, by=owner).code}/"
    survey = designs.make_survey(name="Your visit", metric=Metric.NPS, by=owner)
    return f"/surveys/{survey.public_id}/poster/"


@pytest.mark.parametrize("language", ["en", "ka"])
@pytest.mark.parametrize("paper", PAPERS)
def test_a_poster_is_one_sheet_and_nothing_else(
    signed_in_page: SignedInPage, poster: str, paper: str, language: str
) -> None:
    width, height = PAPERS[paper]
    page: Page = signed_in_page(
        "owner", language=language, scheme="dark", size={"width": width, "height": height}
    )
    page.goto(poster)

    printed = page.pdf(format=paper)

    assert re.findall(rb"/Type /Pages\s*/Count (\d+)", printed) == [b"1"]
    page.emulate_media(media="print")
    code = page.locator(".sheet img").bounding_box()
    assert code is not None
    assert code["width"] > 80 * MM
    assert code["width"] == pytest.approx(code["height"], abs=1)
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    seen = page.locator("h1, h2, a, button, nav, .notice").filter(visible=True)
    assert [one.inner_text() for one in seen.all() if not _in_sheet(one)] == []


def _in_sheet(one: object) -> bool:
    return bool(one.evaluate("node => Boolean(node.closest('.sheet'))"))  # type: ignore[attr-defined]  # a locator
