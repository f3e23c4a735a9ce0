"""The living page `/design/` shows every piece in every state, also those still to come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel import Locale
from django.test import Client
from django.utils.formats import get_format

CORE = Path(__file__).resolve().parents[2] / "src" / "regulars" / "core"
LOOKS = CORE / "static" / "core" / "css" / "components"

# Tags that stand in other pieces, or give a word rather than a piece.
INSIDE = {
    "cell": "in a table",
    "field": "in a form",
    "languages": "a list, which the shell's switch shows",
    "pagination": "under a table",
    "rating": "a form's field",
    "rating_face": "in a rating",
}
# The shells of pages are no pieces of them.
SHELLS = {"portal", "shell"}
# Names that are on the page only for a moment, or put there by a script.
PASSING = {
    "htmx-request": "while a list is fetched",
    "key": "in a chart's tooltip, which the chart's library draws",
    "toasts--floating": "set by the script of messages",
    "toasts__close": "put in by the script of messages",
    "vg-tooltip": "a chart's tooltip, which the chart's library draws",
    "visible": "a chart's tooltip while one points at something",
    "errorlist": "the look of lists of errors that another library writes",
    "pairs": "an arrangement of fields, seen in the opening hours",
}


def test_every_tag_is_on_it() -> None:
    tags = re.findall(
        r"@register\.simple\w*tag\S*\ndef (\w+)", (CORE / "templatetags" / "ui.py").read_text()
    )
    page = (CORE / "templates" / "core" / "design.html").read_text("utf-8")

    missing = {tag for tag in tags if not re.search(rf"\{{%\s*{tag}\b", page)}

    assert missing - set(INSIDE) == set()
    assert len(tags) > 25


def test_every_look_of_every_piece_is_on_it(owner_client: Client) -> None:
    page = owner_client.get("/design/").content.decode()
    shown = {name for names in re.findall(r'class="([^"]*)"', page) for name in names.split()}

    missing = {
        f"{sheet.stem}: .{name}"
        for sheet in LOOKS.glob("*.css")
        if sheet.stem not in SHELLS
        for name in _classes(sheet) - shown - set(PASSING)
    }

    assert missing == set()


def _classes(sheet: Path) -> set[str]:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\.([a-z][a-z0-9_-]*)", css))


@pytest.mark.parametrize("language", ["en", "hu", "bg", "et", "ka"])
def test_the_week_begins_as_the_language_says(language: str) -> None:
    """As the Unicode consortium has it; English is that of Europe."""
    locale = Locale.parse("en_150" if language == "en" else language)

    assert get_format("FIRST_DAY_OF_WEEK", language) == (locale.first_week_day + 1) % 7
