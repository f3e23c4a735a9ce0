"""PI11: a race or kill test that passes by luck is found out by its control, in the same run."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.faults import registered

FAULTS = Path(__file__).resolve().parents[1] / "faults"
TIERS = {"longer", "by_hand"}


def found_in(path: Path) -> dict[str, set[str]]:
    """The tests of a module and the tier each is in (none: each commit)."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name: {
            mark.attr
            for one in node.decorator_list
            for mark in ast.walk(one)
            if isinstance(mark, ast.Attribute) and mark.attr in TIERS
        }
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_race_and_kill_has_a_control_in_the_same_tier() -> None:
    lacking = []
    for path in sorted(FAULTS.glob("test_*.py")):
        found = found_in(path)
        controls = [tiers for name, tiers in found.items() if name.startswith("test_control_")]
        others = [tiers for name, tiers in found.items() if not name.startswith("test_control_")]
        # What runs at each commit needs a control that runs at each commit.
        if any(not tiers for tiers in others) and not any(not tiers for tiers in controls):
            lacking.append(path.name)
        if not controls:
            lacking.append(path.name)

    assert lacking == []


def test_every_registered_task_has_an_example_to_be_killed_in() -> None:
    assert set(registered.EXAMPLES) == registered.names()
