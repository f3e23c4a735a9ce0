"""The page for developers names every call there is, with the scopes it needs, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from regulars.accounts.models import Scope
from regulars.config.api import api

PAGE = Path(__file__).parents[2] / "docs" / "develop" / "api.md"


def test_the_page_names_every_call() -> None:
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    named = re.findall(r"`(GET|POST|PATCH|DELETE|PUT) (/[^`]*)`", "\n".join(table))
    there = [
        (method.upper(), path.removeprefix("/api/v1"))
        for path, calls in api.get_openapi_schema()["paths"].items()
        for method in calls
    ]

    assert sorted(named) == sorted(there)


def test_the_page_names_only_scopes_there_are() -> None:
    scopes = set(re.findall(r"`([a-z]+\.[a-z]+)`", PAGE.read_text(encoding="utf-8")))

    assert Scope.REWARDS_WRITE in scopes
    assert scopes <= set(Scope.values)
