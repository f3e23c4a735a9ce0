"""Writes docs/status.md from docs/status/*.toml.

python tools/status.py            write the page
python tools/status.py --check    exit status 1 when a row is untrue in form or the page is stale

`ids.toml` lists what the product must do and promise. Every other file holds the rows of one
package, so that two changes do not collide. Where several mention one id, the worst state counts.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "status"
PAGE = ROOT / "docs" / "status.md"
STATES = ("not yet", "partly", "works")  # the worst first
FIELDS = {"state", "test", "missing"}

INTRODUCTION = """\
# What works

Every requirement and every promise, and the test that shows it. “Works” means that a test proves
it; “partly” says what is missing. This page is written by `python tools/status.py` from
`docs/status/`; do not edit it.
"""


@dataclass(frozen=True)
class Row:
    """What one package says about one id."""

    id: str
    source: str
    state: str
    tests: tuple[str, ...]
    missing: str


def main() -> int:
    faults = list(faults_of(rows()))
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != written_page():
            faults.append("docs/status.md is stale: run python tools/status.py")
    else:
        PAGE.write_text(written_page(), encoding="utf-8")
    for fault in faults:
        print(fault)
    print(summary())
    return 1 if faults else 0


def titles() -> dict[str, dict[str, str]]:
    """Group → id → short title."""
    with (FOLDER / "ids.toml").open("rb") as file:
        return tomllib.load(file)


def rows() -> list[Row]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.name == "ids.toml":
            continue
        with path.open("rb") as file:
            content = tomllib.load(file)
        found += [row_from(key, path.stem, value) for key, value in content.items()]
    return found


def row_from(key: str, source: str, value: dict[str, Any]) -> Row:
    unknown = set(value) - FIELDS
    if unknown:
        raise SystemExit(f"docs/status/{source}.toml: [{key}] has unknown fields {sorted(unknown)}")
    tests = value.get("test", [])
    return Row(
        key,
        source,
        value.get("state", "not yet"),
        (tests,) if isinstance(tests, str) else tuple(tests),
        value.get("missing", ""),
    )


def faults_of(found: list[Row]) -> Iterator[str]:
    """What is wrong with the rows, one sentence each."""
    known = {key for group in titles().values() for key in group}
    for row in found:
        place = f"docs/status/{row.source}.toml: [{row.id}]"
        if row.id not in known:
            yield f"{place} is not an id of ids.toml"
        if row.state not in STATES:
            yield f"{place} state is “{row.state}”, but it may be: {', '.join(STATES)}"
        if row.state == "works" and not row.tests:
            yield f"{place} works, but names no test"
        if row.state == "works" and row.missing:
            yield f"{place} works, and yet something is missing: then it works partly"
        if row.state == "partly" and not row.missing:
            yield f"{place} works partly, but does not say what is missing"
        for test in row.tests:
            if not exists(test):
                yield f"{place} names {test}, which does not exist"


def exists(test: str) -> bool:
    """Whether `path::name` (or `path::Class::name`, or a path alone) is a test."""
    path, *names = test.split("::")
    if not (ROOT / path).is_file():
        return False
    return not names or names[-1].partition("[")[0] in names_in(ROOT / path)


@cache
def names_in(path: Path) -> frozenset[str]:
    """Functions, classes and assigned names (`TestLedger = Machine.TestCase`) of a file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(names)


def written_page() -> str:
    by_id: dict[str, list[Row]] = {}
    for row in rows():
        by_id.setdefault(row.id, []).append(row)
    text = f"{INTRODUCTION}\n{summary()}\n"
    for group, ids in titles().items():
        text += f"\n## {group}\n\n| id | what | state | test | missing |\n|---|---|---|---|---|\n"
        text += "".join(line(key, title, by_id.get(key, [])) for key, title in ids.items())
    return text


def line(key: str, title: str, found: list[Row]) -> str:
    tests = dict.fromkeys(test for row in found for test in row.tests)
    links = "<br>".join(link(test) for test in tests)
    missing = " ".join(dict.fromkeys(row.missing for row in found if row.missing))
    return f"| {key} | {title} | {worst(found)} | {links} | {missing.replace('|', '/')} |\n"


def worst(found: list[Row]) -> str:
    if not found:
        return STATES[0]
    return min((row.state for row in found), key=STATES.index)


def link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.split('::')[-1] or Path(path).name}](../{path})"


def summary() -> str:
    states = {key: STATES[0] for group in titles().values() for key in group}
    for key in states:
        states[key] = worst([row for row in rows() if row.id == key])
    counts = [f"{sum(s == state for s in states.values())} {state}" for state in reversed(STATES)]
    return f"Of {len(states)}: {', '.join(counts)}."


if __name__ == "__main__":
    sys.exit(main())
