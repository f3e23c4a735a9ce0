"""Rules for the style sheets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[2] / "src" / "regulars"
FILES = sorted(PACKAGES.glob("*/static/*/css/**/*.css"))
# Set by the served colour sheet, or read with a fallback where a component may leave it unset.
SET_ELSEWHERE = {"--chosen"}


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def read(file: Path) -> str:
    return without_comments(file.read_text("utf-8"))


def undefined(sheets: list[str]) -> set[str]:
    everything = "".join(sheets)
    defined = set(re.findall(r"(--[\w-]+)\s*:", everything)) | SET_ELSEWHERE
    used = set(re.findall(r"var\(\s*(--[\w-]+)\s*\)", everything))
    return used - defined


def test_every_variable_is_defined() -> None:
    assert undefined([read(file) for file in FILES]) == set()


def test_an_undefined_variable_would_be_found() -> None:
    assert undefined([".a { color: var(--nowhere); }"]) == {"--nowhere"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_rule_is_in_a_layer(file: Path) -> None:
    outside = re.sub(r"@layer [\w, ]+;", "", read(file))
    depth, level = 0, []
    for part in re.split(r"([{}])", outside):
        if part == "{":
            depth += 1
        elif part == "}":
            depth -= 1
        elif depth == 0 and part.strip():
            level.append(part.strip())

    assert [one for one in level if not one.startswith("@layer")] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_raw_colours_are_named_in_the_tokens_only(file: Path) -> None:
    if file.stem == "tokens":
        return
    literal = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", read(file))
    raw = re.findall(r"var\(--raw-", read(file)) if file.stem != "portal" else []

    assert literal + raw == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_directions_are_logical(file: Path) -> None:
    sides = r"(?<![\w-])(?:margin|padding|border)-(?:left|right|top|bottom)\b"

    assert re.findall(rf"{sides}|text-align:\s*(?:left|right)", read(file)) == []
