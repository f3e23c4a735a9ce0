"""Histograms in whatever form they come, and nonsense that must raise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats.errors import StatisticsError
from regulars.stats.histograms import checked_scale, counts, from_answers, pooled, whole


def test_mapping_and_sequence_are_the_same_histogram() -> None:
    assert counts({5: 2, 3: 1}, (1, 5)) == (0, 0, 1, 0, 2)
    assert counts([0, 0, 1, 0, 2], (1, 5)) == (0, 0, 1, 0, 2)
    assert counts({}, (0, 2)) == (0, 0, 0)


def test_numpy_counts_become_ints() -> None:
    found = counts(list(np.array([1, 2])), (0, 1))

    assert found == (1, 2)
    assert all(type(count) is int for count in found)


@pytest.mark.parametrize("grade", [0, 6, -1, "5"])
def test_a_grade_off_the_scale_raises(grade: int) -> None:
    with pytest.raises(StatisticsError, match="is not on the scale 1 to 5"):
        counts({grade: 1}, (1, 5))


def test_a_sequence_of_wrong_length_raises() -> None:
    message = "a histogram of the scale 0 to 10 has 11 counts, not 10"
    with pytest.raises(StatisticsError, match=message):
        counts([0] * 10, (0, 10))


@pytest.mark.parametrize("count", [1.0, math.nan, "1", None, 0.5])
def test_a_count_that_is_not_whole_raises(count: object) -> None:
    with pytest.raises(StatisticsError, match="a count is a whole number"):
        whole(count)


def test_a_negative_count_raises() -> None:
    with pytest.raises(StatisticsError, match="a count cannot be negative: -1"):
        counts({1: -1}, (1, 5))
    assert whole(0) == 0


@pytest.mark.parametrize("scale", [(5, 5), (5, 1)])
def test_a_scale_runs_upwards(scale: tuple[int, int]) -> None:
    with pytest.raises(StatisticsError, match="from a lower to a higher grade"):
        checked_scale(scale)


@given(st.lists(st.integers(1, 7)))
def test_single_answers_and_their_counts_agree(answers: list[int]) -> None:
    assert from_answers(answers, (1, 7)) == tuple(answers.count(grade) for grade in range(1, 8))


def test_pooled_adds_days() -> None:
    assert pooled([{1: 1}, [0, 2, 0, 0, 1], {5: 3}], (1, 5)) == (1, 2, 0, 0, 4)
    assert pooled([], (1, 5)) == (0, 0, 0, 0, 0)
