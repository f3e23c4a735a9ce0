"""The main menu shows what exists and what the role allows."""

from __future__ import annotations

from regulars.console.navigation import Entry, Link, links
from regulars.core.access import Permission

GROUPS = (
    (Entry("Design", "home", ("core:design",)),),
    (
        Entry("Language", "globe", ("nowhere:page", "core:language"), Permission.MANAGE),
        Entry("Nowhere", "globe", ("nowhere:page",)),
    ),
)


def test_somebody_who_may_look_sees_what_exists() -> None:
    shown = links(GROUPS, path="/design/x/", permissions=frozenset({Permission.SEE}))

    assert shown == [[Link("Design", "home", "/design/", True)]]


def test_somebody_who_manages_sees_more() -> None:
    shown = links(GROUPS, path="/", permissions=frozenset({Permission.SEE, Permission.MANAGE}))

    assert shown == [
        [Link("Design", "home", "/design/", False)],
        [Link("Language", "globe", "/language/", False)],
    ]


def test_nobody_sees_nothing() -> None:
    assert links(GROUPS, path="/", permissions=frozenset()) == []
