"""Histograms of answers: how many people chose each grade of a scale.

A histogram is a mapping of grade to count (grades that nobody chose may be missing) or a sequence
of counts from the scale's lowest grade to its highest. Every score derives from it in
microseconds, whatever the number of answers.
"""

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import SupportsIndex

from regulars.stats.errors import StatisticsError

Scale = tuple[int, int]
Histogram = Mapping[int, int] | Sequence[int]


def counts(histogram: Histogram, scale: Scale) -> tuple[int, ...]:
    """Counts from the scale's lowest grade to its highest; raises on anything that is not one."""
    low, high = checked_scale(scale)
    if isinstance(histogram, Mapping):
        strange = [grade for grade in histogram if grade not in range(low, high + 1)]
        if strange:
            raise StatisticsError(f"{strange[0]!r} is not on the scale {low} to {high}")
        return tuple(whole(histogram.get(grade, 0)) for grade in range(low, high + 1))
    if len(histogram) != high - low + 1:
        raise StatisticsError(
            f"a histogram of the scale {low} to {high} has {high - low + 1} counts,"
            f" not {len(histogram)}"
        )
    return tuple(whole(count) for count in histogram)


def from_answers(answers: Iterable[int], scale: Scale) -> tuple[int, ...]:
    """The histogram of single answers."""
    tally: dict[int, int] = {}
    for answer in answers:
        tally[answer] = tally.get(answer, 0) + 1
    return counts(tally, scale)


def pooled(histograms: Iterable[Histogram], scale: Scale) -> tuple[int, ...]:
    """The sum of histograms of one scale: all days of a month, all slices of a shop."""
    low, high = checked_scale(scale)
    total = [0] * (high - low + 1)
    for histogram in histograms:
        for index, count in enumerate(counts(histogram, scale)):
            total[index] += count
    return tuple(total)


def checked_scale(scale: Scale) -> Scale:
    """The scale, if its highest grade is above its lowest."""
    low, high = scale
    if not low < high:
        raise StatisticsError(f"a scale runs from a lower to a higher grade, not {low} to {high}")
    return low, high


def whole(count: SupportsIndex) -> int:
    """The count as an int; raises on fractions, NaN and negative numbers."""
    try:
        number = operator.index(count)
    except TypeError:
        raise StatisticsError(f"a count is a whole number, not {count!r}") from None
    if number < 0:
        raise StatisticsError(f"a count cannot be negative: {number}")
    return number
