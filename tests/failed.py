"""A plugin of pytest, `-p tests.failed --failed-to FILE`: writes down which tests failed.

Pytest's own memory of them (`--last-failed`) forgets tests whose parts are counted one by one.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the names go."""
    parser.addoption("--failed-to", type=Path, help="a file for the names of the tests that failed")


def pytest_configure(config: pytest.Config) -> None:
    """In the process that hears of all tests, not in those that run a share of them."""
    file = config.getoption("--failed-to")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Failed(file))


class _Failed:
    """Writes down which tests failed; pytest's own memory forgets those with subtests."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._names: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._names[report.nodeid] = None

    def pytest_sessionfinish(self) -> None:
        self._file.write_text("\n".join(self._names), encoding="utf-8")
