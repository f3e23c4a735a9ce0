"""Intervals against published tables, exact coverage and what must hold of any data."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.special import gammaln

from regulars.stats.errors import StatisticsError
from regulars.stats.intervals import (
    Interval,
    balance,
    mean,
    mover,
    normal_quantile,
    student_quantile,
    wilson,
)
from tests.stats.published import published

NEWCOMBE_A = "Newcombe (1998a), Statistics in Medicine 17:857, table I"
NEWCOMBE_B = "Newcombe (1998b), Statistics in Medicine 17:873, table II, method 10"


def wilson_share(successes: int, n: int) -> tuple[float, float]:
    return tuple(wilson(successes, n))


@published(
    method="Wilson score interval",
    source=NEWCOMBE_A,
    check="81 of 263",
    expected=(0.2553, 0.3662),
)
def test_wilson_81_of_263() -> tuple[float, float]:
    return wilson_share(81, 263)


@published(
    method="Wilson score interval", source=NEWCOMBE_A, check="15 of 148", expected=(0.0624, 0.1605)
)
def test_wilson_15_of_148() -> tuple[float, float]:
    return wilson_share(15, 148)


@published(
    method="Wilson score interval", source=NEWCOMBE_A, check="0 of 20", expected=(0.0, 0.1611)
)
def test_wilson_0_of_20() -> tuple[float, float]:
    return wilson_share(0, 20)


@published(
    method="Wilson score interval", source=NEWCOMBE_A, check="1 of 29", expected=(0.0061, 0.1718)
)
def test_wilson_1_of_29() -> tuple[float, float]:
    return wilson_share(1, 29)


def share_difference(x: int, m: int, y: int, n: int) -> tuple[float, float]:
    return tuple(mover(x / m, wilson(x, m), y / n, wilson(y, n)))


@published(
    method="Difference of shares, hybrid score",
    source=NEWCOMBE_B,
    check="56/70 − 48/80",
    expected=(0.0524, 0.3339),
)
def test_newcombe_56_of_70() -> tuple[float, float]:
    return share_difference(56, 70, 48, 80)


@published(
    method="Difference of shares, hybrid score",
    source=NEWCOMBE_B,
    check="9/10 − 3/10",
    expected=(0.1705, 0.8090),
)
def test_newcombe_9_of_10() -> tuple[float, float]:
    return share_difference(9, 10, 3, 10)


@published(
    method="Difference of shares, hybrid score",
    source=NEWCOMBE_B,
    check="10/10 − 0/20",
    expected=(0.6791, 1.0),
)
def test_newcombe_10_of_10_against_0_of_20() -> tuple[float, float]:
    return share_difference(10, 10, 0, 20)


@published(
    method="Difference of shares, hybrid score",
    source=NEWCOMBE_B,
    check="10/10 − 0/10",
    expected=(0.6075, 1.0),
)
def test_newcombe_10_of_10_against_0_of_10() -> tuple[float, float]:
    return share_difference(10, 10, 0, 10)


@published(
    method="Score interval of a balance (NPS)",
    source="Tango (1998), Statistics in Medicine 17:891, example; Rocks (2016)",
    check="12 for, 2 against, 50 asked",
    expected=(0.0611, 0.3447),
)
def test_tango_12_2_50() -> tuple[float, float]:
    return tuple(balance(12, 2, 50))


@published(
    method="Score interval of a balance (NPS)",
    source="closed form (1 − z²/n) / (1 + z²/n) of Tango's equation 4 with all in favour",
    check="10 for, 0 against, 10 asked",
    expected=((1 - 1.959964**2 / 10) / (1 + 1.959964**2 / 10), 1.0),
)
def test_tango_all_in_favour() -> tuple[float, float]:
    return tuple(balance(10, 0, 10))


@published(
    method="Score interval of a balance (NPS)",
    source="closed form z² / (n + z²) of Tango's equation 4 with nobody for or against",
    check="0 for, 0 against, 30 asked",
    expected=(-(1.959964**2) / (30 + 1.959964**2), 1.959964**2 / (30 + 1.959964**2)),
)
def test_tango_all_neutral() -> tuple[float, float]:
    return tuple(balance(0, 0, 30))


@published(
    method="Quantile of Student's t",
    source="Fisher & Yates (1963), table III, two-sided 5 %",
    check="1, 2, 5, 10, 30, 120 degrees",
    expected=(12.706, 4.303, 2.571, 2.228, 2.042, 1.980),
    digits=3,
)
def test_student_quantiles() -> list[float]:
    return [student_quantile(0.95, degrees) for degrees in (1, 2, 5, 10, 30, 120)]


def trinomial_coverage(n: int) -> np.ndarray:
    """Exact coverage over a grid of 741 pairs of shares (for, against) that leave some neutral."""
    cases = [(b, c) for b in range(n + 1) for c in range(n + 1 - b)]
    found = np.array([balance(b, c, n) for b, c in cases])
    b, c = np.array(cases).T
    ways = gammaln(n + 1) - gammaln(b + 1) - gammaln(c + 1) - gammaln(n - b - c + 1)
    covered = []
    for p in np.arange(1, 39) / 40:
        for q in np.arange(1, 40 - round(40 * p)) / 40:
            chance = np.exp(
                ways + b * math.log(p) + c * math.log(q) + (n - b - c) * math.log(1 - p - q)
            )
            inside = (found[:, 0] <= p - q + 1e-12) & (p - q - 1e-12 <= found[:, 1])
            covered.append(chance[inside].sum())
    return np.array(covered)


def binomial_coverage(n: int) -> np.ndarray:
    found = np.array([wilson(successes, n) for successes in range(n + 1)])
    shares = np.arange(1, 1000) / 1000
    chance = scipy_stats.binom.pmf(np.arange(n + 1)[None, :], n, shares[:, None])
    inside = (found[:, 0] <= shares[:, None]) & (shares[:, None] <= found[:, 1])
    return (chance * inside).sum(axis=1)


@published(
    method="Score interval of a balance (NPS)",
    source="exact enumeration, 741 populations",
    check="mean coverage of the 95 % interval at n = 10, 20, 50",
    at_least=(0.945, 0.945, 0.945),
)
def test_mean_coverage_of_the_balance() -> list[float]:
    return [float(trinomial_coverage(n).mean()) for n in (10, 20, 50)]


@published(
    method="Score interval of a balance (NPS)",
    source="exact enumeration, 741 populations",
    check="worst coverage of the 95 % interval at n = 10, 20, 50",
    at_least=(0.93, 0.93, 0.93),
)
def test_worst_coverage_of_the_balance() -> list[float]:
    return [float(trinomial_coverage(n).min()) for n in (10, 20, 50)]


@published(
    method="Score interval of a balance (NPS)",
    source="exact enumeration; the dip is like Wilson's, see `cautious` for an interval without",
    check="n = 10, 20, 50 where 1, .6 and .3 % are for it and all others against",
    at_least=(0.89, 0.88, 0.86),
)
def test_coverage_of_the_balance_at_the_edge() -> list[float]:
    return [edge_coverage(n, share) for n, share in ((10, 0.01), (20, 0.006), (50, 0.003))]


def edge_coverage(n: int, share: float) -> float:
    truth = share - (1 - share)
    found = [balance(b, n - b, n) for b in range(n + 1)]
    chance = scipy_stats.binom.pmf(np.arange(n + 1), n, share)
    inside = [one.low <= truth <= one.high for one in found]
    return float(chance[inside].sum())


@published(
    method="Student's t for stars",
    source="exact enumeration of every histogram of ten answers",
    check="coverage where 83 % give 5 stars, 11 % 4 and 6 % 1; where each grade is given by 20 %",
    at_least=(0.79, 0.94),
)
def test_coverage_of_the_mean() -> list[float]:
    results = [
        (a, b, c, d, 10 - a - b - c - d)
        for a in range(11)
        for b in range(11 - a)
        for c in range(11 - a - b)
        for d in range(11 - a - b - c)
    ]
    populations = ((0.06, 0.0, 0.0, 0.11, 0.83), (0.2, 0.2, 0.2, 0.2, 0.2))
    return [sum(chance_if_covered(row, chances) for row in results) for chances in populations]


def chance_if_covered(row: tuple[int, ...], chances: tuple[float, ...]) -> float:
    grades = range(1, 6)
    total = sum(grade * count for grade, count in zip(grades, row, strict=True))
    squares = sum(grade**2 * count for grade, count in zip(grades, row, strict=True))
    found = mean(total, squares, 10, bounds=(1, 5))
    truth = sum(grade * chance for grade, chance in zip(grades, chances, strict=True))
    if not found.low <= truth <= found.high:
        return 0.0
    return float(scipy_stats.multinomial.pmf(row, 10, chances))


@published(
    method="Wilson score interval",
    source="exact enumeration, shares .001 to .999",
    check="mean coverage of the 95 % interval at n = 10, 20, 50",
    at_least=(0.945, 0.945, 0.945),
)
def test_mean_coverage_of_wilson() -> list[float]:
    return [float(binomial_coverage(n).mean()) for n in (10, 20, 50)]


@published(
    method="Wilson score interval",
    source="exact enumeration; Brown, Cai & DasGupta (2001) on the dip; see `cautious`",
    check="worst coverage of the 95 % interval at n = 10, 20, 50",
    at_least=(0.83, 0.83, 0.83),
)
def test_worst_coverage_of_wilson() -> list[float]:
    return [float(binomial_coverage(n).min()) for n in (10, 20, 50)]


def test_nobody_asked_gives_all_that_is_possible() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)
    assert balance(0, 0, 0) == Interval(-1.0, 1.0)
    assert mean(0, 0, 0, bounds=(1, 5)) == Interval(1, 5)


def test_one_answer_gives_a_wide_interval() -> None:
    assert wilson(1, 1) == pytest.approx((0.206549, 1.0), abs=1e-6)
    assert balance(1, 0, 1) == pytest.approx((-0.586901, 1.0), abs=1e-6)
    assert mean(5, 25, 1, bounds=(1, 5)) == pytest.approx((1.826197, 5.0), abs=1e-6)


def test_mean_is_student_where_answers_differ() -> None:
    answers = np.array([1, 2, 2, 3, 4, 5, 5, 5])
    expected = scipy_stats.t.interval(
        0.9, 7, loc=answers.mean(), scale=answers.std(ddof=1) / math.sqrt(8)
    )

    found = mean(27, float((answers**2).sum()), 8, bounds=(1, 5), confidence=0.9)

    assert found == pytest.approx(expected, abs=1e-12)


def test_mean_stays_on_the_scale() -> None:
    assert mean(9, 41, 2, bounds=(1, 5)) == Interval(1, 5)


def test_mean_of_equal_answers_supposes_the_unseen_share_at_each_end() -> None:
    found = mean(30, 90, 10, bounds=(1, 5))

    unseen = 1 - wilson(10, 10).low
    assert found == pytest.approx((3 - 2 * unseen, 3 + 2 * unseen), abs=1e-12)


def test_mover_with_equal_normal_intervals_is_the_usual_standard_error() -> None:
    found = mover(3.0, Interval(2.0, 4.0), 1.0, Interval(0.0, 2.0))

    assert found == pytest.approx((2 - math.sqrt(2), 2 + math.sqrt(2)), abs=1e-15)


def test_mover_uses_the_opposite_ends() -> None:
    found = mover(0.5, Interval(0.2, 0.9), 0.4, Interval(0.3, 0.8))

    assert found == pytest.approx((0.1 - 0.5, 0.1 + math.sqrt(0.17)), abs=1e-15)


def test_mover_narrows_with_correlation() -> None:
    found = mover(3.0, Interval(2.0, 4.0), 1.0, Interval(0.0, 2.0), correlation=0.5)

    assert found == pytest.approx((1.0, 3.0), abs=1e-15)
    assert mover(3, Interval(2, 4), 1, Interval(0, 2), correlation=1) == Interval(2, 2)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.999])
def test_student_quantile_equals_scipy(confidence: float) -> None:
    degrees = [*range(1, 260), 1000, 10**6]

    ours = [student_quantile(confidence, k) for k in degrees]

    assert ours == pytest.approx(list(scipy_stats.t.ppf((1 + confidence) / 2, degrees)), rel=1e-9)


def test_normal_quantile() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-14)


@pytest.mark.parametrize("confidence", [0, 1, -0.1, 1.5, math.nan])
def test_confidence_outside_0_and_1_raises(confidence: float) -> None:
    with pytest.raises(StatisticsError, match="confidence must lie between 0 and 1"):
        wilson(1, 2, confidence=confidence)


@pytest.mark.parametrize("parts", [(3, 2), (-1, 2), (math.nan, 2), (0, math.inf), (0, -1)])
def test_wilson_raises_on_nonsense(parts: tuple[float, float]) -> None:
    with pytest.raises(StatisticsError, match="counts"):
        wilson(*parts)


@pytest.mark.parametrize("parts", [(3, 2, 4), (-1, 0, 2), (0, -1, 2), (0, math.nan, 2)])
def test_balance_raises_on_nonsense(parts: tuple[float, float, float]) -> None:
    with pytest.raises(StatisticsError, match="counts"):
        balance(*parts)


def test_student_raises_without_degrees() -> None:
    with pytest.raises(StatisticsError, match="degrees of freedom must be at least 1, not 0"):
        student_quantile(0.95, 0)


three_counts = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))


@given(three_counts, st.sampled_from([0.8, 0.95, 0.99]))
def test_balance_solves_tangos_equation(counts: tuple[int, int, int], confidence: float) -> None:
    b, c, rest = counts
    n = b + c + rest
    if n == 0:
        return

    found = balance(b, c, n, confidence=confidence)

    assert -1 <= found.low <= (b - c) / n <= found.high <= 1
    for end in found:
        if abs(end) < 1 - 1e-9:
            # Tango (1998), equations 4 and 7, written out anew
            big_b = -b - c + (2 * n - b + c) * end
            root = math.sqrt(max(0.0, big_b**2 + 8 * n * c * end * (1 - end)))
            nuisance = (root - big_b) / (4 * n)
            variance = n * (2 * nuisance + end * (1 - end))
            assert (b - c - n * end) ** 2 == pytest.approx(
                normal_quantile(confidence) ** 2 * variance, rel=1e-4, abs=1e-6
            )


@given(three_counts)
def test_balance_mirrors_when_for_and_against_change_places(counts: tuple[int, int, int]) -> None:
    b, c, rest = counts

    here, there = balance(b, c, b + c + rest), balance(c, b, b + c + rest)

    assert here == pytest.approx((-there.high, -there.low), abs=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_wilson_mirrors_when_yes_and_no_change_places(yes: int, no: int) -> None:
    here, there = wilson(yes, yes + no), wilson(no, yes + no)

    assert here == pytest.approx((1 - there.high, 1 - there.low), abs=1e-12)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_wilson_ends_solve_the_score_equation(yes: int, no: int) -> None:
    n = yes + no

    found = wilson(yes, n)

    for end in found:
        assert (yes / n - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / n, rel=1e-5)


def test_intervals_close_in_on_the_truth_as_answers_grow() -> None:
    widths = [
        balance(6 * k, k, 10 * k).high - balance(6 * k, k, 10 * k).low for k in (1, 100, 10**4)
    ]

    wald = 2 * 1.959964 * math.sqrt(0.7 - 0.25)
    assert widths[2] == pytest.approx(wald / math.sqrt(10**5), rel=1e-3)
    assert widths[0] > 5 * widths[1] > 25 * widths[2]
