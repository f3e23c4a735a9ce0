"""A list that is exchanged in place: where the focus is, what is said, how a failure looks."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from regulars.business.models import Place
from regulars.customers.models import Customer
from tests.e2e.conftest import SignedInPage

pytestmark = pytest.mark.longer
CUSTOMERS = 60


@pytest.fixture
def listed(signed_in_page: SignedInPage, place: Place) -> Page:
    """The owner's list of customers, which has several pages."""
    Customer.objects.bulk_create(
        Customer(given_name="Anna", family_name=f"{number:03}") for number in range(CUSTOMERS)
    )
    page = signed_in_page("owner")
    page.goto("/customers/")
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))


def test_the_focus_stays_and_the_new_rows_are_told(listed: Page) -> None:
    said = listed.locator("#list-status")
    expect(said).to_have_text(f"1 to 25 of {CUSTOMERS}")
    said.evaluate("(one) => { one.isTheSame = true }")

    listed.locator("thead a").first.focus()
    sort = focused(listed)
    listed.keyboard.press("Enter")
    expect(listed.locator("th[aria-sort]")).to_have_count(1)
    assert sort.startswith("list-by-")
    assert focused(listed) == sort

    listed.locator("#list-next").focus()
    listed.keyboard.press("Enter")
    expect(said).to_have_text(f"26 to 50 of {CUSTOMERS}")
    assert said.evaluate("(one) => one.isTheSame")  # what is exchanged is not said
    while listed.locator("#list-next").count():
        before = said.inner_text()
        listed.locator("#list-next").press("Enter")
        expect(said).not_to_have_text(before)
    assert focused(listed) == "table__frame"


def test_a_list_that_cannot_be_loaded_says_so_once(listed: Page) -> None:
    def break_down(route: Route) -> None:
        if route.request.headers.get("hx-request"):
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    toast = listed.locator(".toasts--failed")
    listed.route("**/customers/?*", break_down)
    for _ in range(2):
        listed.locator("#list-next").press("Enter")
    expect(toast).to_have_text(re.compile("^That did not work. Please load the page again."))

    listed.unroute("**/customers/?*")
    listed.locator("#list-next").press("Enter")
    expect(toast).to_have_count(0)

    listed.context.set_offline(True)
    listed.locator("#list-back").press("Enter")
    expect(toast).to_have_text(re.compile("^There is no connection to the server."))
    expect(toast.get_by_role("alert")).to_be_visible()


def test_another_language_comes_back_to_what_the_list_showed(listed: Page) -> None:
    """The page was made for another address than the one that it shows now."""
    listed.locator("#list-next").press("Enter")
    listed.wait_for_url(re.compile("page=2"))
    address = listed.url

    listed.locator("#side summary").filter(has_text="Language").or_(
        listed.get_by_label("Language")
    ).first.click()
    listed.locator('button[name="language"][value="hu"]').click()

    expect(listed.locator("html")).to_have_attribute("lang", "hu")
    assert listed.url == address
    assert settings.LANGUAGE_COOKIE_NAME in {one["name"] for one in listed.context.cookies()}
