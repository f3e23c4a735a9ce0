"""Published figures as tests, and as rows of the page for statisticians.

    @published(
        method="Wilson score interval",
        source="Newcombe (1998), Table I, method 3",
        check="81 of 263",
        expected={"low": 0.2553, "high": 0.3662},
        digits=4,
    )
    def test_wilson_81_of_263() -> dict[str, float]:
        interval = wilson(81, 263)

        return {"low": interval.low, "high": interval.high}

The function takes no fixtures and returns what we compute: one number, a sequence or a mapping of
numbers (or a string). The decorated function is an ordinary pytest test that asserts agreement;
`tools/stats_page.py` collects the same functions and writes docs/develop/statistics.md from them.
A result is computed once per process.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Computed = float | str | Sequence[float] | Mapping[str, float]
Values = dict[str, float] | dict[str, str]


@dataclass(frozen=True)
class Check:
    """One published figure: what the source says, how exactly, and what we compute."""

    method: str
    source: str
    check: str
    expected: Values
    digits: int
    tolerance: float
    direction: str
    function: Callable[[], Computed]
    cache: dict[str, Values] = field(default_factory=dict)

    @property
    def module(self) -> str:
        return self.function.__module__

    @property
    def actual(self) -> Values:
        if "values" not in self.cache:
            self.cache["values"] = named(self.function())
        return self.cache["values"]

    @property
    def agrees(self) -> bool:
        if list(self.actual) != list(self.expected):
            return False
        return all(self._close(self.actual[key], self.expected[key]) for key in self.expected)

    def _close(self, actual: float | str, expected: float | str) -> bool:
        if isinstance(actual, str) or isinstance(expected, str):
            return actual == expected
        if math.isnan(actual):
            return False
        if self.direction == "at least":
            return actual >= expected
        if self.direction == "at most":
            return actual <= expected
        return abs(actual - expected) <= self.tolerance * (1 + 1e-9)


REGISTRY: dict[tuple[str, str], Check] = {}


def published(
    *,
    method: str,
    source: str,
    check: str,
    expected: Computed | None = None,
    at_least: Computed | None = None,
    at_most: Computed | None = None,
    digits: int = 4,
    tolerance: float | None = None,
) -> Callable[[Callable[[], Computed]], Callable[[], None]]:
    """Register a published figure; the result is a test.

    Exactly one of `expected` (equal within half a unit of the last of `digits` decimals, or
    within `tolerance`), `at_least`, `at_most` is given. `digits` is also how the page prints.
    """
    given = {"equal": expected, "at least": at_least, "at most": at_most}
    [(direction, values)] = [item for item in given.items() if item[1] is not None]
    margin = 0.5 * 10.0**-digits if tolerance is None else tolerance

    def decorate(function: Callable[[], Computed]) -> Callable[[], None]:
        entry = Check(method, source, check, named(values), digits, margin, direction, function)
        REGISTRY[function.__module__, function.__name__] = entry

        @functools.wraps(function)
        def test() -> None:
            assert entry.agrees, f"{entry.actual} is not {direction} to {entry.expected}"

        return test

    return decorate


def named(values: Computed | None) -> Values:
    """A mapping of plain numbers, whatever was given: one number, many, or named ones."""
    if isinstance(values, str):
        return {"": values}
    if isinstance(values, Mapping):
        return {str(key): float(value) for key, value in values.items()}
    if isinstance(values, int | float) or not hasattr(values, "__iter__"):
        return {"": float(values)}
    return {str(index): float(value) for index, value in enumerate(values, start=1)}
