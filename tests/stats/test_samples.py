"""How many answers are needed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats.errors import StatisticsError
from regulars.stats.samples import (
    TYPICAL_NPS_VARIANCE,
    sample_size_change,
    sample_size_nps,
    sample_size_share,
    smallest_visible_change,
)
from tests.stats.published import published


@published(
    method="Sample size",
    source="1.96² · .60 / .10²",
    check="± 10 NPS points at a typical spread",
    expected=231,
    digits=0,
)
def test_answers_for_a_margin() -> int:
    return sample_size_nps(10)


@published(
    method="Sample size",
    source="2 · .60 · (1.960 + .842)² / .10²",
    check="a change of 10 NPS points seen with 80 % power, per period",
    expected=942,
    digits=0,
)
def test_answers_for_a_change() -> int:
    return sample_size_change(10)


@published(
    method="Sample size",
    source="Cochran (1977), 4.4: 1.96² · .25 / .05²; corrected for 1000 people, 4.2",
    check="a share ± .05; the same among 1000",
    expected=(385, 278),
    digits=0,
)
def test_answers_for_a_share() -> tuple[int, int]:
    return sample_size_share(0.05), sample_size_share(0.05, population=1000)


def test_defaults_are_the_usual_questions() -> None:
    assert sample_size_nps() == sample_size_nps(10.0, variance=6000.0, confidence=0.95)
    assert sample_size_share() == sample_size_share(0.05, share=0.5)
    assert sample_size_change() == sample_size_change(10.0, variance=6000, power=0.8)
    assert TYPICAL_NPS_VARIANCE == 6000.0


def test_variance_confidence_and_power_count() -> None:
    assert sample_size_nps(10, variance=3000) == 116
    assert sample_size_nps(10, confidence=0.9) == 163
    assert sample_size_nps(20) == 58
    assert sample_size_share(0.1, share=0.2) == 62
    assert sample_size_share(0.1, share=0.0) == 1
    assert sample_size_change(20, power=0.9) == 316
    assert sample_size_change(10, variance=0) == 0


def test_a_small_shop_needs_to_ask_no_more_than_it_has() -> None:
    assert sample_size_nps(10, population=50) == 42
    assert sample_size_nps(10, population=1) == 1
    assert sample_size_nps(500, population=50) == 1


def test_what_a_number_of_answers_can_show() -> None:
    assert smallest_visible_change(942, 942) == pytest.approx(9.9997, abs=1e-3)
    assert smallest_visible_change(100, 400) == pytest.approx(
        (1.959964 + 0.841621) * math.sqrt(6000 / 100 + 6000 / 400), abs=1e-4
    )
    assert smallest_visible_change(0, 10) is None
    assert smallest_visible_change(10, 0) is None
    assert smallest_visible_change(1, 1, variance=0.25, power=0.5, confidence=0.5) == (
        pytest.approx(0.6744898 * math.sqrt(0.5))
    )


@given(st.floats(1, 100), st.floats(100, 9000))
def test_the_sample_size_shows_the_change_it_was_meant_for(change: float, variance: float) -> None:
    n = sample_size_change(change, variance=variance)

    visible = smallest_visible_change(n, n, variance=variance)
    assert visible is not None
    assert visible <= change * (1 + 1e-9)
    if n > 1:
        assert (smallest_visible_change(n - 1, n - 1, variance=variance) or 0) > change * (1 - 1e-9)


@pytest.mark.parametrize("margin", [0.0, -1.0, math.nan, math.inf])
def test_margins_are_positive(margin: float) -> None:
    with pytest.raises(StatisticsError, match="margin must be positive"):
        sample_size_nps(margin)
    with pytest.raises(StatisticsError, match="change must be positive"):
        sample_size_change(margin)


@pytest.mark.parametrize("variance", [-1.0, math.nan, math.inf])
def test_variances_are_not_negative(variance: float) -> None:
    with pytest.raises(StatisticsError, match="variance cannot be negative"):
        sample_size_nps(variance=variance)
    with pytest.raises(StatisticsError, match="variance cannot be negative"):
        sample_size_change(variance=variance)
    with pytest.raises(StatisticsError, match="variance cannot be negative"):
        smallest_visible_change(1, 1, variance=variance)


def test_other_nonsense_raises() -> None:
    with pytest.raises(StatisticsError, match="at least one member, not 0"):
        sample_size_nps(population=0)
    with pytest.raises(StatisticsError, match="power must lie between 0 and 1"):
        sample_size_change(power=1.0)
    with pytest.raises(StatisticsError, match="power must lie between 0 and 1"):
        sample_size_change(power=0.0)
    with pytest.raises(StatisticsError, match="a share lies between 0 and 1"):
        sample_size_share(share=1.1)
    with pytest.raises(StatisticsError, match="a count cannot be negative"):
        smallest_visible_change(-1, 1)
    with pytest.raises(StatisticsError, match="a count cannot be negative"):
        smallest_visible_change(1, -1)


def test_whole_ranges_of_changes_follow_the_formula() -> None:
    for n_before, n_after in ((1, 1), (1, 400), (37, 5)):
        found = smallest_visible_change(n_before, n_after, variance=2500.0, power=0.9)

        reach = 1.959963985 + 1.281551566
        assert found == pytest.approx(reach * (2500 / n_before + 2500 / n_after) ** 0.5)
    assert sample_size_nps(10, population=1) == 1
    assert sample_size_nps(10, population=231) == 116
    assert sample_size_nps(200, population=50) == 1
