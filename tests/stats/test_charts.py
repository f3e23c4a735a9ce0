"""Control charts against textbook examples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats.charts import Chart, laney_p_chart, p_chart, xmr
from regulars.stats.errors import StatisticsError
from tests.stats.published import published

# Montgomery, Introduction to Statistical Quality Control: loan costs and orange juice cans
LOANS = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306,
         301, 304]  # fmt: skip
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9,
        12, 7, 13, 9, 6]  # fmt: skip


@published(
    method="XmR chart",
    source="Montgomery, 6th ed., example 6.5 (loan costs)",
    check="centre, mean range, limits, limit of ranges",
    expected=(300.5, 7.79, 321.22, 279.78, 25.45),
    digits=2,
)
def test_xmr_of_loan_costs() -> list[float]:
    chart = xmr(LOANS)

    return [chart.centre, chart.mean_range, chart.upper[0], chart.lower[0], chart.range_limit]


@published(
    method="p chart",
    source="Montgomery, 6th ed., example 7.1 (orange juice cans)",
    check="centre and limits, samples outside (15 and 23)",
    expected=(0.2313, 0.4102, 0.0524, 15, 23),
)
def test_p_chart_of_cans() -> list[float]:
    chart = p_chart(CANS, [50] * 30)

    return [chart.centre, chart.upper[0], chart.lower[0], *(i + 1 for i in chart.outside)]


@published(
    method="Laney p′ chart",
    source="Laney (2002): with equal sizes p′ is the XmR chart of the shares",
    check="limits for the orange juice cans",
    expected=(
        float(np.mean(CANS) / 50 + 3 * np.abs(np.diff(CANS)).mean() / 50 / 1.128),
        0.0,
    ),
)
def test_laney_of_equal_sizes() -> list[float]:
    chart = laney_p_chart(CANS, [50] * 30)

    return [chart.upper[0], chart.lower[0]]


def test_xmr_says_everything() -> None:
    reach = 3 * 2 / 1.128

    assert xmr([1, 3, 1, 3]) == Chart(
        (1.0, 3.0, 1.0, 3.0), 2.0, (2 - reach,) * 4, (2 + reach,) * 4, 1.0, 2.0, 3.267 * 2
    )


def test_xmr_of_equal_values_has_no_width() -> None:
    chart = xmr([4.0, 4.0])

    assert (chart.lower, chart.upper, chart.outside) == ((4.0, 4.0), (4.0, 4.0), ())


def test_xmr_finds_what_is_outside() -> None:
    assert xmr([10.0] * 30 + [20.0] + [10.0] * 30).outside == (30,)
    assert xmr([10.0] * 30 + [0.0] + [10.0] * 30).outside == (30,)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf]])
def test_xmr_needs_two_finite_values(values: list[float]) -> None:
    with pytest.raises(StatisticsError, match="at least two finite values"):
        xmr(values)


def test_limits_follow_the_sizes() -> None:
    chart = p_chart([5, 0, 20], [10, 0, 90])

    errors = [3 * math.sqrt(0.25 * 0.75 / n) for n in (10, 90)]
    assert chart == Chart(
        (0.5, None, 20 / 90),
        0.25,
        (0.0, 0.0, pytest.approx(0.25 - errors[1])),
        (pytest.approx(0.25 + errors[0]), 1.0, pytest.approx(0.25 + errors[1])),
    )


def test_laney_widens_where_days_differ_more_than_chance() -> None:
    hits, sizes = [100, 300, 120, 290], [1000, 1000, 1000, 1000]

    laney, plain = laney_p_chart(hits, sizes), p_chart(hits, sizes)

    error = math.sqrt(0.2025 * 0.7975 / 1000)
    assert laney.sigma_z == pytest.approx((200 + 180 + 170) / 3 / 1000 / error / 1.128)
    assert laney.upper[0] - laney.centre == pytest.approx(
        laney.sigma_z * (plain.upper[0] - plain.centre)
    )
    assert (plain.outside, laney.outside) == ((0, 1, 2, 3), ())


def test_laney_without_two_periods_or_without_variation_is_the_p_chart() -> None:
    assert laney_p_chart([3], [10]) == p_chart([3], [10])
    assert laney_p_chart([3, 0], [10, 0]) == p_chart([3, 0], [10, 0])
    assert laney_p_chart([10, 5], [10, 5]) == p_chart([10, 5], [10, 5])
    assert p_chart([10, 5], [10, 5]) == Chart((1.0, 1.0), 1.0, (1.0, 1.0), (1.0, 1.0))


def test_nonsense_raises() -> None:
    with pytest.raises(StatisticsError, match="not below its successes"):
        p_chart([3], [2])
    with pytest.raises(StatisticsError, match="not below its successes"):
        p_chart([3], [4, 4])
    with pytest.raises(StatisticsError, match="at least one answer"):
        p_chart([0], [0])
    with pytest.raises(StatisticsError, match="cannot be negative"):
        laney_p_chart([-1], [3])
    with pytest.raises(StatisticsError, match="at least one answer"):
        laney_p_chart([], [])


@given(st.lists(st.integers(0, 30), min_size=2, max_size=40))
def test_with_equal_sizes_laney_is_xmr(hits: list[int]) -> None:
    if sum(hits) in {0, 30 * len(hits)}:
        return

    laney, plain = laney_p_chart(hits, [30] * len(hits)), xmr([hit / 30 for hit in hits])

    assert laney.centre == pytest.approx(plain.centre)
    assert laney.upper[0] == pytest.approx(min(1.0, plain.upper[0]))
    assert laney.lower[0] == pytest.approx(max(0.0, plain.lower[0]), abs=1e-12)


def test_sigma_z_is_of_the_standardised_shares() -> None:
    hits, sizes = [4, 30, 9, 2], [10, 80, 40, 5]

    found = laney_p_chart(hits, sizes)

    centre = 45 / 135
    z = [
        (x / n - centre) / math.sqrt(centre * (1 - centre) / n)
        for x, n in zip(hits, sizes, strict=True)
    ]
    assert found.sigma_z == pytest.approx(float(np.mean(np.abs(np.diff(z)))) / 1.128)
