"""Weights for who answered, and bounds for who did not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats import scores, silence
from regulars.stats.comparisons import compare
from regulars.stats.errors import StatisticsError
from regulars.stats.intervals import Interval
from regulars.stats.silence import (
    Representativeness,
    early_against_late,
    if_the_silent_differ,
    rake,
    representativeness,
    tipping_point,
    worst_case,
)
from regulars.stats.weighting import effective_n
from tests.stats.published import published

TEN_OF_TWENTY = scores.nps({10: 5, 8: 3, 0: 2})


def table(counts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.repeat(np.arange(len(counts)), np.sum(counts, axis=1))
    columns = np.concatenate([np.repeat(np.arange(len(row)), row) for row in counts])
    return rows, columns


@published(
    method="Raking of one margin",
    source="post-stratification: customers' share / answers' share",
    check="30 and 10 answers for half the customers each: weights, n_eff, design effect",
    expected=(2 / 3, 2.0, 30.0, 4 / 3),
)
def test_raking_one_margin() -> list[float]:
    raked = rake([np.repeat([0, 1], [30, 10])], [[500, 500]])

    return [raked.weights[0], raked.weights[-1], raked.effective_n, raked.design_effect]


@published(
    method="Raking keeps interactions",
    source="Deming & Stephan (1940); Ireland & Kullback (1968)",
    check="odds ratio of a 2 × 2 table, before 6 and after",
    expected=6.0,
)
def test_raking_keeps_the_odds_ratio() -> float:
    rows, columns = table([[30, 10], [20, 40]])

    raked = rake([rows, columns], [[0.5, 0.5], [0.4, 0.6]])

    cell = np.bincount(rows * 2 + columns, raked.weights)
    return float(cell[0] * cell[3] / cell[1] / cell[2])


def test_raked_margins_are_the_customers() -> None:
    rows, columns = table(
        [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]]
    )
    targets = [[150, 300, 400, 150], [200, 300, 400, 100]]

    raked = rake([rows, columns], targets)

    for codes, target in zip((rows, columns), targets, strict=True):
        margin = np.bincount(codes, raked.weights) / len(rows)
        np.testing.assert_allclose(margin, np.array(target) / 1000, atol=1e-8)
    assert raked.weights.mean() == pytest.approx(1)
    assert raked.effective_n == pytest.approx(effective_n(raked.weights))
    assert raked.trimmed == 0.0
    assert raked.discrepancy < 1e-8
    assert 1 < raked.rounds < 50


def test_margins_that_fit_already_leave_all_weights_at_one() -> None:
    raked = rake([np.array([0, 1, 2, 2])], [[1, 1, 2]])

    np.testing.assert_array_equal(raked.weights, np.ones(4))
    assert (raked.effective_n, raked.rounds) == (4.0, 1)


def test_trimming_says_what_it_costs() -> None:
    answers = np.repeat([0, 1, 2], [80, 15, 5])

    raked = rake([answers], [[0.4, 0.3, 0.3]], cap=3.0)

    assert raked.weights.max() == pytest.approx(3.0)
    assert raked.weights.mean() == pytest.approx(1.0)
    assert raked.trimmed == pytest.approx(0.05)
    # five answers stand for 15 % in place of 30 %; the rest keeps its proportion 4 : 3
    assert raked.discrepancy == pytest.approx(0.15)
    assert raked.weights[0] == pytest.approx(0.85 * 4 / 7 / 0.8)
    free = rake([answers], [[0.4, 0.3, 0.3]])
    assert raked.effective_n > free.effective_n
    assert free.trimmed == 0.0


def test_trimming_spreads_until_nobody_is_above_the_cap() -> None:
    answers = np.repeat([0, 1, 2], [70, 20, 10])

    raked = rake([answers], [[0.2, 0.4, 0.4]], cap=2.1)

    assert raked.weights.max() == pytest.approx(2.1)
    assert raked.weights.mean() == pytest.approx(1.0)
    assert raked.trimmed == pytest.approx(0.3)


def test_many_cells_take_the_sparse_way(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    columns = [generator.integers(0, k, 500) for k in (3, 4, 5)]
    margins = [generator.dirichlet(np.ones(k) * 9) for k in (3, 4, 5)]
    dense = rake(columns, margins)

    monkeypatch.setattr(silence, "_DENSE_CELLS", 1)

    sparse = rake(columns, margins)
    np.testing.assert_allclose(sparse.weights, dense.weights)


def test_a_category_without_answers_must_be_joined() -> None:
    with pytest.raises(StatisticsError, match=r"column 1, category 2: 0 answers for 0\.2000"):
        rake([[0, 1], [0, 1]], [[1, 1], [4, 4, 2]])
    with pytest.raises(StatisticsError, match=r"column 0, category 1: 1 answers for 0\.0000"):
        rake([[0, 1]], [[1, 0]])


def test_margins_that_contradict_the_cells_do_not_converge() -> None:
    with pytest.raises(StatisticsError, match="raking does not converge"):
        rake([[0, 1], [0, 1]], [[0.5, 0.5], [0.9, 0.1]])


@pytest.mark.parametrize(
    ("columns", "margins", "message"),
    [
        ([], [], "0 columns have 0 margins"),
        ([[0]], [], "1 columns have 0 margins"),
        ([[0, 1], [0]], [[1, 1], [1]], "lists of equal length"),
        ([[[0, 1]]], [[1, 1]], "lists of equal length"),
        ([np.array([], dtype=int)], [[1, 1]], "nobody answered"),
        ([[0, 2]], [[1, 1]], "whole codes from 0"),
        ([[-1, 0]], [[1, 1]], "whole codes from 0"),
        ([[0.0, 1.0]], [[1, 1]], "whole codes from 0"),
        ([[0, 1]], [[0, 0]], "a margin is a list"),
        ([[0, 1]], [[-1, 2]], "a margin is a list"),
        ([[0, 1]], [[math.nan, 2]], "a margin is a list"),
        ([[0, 1]], [[[1, 1]]], "a margin is a list"),
    ],
)
def test_nonsense_margins_raise(columns: list, margins: list, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        rake(columns, margins)


@pytest.mark.parametrize("cap", [1.0, 0.5, -1.0, math.nan])
def test_caps_are_above_one(cap: float) -> None:
    with pytest.raises(StatisticsError, match="a cap on weights is above 1"):
        rake([[0, 1]], [[1, 1]], cap=cap)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.randoms())
def test_raking_does_not_depend_on_the_order_of_answers(codes: list[int], random: object) -> None:
    margins = [[1 + 3 * codes.count(k) % 7 if k in codes else 0 for k in range(4)]]
    order = list(range(len(codes)))
    random.shuffle(order)  # type: ignore[attr-defined]

    plain = rake([codes], margins).weights
    mixed = rake([[codes[i] for i in order]], margins).weights

    np.testing.assert_allclose(mixed, plain[order])


@published(
    method="Worst-case bounds",
    source="Manski (1990): r·v + (1 − r)·(ends of the scale)",
    check="NPS 30 of 10 answers among 20 asked",
    expected=(-35.0, 65.0),
)
def test_worst_case() -> list[float]:
    return list(worst_case(TEN_OF_TWENTY, 20))


def test_worst_case_when_nobody_or_everybody_answered() -> None:
    assert worst_case(scores.csat({}), 20) == Interval(0.0, 1.0)
    assert worst_case(TEN_OF_TWENTY, 10) == Interval(30.0, 30.0)


def test_the_slider_moves_the_silent_only() -> None:
    value, interval = if_the_silent_differ(TEN_OF_TWENTY, 20, by=-20.0)

    assert value == pytest.approx(20.0)
    assert interval == pytest.approx((TEN_OF_TWENTY.low - 10, TEN_OF_TWENTY.high - 10))
    assert if_the_silent_differ(TEN_OF_TWENTY, 20, by=0.0) == (
        pytest.approx(30.0),
        pytest.approx(TEN_OF_TWENTY.interval),
    )


def test_the_silent_cannot_leave_the_scale() -> None:
    assert if_the_silent_differ(TEN_OF_TWENTY, 20, by=-500)[0] == pytest.approx(-35.0)
    assert if_the_silent_differ(TEN_OF_TWENTY, 20, by=500)[0] == pytest.approx(65.0)


@published(
    method="Tipping point",
    source="(target − v) / (1 − r), inside Manski's bounds",
    check="NPS 30 of 10 answers among 20 asked: how far until 0",
    expected=-60.0,
    digits=1,
)
def test_tipping_point() -> float:
    return tipping_point(TEN_OF_TWENTY, 20, target=0) or 0.0


def test_no_tipping_point_beyond_the_bounds() -> None:
    assert tipping_point(TEN_OF_TWENTY, 20, target=-35.1) is None
    assert tipping_point(TEN_OF_TWENTY, 20, target=65.1) is None
    assert tipping_point(TEN_OF_TWENTY, 20, target=-35.0) == pytest.approx(-130.0)
    assert tipping_point(TEN_OF_TWENTY, 20, target=65.0) == pytest.approx(70.0)
    assert tipping_point(TEN_OF_TWENTY, 10, target=30) is None


def test_nonsense_about_the_silent_raises() -> None:
    with pytest.raises(StatisticsError, match="10 answers of 9 asked"):
        worst_case(TEN_OF_TWENTY, 9)
    with pytest.raises(StatisticsError, match="0 answers of 0 asked"):
        worst_case(scores.nps({}), 0)
    with pytest.raises(StatisticsError, match="nobody answered"):
        if_the_silent_differ(scores.nps({}), 10, by=1)
    with pytest.raises(StatisticsError, match="nobody answered"):
        tipping_point(scores.nps({}), 10, target=1)
    with pytest.raises(StatisticsError, match="the silent differ by a number"):
        if_the_silent_differ(TEN_OF_TWENTY, 20, by=math.nan)


@published(
    method="R-indicator",
    source="Schouten, Cobben & Bethlehem (2009), eq. 8: R = 1 − 2·S",
    check="rates .7 and .3 in two large halves: R, greatest bias",
    expected=(0.6, 0.4),
    digits=3,
)
def test_r_indicator() -> list[float]:
    found = representativeness([700_000, 300_000], [10**6, 10**6])

    return [found.indicator, found.worst_bias or 0.0]


def test_r_indicator_is_freed_of_sampling_noise() -> None:
    found = representativeness([6, 4], [10, 10])

    noise = (2 * 0.24 - 0.25) / 20
    deviation = math.sqrt(max(0.0, 0.01 - noise))
    assert found == Representativeness(
        pytest.approx(1 - 2 * deviation), 0.5, pytest.approx(deviation / 0.5)
    )
    far = representativeness([18, 2], [20, 20])
    assert far.indicator == pytest.approx(1 - 2 * math.sqrt(0.16 - (2 * 0.09 - 0.25) * 0 / 40))


def test_equal_rates_are_representative() -> None:
    assert representativeness([5, 50], [10, 100]) == Representativeness(1.0, 0.5, 0.0)
    assert representativeness([5, 0], [10, 0]) == Representativeness(1.0, 0.5, 0.0)
    assert representativeness([0, 0], [10, 5]) == Representativeness(1.0, 0.0, None)


def test_nonsense_groups_raise() -> None:
    with pytest.raises(StatisticsError, match="as many asked as answered"):
        representativeness([3], [2])
    with pytest.raises(StatisticsError, match="as many asked as answered"):
        representativeness([3], [3, 3])
    with pytest.raises(StatisticsError, match="nobody was asked"):
        representativeness([0], [0])


def test_the_silent_may_be_like_the_reminded() -> None:
    early, late = scores.nps({10: 30, 0: 10}), scores.nps({10: 5, 0: 5})

    found = early_against_late(early, late, silent=50)

    assert found.late_minus_early == compare(late, early)
    assert found.extrapolated == pytest.approx((40 * 50 + 60 * 0) / 100)
    shares = early_against_late(scores.csat({5: 3, 1: 1}), scores.csat({5: 2}), silent=4)
    assert shares.extrapolated == pytest.approx((4 * 0.75 + 6 * 1.0) / 10)


def test_without_late_answers_nothing_is_extrapolated() -> None:
    assert early_against_late(scores.nps({10: 3}), scores.nps({}), silent=9).extrapolated is None
    only_late = early_against_late(scores.nps({}), scores.nps({10: 3}), silent=9)
    assert only_late.extrapolated == pytest.approx(100.0)
    with pytest.raises(StatisticsError, match="cannot be negative"):
        early_against_late(scores.nps({}), scores.nps({10: 3}), silent=-1)


def test_answers_at_the_cap_are_counted_as_cut() -> None:
    raked = rake([[0] * 5 + [1] * 5, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]], [[1, 4], [1, 4]], cap=1.5)

    assert raked.weights.max() == pytest.approx(1.5)
    assert raked.trimmed == pytest.approx(float(np.mean(raked.weights > 1.5 - 1e-6)))
    assert raked.weights.mean() == pytest.approx(1.0)
