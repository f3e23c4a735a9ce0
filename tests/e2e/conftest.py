"""A real server, a real browser, and people who are signed in.

    def test_something(signed_in_page, axe):
        page = signed_in_page("owner")          # or "colleague", "stranger"
        page.goto("/design/")
        assert axe(page) == []

A page collects what the browser complains about (`page_problems(page)`): refusals by the content
policy, failed requests, errors of scripts.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    sync_playwright,
)

from regulars.accounts.models import Staff
from regulars.core import assets

# Playwright's own loop runs in this thread; Django would refuse the database because of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE, NARROW = (
    {"width": 1280, "height": 900},
    {"width": 375, "height": 740},
    {"width": 320, "height": 640},
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

SignedInPage = Callable[..., Page]


@pytest.fixture(scope="session")
def built_assets() -> Path:
    """The style sheets, scripts, fonts and chart library, as `regulars migrate` builds them."""
    folder = Path(settings.DATA) / "assets"
    assets.build(folder)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, live_server: Any, built_assets: Path) -> Iterator[SignedInPage]:
    """Makes pages of the live server: `new_page(language="hu", scheme="dark", size=PHONE)`."""
    contexts: list[BrowserContext] = []

    def make(
        *, language: str = "en", scheme: str = "light", size: dict[str, int] = WIDE, **more: Any
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale=language,
            color_scheme=scheme,
            viewport=size,
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return _watched(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: SignedInPage) -> Page:
    """A page of somebody who is not signed in."""
    return new_page()


@pytest.fixture
def signed_in_page(
    new_page: SignedInPage, owner: Staff, colleague: Staff, stranger: Staff
) -> SignedInPage:
    """Makes pages of a signed-in person: `signed_in_page("owner", size=PHONE)`."""
    cast = {"owner": owner, "colleague": colleague, "stranger": stranger}

    def make(who: str, **options: Any) -> Page:
        page = new_page(**options)
        client = Client()
        client.force_login(cast[who], backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        language = options.get("language", "en")
        page.context.add_cookies(
            [
                {"name": name, "value": value, "domain": "localhost", "path": "/"}
                for name, value in (
                    (settings.SESSION_COOKIE_NAME, session),
                    (settings.LANGUAGE_COOKIE_NAME, language),
                )
            ]
        )
        return page

    return make


def _watched(page: Page) -> Page:
    problems: list[str] = []
    page.problems = problems  # type: ignore[attr-defined]  # read by page_problems

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            problems.append(f"{message.type}: {message.text}")

    def see(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            problems.append(f"{response.status} {response.url}")

    page.on("console", hear)
    page.on("response", see)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    return page


@pytest.fixture
def page_problems() -> Callable[[Page], list[str]]:
    """What the browser complained about on a page so far."""
    return lambda page: list(page.problems)  # type: ignore[attr-defined]  # set by _watched


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """axe's findings on a page (WCAG 2.2 AA and good practice), one line each; [] is clean."""

    def run(page: Page) -> list[str]:
        found = Axe().run(page, options=RULES).response["violations"]
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:160]} {node['failureSummary'][:240]}"
            for rule in found
            for node in rule["nodes"]
        ]

    return run
