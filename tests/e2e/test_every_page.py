"""Every page there is, in a browser: clean for axe, quiet, inside the width of a small phone.

Each GET page of the URLconf is opened by whoever may open it, with the demo company and a row of
tests/house/examples.py behind it: wide and light in English, then 320 px and dark in Georgian.

    pytest tests/e2e/test_every_page.py --page surveys:survey      only this page
    pytest tests/e2e/test_every_page.py -k surveys                 the pages of one package
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage

from regulars.console import demo
from tests.e2e.conftest import NARROW, WIDE, SignedInPage
from tests.house.examples import OWN_ROWS, World, new_world
from tests.house.surface import Page, pages

pytestmark = pytest.mark.longer

# Pages that are no page to look at, each with why.
NO_PAGE = {
    "business:logo": "a picture; tests/business/test_pictures.py looks at it",
    "core:healthz": "answers a machine",
    "core:readyz": "answers a machine",
    "mailing:preview": "a mail as it arrives, shown in a frame; its look is the mail's",
    "outreach:preview_mail": "a mail as it arrives, shown in a frame; its look is the mail's",
    "outreach:preview": "a piece that the page of the thanks shows",
    "console:demo_progress": "a piece that the first page shows while the demo is loaded",
    "customers:import_progress": "a piece that the page of the import shows",
    "feedback:stream": "a piece that the inbox shows",
    "mfa_edit_webauthn": "the example has no passkey; tests/e2e/test_passkeys.py opens it",
    "mfa_remove_webauthn": "the example has no passkey; tests/e2e/test_passkeys.py opens it",
}
GROUPS = {
    name: list(found)
    for name, found in groupby(
        sorted(pages(), key=lambda page: page.name.split(":")[0].split("_")[0]),
        key=lambda page: page.name.split(":")[0].split("_")[0],
    )
}


@dataclass(frozen=True)
class Look:
    """How the pages are looked at."""

    language: str
    scheme: str
    size: dict[str, int]


LOOKS = {
    "wide-light-en": Look("en", "light", WIDE),
    "narrow-dark-ka": Look("ka", "dark", NARROW),
}


_kept: list[tuple[World, Any]] = []


@pytest.fixture
def stage(transactional_db: None) -> World:
    """The cast of the house tests, with the demo company behind them.

    Filled once; later tests get a copy of the database, where the engine can copy one.
    """
    if _kept and connection.vendor == "sqlite":
        world, copy = _kept[0]
        copy.backup(connection.connection)
        return world
    world = new_world()
    demo.begin(by=world.owner)
    if connection.vendor == "sqlite":
        copy = type(connection.connection)(":memory:", check_same_thread=False)
        connection.connection.backup(copy)
        _kept.append((world, copy))
    return world


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each package, or only for the one that has the page asked for."""
    if "group" not in metafunc.fixturenames:
        return
    wanted = metafunc.config.getoption("--page")
    names = [name for name in GROUPS if not wanted or _named(name, wanted)]
    metafunc.parametrize("group", names)
    metafunc.parametrize("look", LOOKS)


def _named(group: str, wanted: str | None) -> list[Page]:
    return [page for page in GROUPS[group] if wanted in {None, page.name}]


def test_every_page_is_clean(
    request: pytest.FixtureRequest,
    stage: World,
    visitors: Callable[[Look], Callable[[str], BrowserPage]],
    axe: Callable[[BrowserPage], list[str]],
    group: str,
    look: str,
) -> None:
    found = _named(group, request.config.getoption("--page"))
    knock = visitors(LOOKS[look])

    wrong = [fault for page in found for fault in _faults(page, stage, knock, axe)]

    assert not wrong, "\n" + "\n".join(wrong)


@pytest.fixture
def visitors(
    new_page: SignedInPage, stage: World
) -> Callable[[Look], Callable[[str], BrowserPage]]:
    """Makes, for a look, a browser page of each who may knock: `visitors(look)("owner")`."""

    def looking(look: Look) -> Callable[[str], BrowserPage]:
        made: dict[str, BrowserPage] = {}

        def of(who: str) -> BrowserPage:
            if who not in made:
                made[who] = new_page(language=look.language, scheme=look.scheme, size=look.size)
                made[who].context.add_cookies(list(_cookies(stage, who, look.language)))
                made[who].on("request", lambda asked: _only_ours(made[who], asked.url))
            return made[who]

        return of

    return looking


def _cookies(world: World, who: str, language: str) -> Iterator[dict[str, str]]:
    jar = {name: one.value for name, one in world.clients[who].cookies.items()}
    jar[settings.LANGUAGE_COOKIE_NAME] = language
    for name, value in jar.items():
        yield {"name": name, "value": value, "domain": "localhost", "path": "/"}


def _only_ours(page: BrowserPage, url: str) -> None:
    if not url.startswith(("http://localhost:", "data:", "blob:", "about:")):
        page.problems.append(f"asks elsewhere: {url}")  # type: ignore[attr-defined]


def _faults(
    page: Page, world: World, visitors: Callable[[str], BrowserPage], axe: Any
) -> list[str]:
    if page.name in NO_PAGE or page.access is None:
        return []
    values = dict(OWN_ROWS[page.name](world)) if page.parameters else None
    path = reverse(page.name, kwargs=values)
    seen = visitors(_who_opens(page))
    seen.problems.clear()  # type: ignore[attr-defined]  # set by _watched
    kind = _open(seen, path)
    if not kind.startswith("text/html"):
        return []
    faults = list(axe(seen))
    sideways = seen.evaluate("document.documentElement.scrollWidth - innerWidth")
    if sideways > 0:
        faults.append(f"{sideways} px too wide")
    faults += seen.problems  # type: ignore[attr-defined]
    return [f"{page.name} {path}: {' '.join(fault.split())}" for fault in faults]


def _who_opens(page: Page) -> str:
    assert page.access is not None
    if page.access.kind in {"public", "link"}:
        return "anonymous"
    if page.access.kind == "device":
        return page.access.scope.split()[0]
    return "owner"


def _open(seen: BrowserPage, path: str) -> str:
    """The type of what is there; empty for what takes no GET, leads elsewhere or is a file."""
    answer = seen.request.get(path, max_redirects=0)
    if answer.status != 200 or "attachment" in answer.headers.get("content-disposition", ""):
        assert answer.status < 500, (path, answer.text()[-1500:])
        return ""
    kind = answer.headers.get("content-type", "")
    if kind.startswith("text/html"):
        seen.goto(path, wait_until="load")
    return kind
