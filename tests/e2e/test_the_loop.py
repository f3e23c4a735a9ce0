"""A new owner's way through the whole product, on a fresh database, as people would walk it.

Real processes (`regulars up`), a real SMTP server, a real browser: two devices of the shop, its
customers' phones and their mailboxes. Everything is reached by what stands on the page, in the
language of the page. The sales are the CDNOW log that the package `lifetimes` carries.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.apps import apps
from django.utils import translation
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Locator,
    Page,
    expect,
)

from tests.customers.imports.conftest import cdnow
from tests.e2e.conftest import PHONE, WIDE
from tests.e2e.shop import Post, Shop, awaited, links_in, running_shop, text_of
from tests.mailing.sink import running_sink

pytestmark = pytest.mark.longer

PUBLIC = "https://thanks.example.com"  # what stands behind the shop's reverse proxy
PATIENCE = 90_000
# The packages whose data are the shop's own.
SHOPS_OWN = (
    *("business", "customers", "mailing", "surveys"),
    *("feedback", "rewards", "insight", "outreach"),
)
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}\b")


@dataclass(frozen=True)
class Words:
    """What people type in a language."""

    language: str
    shop: str
    owner: str
    regular: tuple[str, str]
    other: tuple[str, str]
    guest: str
    in_latin: str
    agreed: str
    complaint: str
    answer: str
    praise: str
    headers: tuple[str, ...]
    yes: str
    past: slice
    """Which lines of the log are loaded."""
    tries_the_demo: bool


ENGLISH = Words(
    language="en",
    shop="Almond Café",
    owner="Alice Young",
    regular=("Clara", "Evans"),
    other=("Ben", "Foster"),
    guest="Grace Hall",
    in_latin="evans",
    agreed="I agree that Almond Café asks me how it was and writes to me.",
    complaint="I waited twenty minutes and the breakfast was cold.",
    answer="We are sorry. Your next breakfast is on us.",
    praise="Alice Young was so kind, thank you!",
    headers=("Customer number", "First name", "Last name", "E-mail", "Newsletter"),
    yes="yes",
    past=slice(None),
    tries_the_demo=False,
)
GEORGIAN = Words(
    language="ka",
    shop="კაფე ნუში",
    owner="ნინო ბერიძე",
    regular=("თამარი", "კაპანაძე"),
    other=("ლევანი", "ლომიძე"),
    guest="ეკა ნოზაძე",
    in_latin="kapanadze",
    agreed="თანახმა ვარ, რომ კაფე ნუშმა მკითხოს შთაბეჭდილება და მომწეროს.",
    complaint="ყავას ოცი წუთი ველოდი და საუზმე ცივი იყო.",
    answer="ბოდიშს გიხდით. შემდეგი საუზმე ჩვენზეა.",
    praise="ნინო ბერიძე ძალიან თავაზიანი იყო, დიდი მადლობა!",
    headers=("ბარათის ნომერი", "სახელი", "გვარი", "ელფოსტა", "თანხმობა"),
    yes="დიახ",
    past=slice(5_001),
    tries_the_demo=True,
)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Post]:
    """Everybody's mailbox."""
    with running_sink(tmp_path / "mail") as running:
        yield Post(running)


@pytest.fixture
def shop(tmp_path: Path, built_assets: Path) -> Iterator[Shop]:
    """A new installation that nobody has claimed."""
    with running_shop(tmp_path / "shop", assets=built_assets) as running:
        yield running


@pytest.mark.parametrize("words", [ENGLISH, GEORGIAN], ids=["en", "ka"])
def test_from_a_fresh_database_to_a_voucher_that_comes_back(
    words: Words, shop: Shop, sink: Post, browser: Browser, tmp_path: Path
) -> None:
    with translation.override(words.language):
        walk = Walk(words, shop, sink, browser, tmp_path)
        try:
            for step in (
                walk.claims_the_installation,
                walk.sets_up_in_five_screens,
                walk.looks_at_the_demo_and_leaves_it,
                walk.sets_up_mail,
                walk.loads_past_sales,
                walk.loads_customers,
                walk.finds_and_merges,
                walk.lets_somebody_join,
                walk.asks_by_hand,
                walk.asks_after_a_purchase,
                walk.puts_it_right,
                walk.asks_whether_it_was_put_right,
                walk.hears_from_many,
                walk.thanks_with_a_voucher,
                walk.thanks_by_letter,
                walk.takes_the_voucher_at_the_till,
                walk.lets_them_go,
                walk.hands_out_and_erases,
            ):
                step()
        finally:
            walk.close()


