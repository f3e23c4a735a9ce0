"""The built files."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import RequestFactory

from regulars.core import assets

LETTERS = {
    "latin": "aáéíóöőúüűõäšžŐŰ0123456789€₾–“„”",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъьюяАЯ",
    "georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
}


@pytest.fixture(scope="module")
def built() -> Path:
    folder = Path(settings.DATA) / "assets"
    assets.build(folder)
    return folder / "regulars"


def test_building_again_writes_nothing(built: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in built.rglob("*") if file.is_file()}

    files = assets.build(built.parent)

    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert all(file.exists() for file in files)


@pytest.mark.parametrize("subset", LETTERS)
@pytest.mark.parametrize("face", ["regular", "italic", "bold"])
def test_the_fonts_have_the_letters(built: Path, face: str, subset: str) -> None:
    from fontTools.ttLib import TTFont

    data = (built / "fonts" / f"firago-{face}-{subset}.woff2").read_bytes()
    letters = TTFont(io.BytesIO(data)).getBestCmap()

    assert [one for one in LETTERS[subset] if ord(one) not in letters] == []


def test_every_font_file_of_the_sheet_exists(built: Path) -> None:
    css = (built / "console.css").read_text("utf-8")
    files = re.findall(r"url\((fonts/[^)]+)\)", css)

    assert len(files) == 12
    assert [file for file in files if not (built / file).exists()] == []


def test_public_pages_take_no_font(built: Path) -> None:
    css = (built / "portal.css").read_text("utf-8")

    assert "@font-face" not in css
    assert "url(" not in css


@pytest.mark.django_db
def test_a_public_page_is_light(built: Path) -> None:
    """The shell with its sheet, script and signs: well under 30 kB over the wire (gzip)."""
    request = RequestFactory().get("/")
    page = get_template("portal/base.html").render({}, request)
    sprite = (assets.PACKAGES / "core/static/core/icons.svg").read_bytes()
    parts = [
        page.encode(),
        (built / "portal.css").read_bytes(),
        (built / "portal.js").read_bytes(),
        sprite,
    ]

    assert sum(len(gzip.compress(part)) for part in parts) < 16_000


def test_a_comment_and_indentation_cost_nothing() -> None:
    assert assets._squeezed("/* x */\n@layer a {\n  b { c: d; }\n}\n") == (
        "@layer a {\nb { c: d; }\n}\n"
    )
