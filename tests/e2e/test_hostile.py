"""PE1 and PE5: what people write is shown as text on every page; no page can be framed.

Each free text of each row of the demo company, and of a row of every page's example, is replaced by
markup that would run. Chromium then opens every page: nothing runs, nothing is even refused by the
content policy, because nothing was markup.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage

from regulars.core import triggers
from regulars.core.models import Job, SchedulePeriod
from tests.e2e.conftest import SignedInPage
from tests.e2e.test_every_page import LOOKS, NO_PAGE, Look, _open, _who_opens, stage, visitors
from tests.house.examples import OWN_ROWS, World
from tests.house.surface import pages

pytestmark = pytest.mark.longer
__all__ = ["stage", "visitors"]

# What closes whatever a text may stand in, and what would run behind it: 216 together.
CLOSERS = (
    *("", '">', "'>", "`>", "-->", "]]>", '\\">', "&quot;>"),
    *("</script>", "</style>", "</textarea></title>", "</option></select></template>"),
)
VECTORS = (
    "<script>window.__xss=1</script>",
    "<ScRiPt >window.__xss=1</sCrIpT >",
    "<script src=data:text/javascript,window.__xss=1></script>",
    "<img src=x onerror=window.__xss=1>",
    "<img/src=x/onerror=window.__xss=1//",
    "<svg onload=window.__xss=1>",
    "<svg><animate onbegin=window.__xss=1 attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.__xss=1</script>'>",
    "<body onload=window.__xss=1>",
    "<input autofocus onfocus=window.__xss=1>",
    "<details open ontoggle=window.__xss=1>",
    "<video><source onerror=window.__xss=1></video>",
    "<object data='javascript:window.__xss=1'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.__xss=1>",
    "<a href='java\tscript:window.__xss=1' autofocus>x</a>",
    " onmouseover=window.__xss=1 autofocus onfocus=window.__xss=1 x=",
    "javascript:window.__xss=1//",
    "{{constructor.constructor('window.__xss=1')()}}${window.__xss=1}<%= 7*7 %>{% debug %}",
)
PAYLOADS = tuple(closer + vector for vector in VECTORS for closer in CLOSERS)
IN_ONE_TEXT = 12


def texts(most: int, start: int) -> list[str]:
    """Every payload in texts of at most `most` characters, the first beginning at `start`."""
    found: list[str] = []
    for number in range(len(PAYLOADS)):
        payload = PAYLOADS[(start + number) % len(PAYLOADS)]
        if len(payload) > most:
            continue
        joined = f"{found[-1]} {payload}" if found else payload
        if found and len(joined) <= most and joined.count("__xss") <= IN_ONE_TEXT:
            found[-1] = joined
        else:
            found.append(payload)
    return found


# What a machine reads, not people.
NOT_TYPED = {
    "public_id", "key", "address_hash", "token_hash", "code_hash", "kind", "code", "search_key",
    "sort_key", "password", "pin", "task", "status", "worker", "action", "subject", "metric",
    "language", "currency", "time_zone", "colour", "message_id", "submission_id", "open_token",
    "country", "channel", "purpose", "state", "smtp_url", "email", "address", "to_address", "html",
    "reply_to", "token", "instance_id", "public_url", "in_reply_to", "encoder", "source", "trade",
    "to_name", "postal_address", "sender", "mail_from", "segment", "way", "label_key", "ending",
    "file", "path", "session", "logo",
}  # fmt: skip


def plant() -> int:
    """Put the payloads into every free text; how many columns were filled.

    Rows of one table have different payloads, and each column begins with another one.
    """
    triggers.remove(connection)
    count = 0
    for model in apps.get_models():
        if not model.__module__.startswith("regulars.") or model in {Job, SchedulePeriod}:
            continue
        if model._meta.pk.get_internal_type() == "CharField":
            continue
        for field in filter(_is_free_text, model._meta.concrete_fields):
            wanted = texts(field.max_length or 3_000, start=count * 7)
            some = model._default_manager.annotate(rest=models.F("pk") % len(wanted))
            for number, text in enumerate(wanted):
                with suppress(IntegrityError), transaction.atomic():
                    some.filter(rest=number).update(**{field.name: text})
            count += 1
    triggers.install(connection)
    return count


def _is_free_text(field: models.Field[Any, Any]) -> bool:
    return (
        type(field) in {models.CharField, models.TextField}
        and not field.choices
        and not field.unique
        and not field.primary_key
        and field.name not in NOT_TYPED
        and (field.max_length or 10_000) >= 30
    )


def test_markup_that_people_write_never_runs(
    stage: World, visitors: Callable[[Look], Callable[[str], BrowserPage]]
) -> None:
    paths = []
    for page in pages():
        if page.name in NO_PAGE or page.access is None:
            continue
        values = dict(OWN_ROWS[page.name](stage)) if page.parameters else None
        paths.append((page, reverse(page.name, kwargs=values)))
    filled = plant()
    knock = visitors(LOOKS["wide-light-en"])

    wrong, seen_texts = [], 0
    for page, path in paths:
        seen = knock(_who_opens(page))
        seen.problems.clear()  # type: ignore[attr-defined]  # set by _watched
        if not _open(seen, path).startswith("text/html"):
            continue
        if seen.evaluate("window.__xss"):
            wrong.append(f"{page.name}: ran")
        wrong += [f"{page.name}: {one}" for one in seen.problems]  # type: ignore[attr-defined]
        seen_texts += "__xss" in seen.inner_text("body")

    assert not wrong, "\n".join(wrong)
    assert filled > 5
    assert seen_texts > 0  # the payloads were there to be read


def test_no_page_lets_itself_be_framed(
    signed_in_page: SignedInPage, live_server: Any, page: BrowserPage
) -> None:
    """A page of another origin gets an error where ours should stand."""
    page.goto("data:text/html,<title>Elsewhere</title>")
    page.evaluate(
        "url => { const f = document.createElement('iframe'); f.src = url;"
        " document.body.append(f); return new Promise(done => f.onload = done) }",
        f"{live_server.url}/account/login/",
    )
    frame = page.frames[-1]

    assert "Sign in" not in frame.content()
    assert frame.url.startswith("chrome-error:")