class Walk:
    """Who is where: the owner's computer, the till, a customer's phone."""

    def __init__(
        self, words: Words, shop: Shop, post: Post, browser: Browser, folder: Path
    ) -> None:
        self.words, self.shop, self.post, self.folder = words, shop, post, folder
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []
        self.page = self._device(WIDE)
        self.phone = self._device(PHONE)
        self.till = self._device(PHONE)

    def _device(self, size: dict[str, int]) -> Page:
        context = self._browser.new_context(
            base_url=self.shop.origin,
            locale=self.words.language,
            viewport=size,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: self.problems.append(said.text) if is_bad(said) else None,
        )
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        return page

    def close(self) -> None:
        for number, context in enumerate(self._contexts):
            for page in context.pages:
                page.screenshot(path=self.folder / f"last-{number}.png", full_page=True)
            context.close()

    # What people do ------------------------------------------------------------------------

    def claims_the_installation(self) -> None:
        page = self.page
        page.goto(self.shop.claim_link())
        self._fill(page, "Your name", self.words.owner)
        self._fill(page, "E-mail", "owner@example.com")
        self._fill(page, "Password", "walks the whole loop")
        self._choose(page, "Language", self.words.language)
        self._press(page, "Become the owner")
        expect(page).to_have_url(re.compile(r"/first-run/1/$"))

    def sets_up_in_five_screens(self) -> None:
        page = self.page
        self._fill(page, "What is it called?", self.words.shop)
        page.get_by_role("radio", name=say("Café or restaurant")).check()
        self._press(page, "Go on")
        expect(page.get_by_label(say("Your own language"), exact=True)).to_have_value(
            self.words.language
        )
        self._choose(page, "Currency", "EUR")
        self._press(page, "Go on")
        self._fill(page, "Postal address", "1 Almond Street")
        self._press(page, "Go on")
        self._fill(page, "Public address", PUBLIC)
        self._press(page, "Go on")
        expect(page).to_have_url(re.compile(r"/first-run/5/$"))

    def looks_at_the_demo_and_leaves_it(self) -> None:
        """One click in, with a bar and without JavaScript too; one click out, nothing left."""
        page = self.page
        if not self.words.tries_the_demo:
            return
        before = self._rows()
        self._press(page, "Try the demo company")
        without = self._browser.new_context(
            base_url=self.shop.origin,
            java_script_enabled=False,
            locale=self.words.language,
            storage_state=page.context.storage_state(),
        )
        self._contexts.append(without)
        plain = without.new_page()
        plain.goto("/")
        for one in (page, plain):
            expect(one.get_by_role("progressbar")).to_be_visible()
        for one in (page, plain):  # they go on by themselves
            expect(one.locator(".score__range").first).to_be_visible(timeout=PATIENCE)
        page.goto("/customers/")
        expect(page.get_by_role("row")).not_to_have_count(0)
        page.get_by_role("button", name=say("Leave the demo")).click()
        expect(page).to_have_url(re.compile(r"/first-run/"))
        assert self._rows() == before
        page.goto("/customers/")
        expect(page.get_by_role("row")).to_have_count(0)

    def sets_up_mail(self) -> None:
        page = self.page
        page.goto("/settings/mail/")
        self._fill(page, "Sender’s address", "hello@thanks.example.com")
        self._fill(page, "Mail server", "127.0.0.1")
        self._choose(page, "Protection", "smtp")
        self._fill(page, "Port", str(self.post.sink.port))
        self._press(page, "Save", nth=0)
        self._press(page, "Send a test")
        assert self.post.mail_to("owner@example.com")["From"].addresses[0].addr_spec == (
            "hello@thanks.example.com"
        )
        page.goto("/settings/mail/")
        # The walk may be taken at night.
        for label in ("quiet from", "quiet until"):
            page.get_by_label(re.compile(say(label), re.I)).fill("00:00")
        self._press(page, "Save", nth=1)

    def loads_past_sales(self) -> None:
        """The CDNOW log, with a bar that moves while answers of customers keep arriving."""
        page = self.page
        page.goto("/surveys/")
        self._press(page, "Use this")
        counted = urlsplit(page.url).path
        address = self._here(page.locator(".copy code").first.inner_text())
        lines = cdnow().read_text("ascii").splitlines()[self.words.past]
        people = {line.split()[0] for line in lines[1:]}
        self._upload("\n".join(lines).encode(), "CDNOW_master.txt", source="cdnow")
        self._press(page, "Preview")
        self._press(page, "Load this", patience=PATIENCE)
        expect(page.get_by_role("progressbar")).to_be_visible(timeout=PATIENCE)
        taken = 0
        while taken == 0 or (taken < 5 and page.get_by_role("progressbar").is_visible()):
            self._answers_without_scripts(address, submission_id=f"meanwhile-{taken}", score=9)
            taken += 1
        expect(page.get_by_role("button", name=say("Undo this import"))).to_be_visible(
            timeout=PATIENCE
        )
        loaded = [len(lines) - 1, len(people), 0, 0]
        shown = [re.sub(r"\D", "", one) for one in page.locator(".stat__value").all_inner_texts()]
        assert [int(one) for one in shown] == loaded
        page.goto(counted)
        expect(page.locator(".stat__value").last).to_have_text(str(taken))

    def loads_customers(self) -> None:
        page = self.page
        regular, other = self.words.regular, self.words.other
        rows = [
            self.words.headers,
            ("C-1", *regular, "regular@example.com", self.words.yes),
            ("C-2", *other, "other@example.com", self.words.yes),
            ("C-3", *other, "other@example.com", self.words.yes),
        ]
        self._upload(_csv(rows), "customers.csv", source="till")
        page.get_by_role(
            "radio", name=say("They agreed: they signed, ticked a box or signed up")
        ).check()
        self._fill(page, "The text that they saw then", self.words.agreed)
        boxes = page.get_by_role("group", name=say("What the text allows")).get_by_role("checkbox")
        for box in boxes.all():
            box.check()
        self._press(page, "Preview")
        self._press(page, "Load this", patience=PATIENCE)
        self._press_link(page, "Show the customers", patience=PATIENCE)
        visits = [datetime.now(tz=UTC).date() - timedelta(days=7 * n + 4) for n in range(8)]
        sales = [("Customer number", "Receipt", "Date", "Total", "Item")] + [
            ("C-1", f"R{n}", day.isoformat(), "12.50", "Flat white") for n, day in enumerate(visits)
        ]
        self._upload(_csv(sales), "sales.csv", source="till")
        self._press(page, "Preview")
        self._press(page, "Load this", patience=PATIENCE)
        self._press_link(page, "Show the customers", patience=PATIENCE)

    def finds_and_merges(self) -> None:
        """One person stands twice in the list: two cards, one address."""
        page = self.page
        page.goto("/customers/duplicates/")
        self._press_link(page, "Compare")
        self._press(page, "One person: merge")
        page.goto("/customers/duplicates/")
        expect(page.get_by_text(say("No two records look alike"))).to_be_visible()
        page.goto("/customers/")
        page.get_by_placeholder(say("Search in this list")).fill(self.words.in_latin)
        self._press(page, "Show", nth=0)
        page.get_by_role("link", name=self.words.regular[1]).first.click()
        expect(page.get_by_text("Flat white").first).to_be_visible()
        self.regular_page = urlsplit(page.url).path

    def lets_somebody_join(self) -> None:
        page, phone = self.page, self.phone
        page.goto("/customers/joining/")
        self._press(page, "Make a code for all places")
        address = page.locator(".poster .number").inner_text()
        phone.goto(self._here(address))
        self._fill(phone, "Your name", self.words.guest)
        self._fill(phone, "E-mail", "guest@example.com")
        for box in phone.get_by_role("checkbox").all():
            box.check()
        self._press(phone, "Join")
        mail = self.post.mail_to("guest@example.com")
        link = next(one for one in links_in(mail) if "/join/confirm/" in one)
        phone.goto(self._here(link))
        phone.get_by_role("main").get_by_role("button").click()

    def asks_by_hand(self) -> None:
        """The words of the share sheet reach the guest's phone, and it is recorded."""
        page, phone = self.page, self.phone
        page.goto(f"/search/?{urlencode({'q': self.words.guest})}")
        page.get_by_role("main").get_by_role("link", name=self.words.guest).first.click()
        self._press_link(page, "Ask a question")
        chosen = page.locator(".card").filter(has_text=say("Recommendation"))
        chosen.get_by_role("button", name=say("Ask by hand")).click()
        words = page.locator(".card").first.inner_text()
        expect(page.get_by_role("button", name=say("Share"))).to_be_attached()
        self._press(page, "I have sent it")
        expect(page.get_by_text(say("by hand")).first).to_be_visible()
        link = re.search(rf"{PUBLIC}/s/\S+", words)
        assert link is not None, words
        phone.goto(self._here(link.group()))
        phone.get_by_role("radio").last.check()
        self._press(phone, "Send my answer")
        expect(phone.get_by_role("heading", name=say("Thank you"))).to_be_visible()

    def asks_after_a_purchase(self) -> None:
        """A sale comes in by the API; the question follows by mail; a tap only pre-selects."""
        page, phone = self.page, self.phone
        page.goto("/surveys/")
        page.get_by_role("link", name=say("After a purchase")).click()
        self.survey_page = urlsplit(page.url).path
        self._press_link(page, "Change")
        self._fill(page, "Hours after the purchase", "0")
        self._press(page, "Save")
        page.goto("/settings/tokens/")
        self._fill(page, "Name", "Till")
        page.get_by_role("checkbox", name=say("add and change customers and purchases")).check()
        self._press(page, "Make a token")
        self._fill(page, "Password", "walks the whole loop")
        self._press(page, "Confirm")
        token = page.locator(".copy code").inner_text()

        self._sell(token, "C-1", "S-1")

        mail = self.post.mail_to("regular@example.com")
        scale = [one for one in links_in(mail) if "?score=" in one]
        assert len(scale) == 5
        phone.goto(self._here(scale[1]))
        expect(phone.get_by_role("radio", checked=True)).to_have_value("2")
        page.goto(self.survey_page)
        expect(page.get_by_text(say("No answers yet"))).to_be_visible()

        phone.get_by_role("textbox").fill(self.words.complaint)
        self._press(phone, "Send my answer")
        expect(phone.get_by_role("heading", name=say("Thank you"))).to_be_visible()

    def puts_it_right(self) -> None:
        """The owner is alerted by mail and answers the customer from there."""
        page = self.page
        alert = self.post.mail_to("owner@example.com")
        page.goto(self._here(next(one for one in links_in(alert) if "/cases/" in one)))
        expect(page.get_by_text(self.words.complaint).first).to_be_visible()
        self.case = urlsplit(page.url).path
        page.locator("#reply").get_by_role("textbox").fill(self.words.answer)
        page.locator("#reply").get_by_role("button", name=re.compile("regular@example")).click()
        reply = self.post.mail_to("regular@example.com")
        assert self.words.answer in text_of(reply)

    def asks_whether_it_was_put_right(self) -> None:
        page, phone = self.page, self.phone
        page.goto(self.case)
        self._fill(page, "What was done?", self.words.answer)
        self._press(page, "Close", exact=True)
        self._press(page, "by e-mail")
        asked = self.post.mail_to("regular@example.com")
        best = [one for one in links_in(asked) if "?score=" in one][-1]
        phone.goto(self._here(best))
        self._press(phone, "Send my answer")
        expect(phone.get_by_role("heading", name=say("Thank you"))).to_be_visible()
        self._until(page, self.case, page.get_by_text(say("put right, says the customer")))

    def hears_from_many(self) -> None:
        """Guests answer by the open link; praise goes to whom it names; home shows the score."""
        page = self.page
        page.goto(self.survey_page)
        address = self._here(page.locator(".copy code").first.inner_text())
        for number, score in enumerate([5, 4, 5, 5, 3, 4, 5, 5, 4, 5, 5, 2, 5, 4, 5, 5]):
            self._answers_without_scripts(
                address,
                submission_id=f"guest-{number}",
                score=score,
                comment=self.words.praise if number == 0 else "",
            )
        self._until(page, "/inbox/", page.get_by_text(self.words.praise).first)
        page.get_by_text(self.words.praise).first.click()
        page.goto("/")
        title = page.get_by_role("heading", name=say("Satisfaction"), exact=True)
        range_of_it = page.locator(".score").filter(has=title).locator(".score__range")
        expect(range_of_it).to_contain_text("17")
        expect(range_of_it).to_contain_text("%")

    def thanks_with_a_voucher(self) -> None:
        page = self.page
        page.goto("/offers/new/")
        self._fill(page, "Name", "Breakfast")
        self._choose(page, "It gives", "item")
        self._fill(page, "What is free", "Breakfast")
        self._press(page, "Make the offer")
        page.goto(self.regular_page)
        self._press_link(page, "Thank them")
        page.get_by_label(say("Voucher")).select_option(label="Breakfast")
        self._press(page, "Preview")
        self._press(page, "Send")
        thanks = self.post.mail_to("regular@example.com")
        self.thanks = thanks
        found = CODE.search(text_of(thanks))
        assert found is not None, text_of(thanks)
        self.code = found.group()

    def thanks_by_letter(self) -> None:
        """A letter to print, noted as posted."""
        page = self.page
        page.goto(self.regular_page)
        self._press_link(page, "Thank them")
        self._choose(page, "It goes", "letter")
        self._press(page, "Preview")
        page.get_by_role("main").get_by_role("checkbox").last.check()
        self._press(page, "Prepare")
        letter = page.get_by_role("link", name=say("Print the letter"))
        answer = page.request.get(str(letter.get_attribute("href")))
        assert answer.body().startswith(b"%PDF-")
        self._press(page, "I have posted it")
        expect(page.get_by_text(say("sent"), exact=True).first).to_be_visible()

    def takes_the_voucher_at_the_till(self) -> None:
        page, till = self.page, self.till
        page.goto("/account/")
        self._fill(page, "PIN", "4831")
        page.get_by_role("main").get_by_role("button", name=say("Save")).nth(1).click()
        page.goto("/settings/devices/")
        self._fill(page, "Name of the device", "Counter")
        self._press(page, "Show a code")
        pairing = page.locator(".copy code").inner_text()
        till.goto("/pair/")
        self._fill(till, "Code", pairing)
        self._press(till, "Pair")
        self._fill(till, "PIN", "4831")
        self._press(till, "Begin")
        self._types_the_code()
        expect(till.get_by_role("heading", name="Breakfast")).to_be_visible()
        self._press(till, "Use it")
        till.get_by_text(say("Undo"), exact=True).first.click()
        self._fill(till, "Why is it undone?", "The wrong table")
        self._press(till, "Undo")
        expect(till.get_by_role("heading", name=say("Undone"))).to_be_visible()
        self._press_link(till, "Next voucher")
        self._types_the_code()
        self._press(till, "Use it")
        expect(till.get_by_role("heading", name=say("Used"))).to_be_visible()

        self._press_link(till, "Next voucher")
        self._types_the_code()
        expect(till.get_by_role("alert")).to_contain_text(
            say("This voucher has been used already.")
        )
        page.goto(self.regular_page)
        expect(page.get_by_text(say("Used a voucher")).first).to_be_visible()

    def _types_the_code(self) -> None:
        self._fill(self.till, "Code", self.code)
        self._press(self.till, "Look it up")

    def lets_them_go(self) -> None:
        """The mailbox's own button: one POST, without a page (RFC 8058)."""
        page, phone = self.page, self.phone
        address = self.thanks["List-Unsubscribe"].strip("<>")
        assert self.thanks["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        _post(self._here(address), {"List-Unsubscribe": "One-Click"})
        phone.goto(self._here(next(one for one in links_in(self.thanks) if "preferences" in one)))
        for box in phone.get_by_role("checkbox").all():
            expect(box).not_to_be_checked()
        offers = phone.get_by_role("checkbox", name=say("offers and news"))
        offers.check()
        self._press(phone, "Save")
        expect(phone.get_by_text(say("Saved. Thank you."))).to_be_visible()
        expect(offers).to_be_checked()
        offers.uncheck()
        self._press(phone, "Save")
        expect(offers).not_to_be_checked()
        page.goto(self.regular_page)
        self._press_link(page, "Thank them")
        expect(page.get_by_text(say("No mail to this customer"))).to_be_visible()

    def hands_out_and_erases(self) -> None:
        page = self.page
        page.goto(f"{self.regular_page}personal-data/")
        with page.expect_download() as download:
            self._press(page, "Save for programs (JSON)")
        everything = Path(download.value.path()).read_text()
        for known in ("regular@example.com", self.words.complaint, self.words.answer):
            assert json.dumps(known)[1:-1] in everything or known in everything
        self._press_link(page, "Erase this person")
        page.get_by_role("checkbox").check()
        self._press(page, "Erase for good")
        page.goto(f"/search/?{urlencode({'q': self.words.in_latin})}")
        expect(page.get_by_role("main").get_by_text(self.words.regular[1])).to_have_count(0)
        page.goto("/inbox/")
        expect(page.get_by_text(self.words.complaint)).to_have_count(0)
        assert self.problems == []

    # How they do it ------------------------------------------------------------------------

    def _here(self, address: str) -> str:
        """The address as this computer reaches it: the test stands in for the reverse proxy."""
        assert address.startswith(PUBLIC), address
        return self.shop.origin + address.removeprefix(PUBLIC)

    def _fill(self, page: Page, label: str, value: str) -> None:
        page.get_by_role("main").get_by_label(
            re.compile(rf"^{re.escape(say(label))}( \(|$)")
        ).first.fill(value)

    def _choose(self, page: Page, label: str, value: str) -> None:
        page.get_by_label(re.compile(rf"^{re.escape(say(label))}( \(|$)")).select_option(value)

    def _press(
        self, page: Page, name: str, *, nth: int = 0, exact: bool = False, patience: int = 20_000
    ) -> None:
        found = page.get_by_role("main").get_by_role("button", name=say(name), exact=exact)
        found.nth(nth).click(timeout=patience)

    def _press_link(self, page: Page, name: str, *, patience: int = 20_000) -> None:
        found = page.get_by_role("main").get_by_role("link", name=say(name))
        found.first.click(timeout=patience)

    def _upload(self, content: bytes, name: str, *, source: str) -> None:
        page = self.page
        page.goto("/customers/imports/")
        page.get_by_label(say("File"), exact=True).set_input_files(
            FilePayload(name=name, mimeType="text/csv", buffer=content)
        )
        self._fill(page, "Name of the till or shop", source)
        self._press(page, "Go on")
        # It is read in the background, after whatever the import before it has set going.
        preview = page.get_by_role("main").get_by_role("button", name=say("Preview"))
        expect(preview).to_be_visible(timeout=PATIENCE)

    def _until(self, page: Page, path: str, seen: Locator) -> None:
        """Open the page again until it shows something."""

        def look() -> bool | None:
            page.goto(path)
            return True if seen.is_visible() else None

        awaited(look, what=f"{seen} on {path}")

    def _sell(self, token: str, key: str, document: str) -> None:
        body = {
            "source": "till",
            "document": document,
            "purchased_at": datetime.now(tz=UTC).isoformat(),
            "total": 1250,
            "currency": "EUR",
            "customer_key": {"source": "till", "value": key},
            "lines": [{"name": "Flat white", "amount": 1250}],
        }
        request = urllib.request.Request(
            f"{self.shop.origin}/api/v1/purchases",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": document,
            },
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201

    def _answers_without_scripts(self, address: str, **given: object) -> None:
        assert "/thanks/" in _post(address, {**given, "version": "1"})

    def _rows(self) -> dict[str, int]:
        """How many rows the tables of the shop's own data have."""
        tables = [
            model._meta.db_table
            for package in SHOPS_OWN
            for model in apps.get_app_config(package).get_models(include_auto_created=True)
        ]
        data = self.shop.output.parent / "data" / "regulars.sqlite3"
        with closing(sqlite3.connect(data)) as database:
            return {
                name: database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]
                for name in tables
            }


def is_bad(said: ConsoleMessage) -> bool:
    """Whether the browser complains; that a form was filled in wrongly (422) is no complaint."""
    return said.type == "error" and "422" not in said.text


def say(text: str) -> str:
    """The text as the page says it."""
    return str(translation.gettext(text))


def _post(address: str, fields: Mapping[str, object]) -> str:
    """Send a form as a program does, without cookies; where it led."""
    with urllib.request.urlopen(address, data=urlencode(fields).encode()) as answer:
        assert answer.status == 200
        return str(answer.url)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
