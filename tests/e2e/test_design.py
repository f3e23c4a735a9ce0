"""The living page of the design system, by eye, by keyboard and by screen reader."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NARROW, PHONE, WIDE, SignedInPage

pytestmark = pytest.mark.longer

SIZES = {"wide": WIDE, "phone": PHONE, "narrow": NARROW}
LANGUAGES = ("en", "hu", "bg", "et", "ka")


def opened(page: Page) -> Page:
    page.goto("/design/")
    expect(page.locator("vega-chart svg")).to_have_count(4)
    return page


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_is_accessible_and_keeps_the_policy(
    signed_in_page: SignedInPage,
    axe: Callable[[Page], list[str]],
    page_problems: Callable[[Page], list[str]],
    size: str,
    scheme: str,
) -> None:
    page = opened(signed_in_page("owner", scheme=scheme, size=SIZES[size]))

    assert axe(page) == []
    assert sideways(page) <= 0
    assert page_problems(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_fits_in_every_language(
    signed_in_page: SignedInPage, axe: Callable[[Page], list[str]], language: str
) -> None:
    page = opened(signed_in_page("owner", language=language, size=NARROW))

    assert page.locator("html").get_attribute("lang") == language
    assert sideways(page) <= 0
    assert axe(page) == []


def test_an_inline_script_is_refused(
    signed_in_page: SignedInPage, page_problems: Callable[[Page], list[str]]
) -> None:
    """The control: the watch above does see what the policy refuses."""
    page = opened(signed_in_page("owner"))

    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))"
    )

    expect(page.locator("body > script")).to_have_count(1)
    assert any("Content Security Policy" in one for one in page_problems(page))


def test_every_control_is_reached_by_keyboard(signed_in_page: SignedInPage) -> None:
    page = opened(signed_in_page("owner"))
    expected: int = page.evaluate(
        """() => {
          const seen = (one) => one.checkVisibility({visibilityProperty: true});
          const radios = new Set();
          return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
            .filter(seen).filter((one) => !one.disabled && one.type !== "hidden")
            .filter((one) => {
              if (one.type !== "radio") return true;
              const key = one.form.id + one.name;
              if (radios.has(key)) return false;
              radios.add(key);
              return true;
            }).length;
        }"""
    )

    reached: set[str] = set()
    for _ in range(expected * 2 + 40):
        page.keyboard.press("Tab")
        at: str = page.evaluate(
            """() => {
              const one = document.activeElement;
              if (one === document.body) return "";
              if (!one.matches("a[href], button, input, select, textarea, summary")) return "frame";
              if (one.type === "radio") return "radio " + one.form.id + one.name;
              return String([...document.querySelectorAll("*")].indexOf(one));
            }"""
        )
        if not at and reached:
            break
        reached.add(at)

    assert len(reached - {"", "frame"}) == expected


def test_the_first_stop_skips_to_the_page(signed_in_page: SignedInPage) -> None:
    page = opened(signed_in_page("owner"))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#page")).to_be_focused()


def test_a_dialog_opens_and_closes(
    signed_in_page: SignedInPage, axe: Callable[[Page], list[str]]
) -> None:
    page = opened(signed_in_page("owner"))
    dialog = page.get_by_role("dialog", name="Delete this customer?")

    page.locator("#buttons").get_by_role("button", name="Delete", exact=True).first.click()
    expect(dialog).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()


def test_the_menu_of_a_phone_opens_and_is_accessible(
    signed_in_page: SignedInPage, axe: Callable[[Page], list[str]]
) -> None:
    page = opened(signed_in_page("owner", size=PHONE))

    page.get_by_role("button", name="Menu", exact=True).click()

    expect(page.get_by_role("navigation", name="Main menu")).to_be_attached()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#side")).not_to_be_visible()


def test_the_language_changes_on_the_spot(signed_in_page: SignedInPage) -> None:
    page = opened(signed_in_page("owner"))

    page.get_by_label("Language").click()
    page.get_by_role("button", name="Magyar").click()

    expect(page.locator("html")).to_have_attribute("lang", "hu")
    expect(page).to_have_url(re.compile(r"/design/$"))


def test_light_and_dark_follow_the_device_until_chosen(signed_in_page: SignedInPage) -> None:
    page = opened(signed_in_page("owner", scheme="dark"))
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(paper)

    page.get_by_label("Light or dark").click()
    page.get_by_role("button", name="Light", exact=True).click()

    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(paper) != dark


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_list_is_searched_sorted_and_leafed_through(
    signed_in_page: SignedInPage, with_scripts: bool
) -> None:
    page = signed_in_page("owner", java_script_enabled=with_scripts)
    page.goto("/design/")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(8)

    page.locator("#list").get_by_role("link", name="Visits").click()
    expect(page).to_have_url(re.compile(r"sort=visits"))
    expect(rows.first.locator("td").first).to_have_text("1")
    page.locator("#list").get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile(r"page=2"))
    page.locator("#list").get_by_label("Search in this list").fill("ann")
    page.locator("#list").get_by_role("button", name="Show").first.click()

    expect(rows).to_have_count(5)
    expect(rows.first.locator("th")).to_have_text("Ann Lee")


def test_a_chart_is_drawn_again_in_the_dark(signed_in_page: SignedInPage) -> None:
    page = opened(signed_in_page("owner"))
    bar = page.locator("vega-chart").nth(2).locator(".mark-rect path").first
    light: str = bar.evaluate("one => getComputedStyle(one).fill")

    page.emulate_media(color_scheme="dark")

    expect(bar).not_to_have_css("fill", light)


def test_an_error_is_a_page_with_a_way_on(
    new_page: SignedInPage, axe: Callable[[Page], list[str]]
) -> None:
    page = new_page(size=NARROW, language="ka")

    answer = page.goto("/nowhere/")

    assert answer is not None
    assert answer.status == 404
    assert page.locator("html").get_attribute("lang") == "ka"
    assert axe(page) == []
    assert sideways(page) <= 0


@pytest.mark.parametrize("with_scripts", [True, False])
def test_what_was_done_is_said_until_somebody_closes_it(
    signed_in_page: SignedInPage,
    axe: Callable[[Page], list[str]],
    page_problems: Callable[[Page], list[str]],
    with_scripts: bool,
) -> None:
    page = signed_in_page("owner", size=PHONE, java_script_enabled=with_scripts)
    page.goto("/account/")
    details = page.locator("form[action='/account/details/']")
    details.locator("[name=name]").fill("Olga O.")
    details.get_by_role("button", name="Save").click()

    said = page.get_by_role("status")
    expect(said).to_have_count(1)
    expect(said.locator(".notice")).to_be_visible()
    assert page_problems(page) == []
    if not with_scripts:
        return
    assert axe(page) == []
    assert said.evaluate("one => getComputedStyle(one).position") == "fixed"
    assert sideways(page) <= 0
    said.get_by_role("button", name="Close").click()
    expect(said.locator(".notice")).to_have_count(0)
