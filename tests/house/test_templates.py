"""Rules for templates and scripts: nothing inline, nothing marked safe, every sign exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[2] / "src" / "regulars"
TEMPLATES = sorted(
    file for file in PACKAGES.glob("*/templates/**/*.html") if "emails" not in file.parts
)
SCRIPTS = sorted(PACKAGES.glob("*/static/*/js/**/*.js"))
MODULES = sorted(PACKAGES.glob("*/**/*.py"))
SPRITE = PACKAGES / "core" / "static" / "core" / "icons.svg"

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:",
    re.IGNORECASE,
)
# Modules that may call something safe, each with its reason.
MAY_MARK_SAFE: dict[str, str] = {}


def name(file: Path) -> str:
    return str(file.relative_to(PACKAGES))


@pytest.mark.parametrize("file", TEMPLATES, ids=name)
def test_nothing_is_inline(file: Path) -> None:
    assert INLINE.findall(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    ["<script>x</script>", "<style>", '<p style="x">', '<a onclick="x">', "href='javascript:x'"],
)
def test_inline_would_be_found(text: str) -> None:
    assert INLINE.search(text)


@pytest.mark.parametrize("file", TEMPLATES, ids=name)
def test_nothing_is_marked_safe(file: Path) -> None:
    assert re.findall(r"\|\s*safe\b|autoescape off", file.read_text("utf-8")) == []


def test_no_module_marks_safe() -> None:
    found = {name(file) for file in MODULES if re.search(r"\bmark_safe\(", file.read_text("utf-8"))}

    assert found - set(MAY_MARK_SAFE) == set()


def test_every_sign_exists() -> None:
    signs = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text("utf-8")))
    used = {
        (name(file), sign)
        for file in TEMPLATES
        for sign in re.findall(
            r"""(?:\{%\s*icon\s+|\bicon=)["']([\w-]+)["']""", file.read_text("utf-8")
        )
    }

    assert {(file, sign) for file, sign in used if sign not in signs} == set()


@pytest.mark.parametrize("file", SCRIPTS, ids=name)
def test_a_script_says_what_it_does(file: Path) -> None:
    assert file.read_text("utf-8").startswith("/*")


@pytest.mark.parametrize("file", SCRIPTS, ids=name)
def test_an_element_takes_its_listeners_away(file: Path) -> None:
    text = file.read_text("utf-8")
    if "extends HTMLElement" in text and "addEventListener" in text:
        assert "disconnectedCallback" in text


@pytest.mark.parametrize("file", SCRIPTS, ids=name)
def test_a_script_evaluates_nothing(file: Path) -> None:
    assert re.findall(r"\beval\(|new Function|innerHTML\s*=", file.read_text("utf-8")) == []
