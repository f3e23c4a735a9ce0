"""Expected and received."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from regulars.stats.comparisons import Verdict, compare_paired
from regulars.stats.errors import StatisticsError
from regulars.stats.expectations import (
    EXPECTATION,
    Coefficient,
    Gap,
    difference_reliability,
    disconfirmation,
    gap,
    response_surface,
)
from regulars.stats.intervals import balance, mover
from regulars.stats.measures import Kind, Measure, Unit
from regulars.stats.scores import score
from tests.stats.published import published


def test_disconfirmation_is_better_minus_worse() -> None:
    found = disconfirmation([1, 2, 10, 5, 2])

    low, high = balance(7, 3, 20)
    assert (found.value, found.low, found.high) == (20.0, 100 * low, 100 * high)
    assert found.measure == EXPECTATION == Measure(Kind.EXPECTATION, Unit.POINTS, (1, 5))
    assert found.n == 20
    assert disconfirmation({}).value is None


def test_disconfirmation_on_a_scale_without_a_middle() -> None:
    measure = Measure(Kind.EXPECTATION, Unit.POINTS, (1, 4))

    assert score([1, 1, 1, 1], measure=measure).value == 0.0
    assert score([0, 0, 1, 0], measure=measure).value == 100.0


@published(
    method="Reliability of a difference",
    source="Lord (1963): ((rxx + ryy)/2 − rxy) / (1 − rxy)",
    check="both .8 and correlation .5; .7, .9 and .4",
    expected=(0.6, 0.6667),
)
def test_reliability_of_a_difference() -> list[float | None]:
    return [
        difference_reliability((0.8, 0.8), correlation=0.5),
        difference_reliability((0.7, 0.9), correlation=0.4),
    ]


def test_reliability_with_unequal_spread() -> None:
    found = difference_reliability((0.9, 0.5), correlation=0.2, deviations=(2.0, 1.0))

    assert found == pytest.approx((4 * 0.9 + 0.5 - 0.8) / (5 - 0.8))


def test_reliability_at_its_limits() -> None:
    assert difference_reliability((0.5, 0.5), correlation=0.9) == 0.0
    assert difference_reliability((1.0, 1.0), correlation=1.0) is None
    assert difference_reliability((0.5, 0.5), correlation=0.5, deviations=(0.0, 0.0)) is None
    assert difference_reliability((1.0, 1.0), correlation=-1.0) == 1.0


@pytest.mark.parametrize(
    ("reliabilities", "correlation", "deviations", "message"),
    [
        ((1.1, 0.5), 0.5, (1.0, 1.0), "reliabilities lie in 0…1"),
        ((0.5, -0.1), 0.5, (1.0, 1.0), "reliabilities lie in 0…1"),
        ((0.5, 0.5), 1.1, (1.0, 1.0), "reliabilities lie in 0…1"),
        ((0.5, 0.5), math.nan, (1.0, 1.0), "reliabilities lie in 0…1"),
        ((0.5, 0.5), 0.5, (-1.0, 1.0), "standard deviations are finite"),
        ((0.5, 0.5), 0.5, (1.0, math.inf), "standard deviations are finite"),
    ],
)
def test_nonsense_reliabilities_raise(
    reliabilities: tuple[float, float],
    correlation: float,
    deviations: tuple[float, float],
    message: str,
) -> None:
    with pytest.raises(StatisticsError, match=message):
        difference_reliability(reliabilities, correlation=correlation, deviations=deviations)


PAIRS = {(5, 4): 10, (4, 4): 12, (3, 4): 5, (5, 2): 3, (2, 2): 4}


def test_the_gap_is_experience_minus_expectation() -> None:
    found = gap(PAIRS, reliabilities=(0.8, 0.7))

    x = [a for (a, _), count in PAIRS.items() for _ in range(count)]
    y = [b for (_, b), count in PAIRS.items() for _ in range(count)]
    correlation = float(np.corrcoef(x, y)[0, 1])
    reliability = difference_reliability(
        (0.8, 0.7), correlation=correlation, deviations=(np.std(x, ddof=1), np.std(y, ddof=1))
    )
    measure = Measure(Kind.EXPECTATION, Unit.GRADE, (1, 5))
    assert found == Gap(
        compare_paired(PAIRS, measure=measure),
        pytest.approx(reliability),
        pytest.approx(correlation),
        34,
    )
    assert found.comparison.difference == pytest.approx(np.mean(y) - np.mean(x))
    assert found.comparison.verdict is Verdict.LOWER


def test_the_gap_uses_the_correlation_of_the_pairs() -> None:
    found = gap(PAIRS, confidence=0.9)

    measure = Measure(Kind.EXPECTATION, Unit.GRADE, (1, 5))
    expected = score({5: 13, 4: 12, 3: 5, 2: 4}, measure=measure, confidence=0.9)
    experienced = score({4: 27, 2: 7}, measure=measure, confidence=0.9)
    interval = mover(
        experienced.value or 0.0,
        experienced.interval,
        expected.value or 0.0,
        expected.interval,
        correlation=found.correlation or 0.0,
    )
    assert (found.comparison.low, found.comparison.high) == pytest.approx(tuple(interval))
    assert found.reliability is None


def test_gaps_of_few_or_equal_answers() -> None:
    assert gap({}).comparison.difference is None
    assert gap({}).pairs == 0
    one = gap({(5, 3): 1}, reliabilities=(0.8, 0.8))
    assert (one.pairs, one.reliability, one.correlation) == (1, None, None)
    flat = gap({(5, 3): 4, (5, 2): 4}, reliabilities=(0.8, 0.8))
    assert (flat.pairs, flat.reliability, flat.correlation) == (8, None, None)
    assert gap({(1, 10): 3}, scale=(1, 10)).comparison.difference == 9.0


def answers(seed: int, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    experience, expectation = generator.integers(1, 8, (2, 300)).astype(float)
    return experience, expectation, noise * generator.normal(size=300)


def test_a_pure_gap_is_accepted() -> None:
    x, y, noise = answers(1)

    found = response_surface(x, y, 4 + 0.8 * (x - y) + noise, middle=4)

    assert found.gap_model_holds is True
    assert found.coefficients[1] == pytest.approx(0.8, abs=0.1)
    assert found.coefficients[2] == pytest.approx(-0.8, abs=0.1)
    assert not found.agreement_slope.differs_from_zero
    assert found.disagreement_slope.differs_from_zero
    assert found.n == 300


@pytest.mark.parametrize(
    ("slopes", "square"),
    [((0.8, 0.0), 0.0), ((0.8, -0.3), 0.0), ((0.8, -0.8), 0.2), ((-0.8, 0.8), 0.0), ((0, 0), 0.0)],
)
def test_anything_else_is_not_a_gap(slopes: tuple[float, float], square: float) -> None:
    x, y, noise = answers(2)
    satisfaction = slopes[0] * x + slopes[1] * y + square * (x - y) ** 2 + noise

    assert response_surface(x, y, satisfaction, middle=4).gap_model_holds is False


def test_the_surface_is_ordinary_least_squares() -> None:
    x, y, noise = answers(3)
    z = 1 + 0.5 * (x - 4) - 0.2 * (y - 4) + 0.1 * (x - 4) * (y - 4) + noise

    found = response_surface(x, y, z, middle=4, confidence=0.9)

    u, v = x - 4, y - 4
    design = np.column_stack([np.ones(300), u, v, u * u, u * v, v * v])
    b = np.linalg.solve(design.T @ design, design.T @ z)
    left = float(((z - design @ b) ** 2).sum())
    covariance = left / 294 * np.linalg.inv(design.T @ design)
    total = float(((z - z.mean()) ** 2).sum())
    linear = design[:, :3]
    linear_left = float(((z - linear @ np.linalg.lstsq(linear, z, rcond=None)[0]) ** 2).sum())
    pure = np.column_stack([np.ones(300), u - v])
    pure_left = float(((z - pure @ np.linalg.lstsq(pure, z, rcond=None)[0]) ** 2).sum())

    def along(*line: int) -> Coefficient:
        error = math.sqrt(line @ covariance @ np.array(line))
        half = scipy_stats.t.ppf(0.95, 294) * error
        value = float(line @ b)
        return Coefficient(*(pytest.approx(n) for n in (value, error, value - half, value + half)))

    assert found.coefficients == pytest.approx(tuple(b))
    assert found.agreement_slope == along(0, 1, 1, 0, 0, 0)
    assert found.agreement_curvature == along(0, 0, 0, 1, 1, 1)
    assert found.disagreement_slope == along(0, 1, -1, 0, 0, 0)
    assert found.disagreement_curvature == along(0, 0, 0, 1, -1, 1)
    assert found.r_squared == pytest.approx(1 - left / total)
    assert found.p_explains == pytest.approx(
        scipy_stats.f.sf((total - left) / 5 / (left / 294), 5, 294)
    )
    assert found.p_squares == pytest.approx(
        scipy_stats.f.sf((linear_left - left) / 3 / (left / 294), 3, 294)
    )
    assert found.p_opposite_slopes == pytest.approx(
        scipy_stats.f.sf((pure_left - linear_left) / (linear_left / 297), 1, 297)
    )


def test_a_perfect_gap_without_noise() -> None:
    x, y, _ = answers(4)

    found = response_surface(x, y, x - y, middle=4)

    assert found.coefficients == pytest.approx((0, 1, -1, 0, 0, 0), abs=1e-9)
    assert (found.p_explains, found.p_squares, found.p_opposite_slopes) == (0.0, 1.0, 1.0)
    assert found.gap_model_holds is True


def test_satisfaction_that_never_varies() -> None:
    x, y, _ = answers(5)

    found = response_surface(x, y, np.full(300, 5.0), middle=4)

    assert (found.r_squared, found.p_explains, found.gap_model_holds) == (0.0, 1.0, False)


def test_nonsense_rows_raise() -> None:
    x, y, z = answers(6)
    with pytest.raises(StatisticsError, match="lists of equal length"):
        response_surface(x, y[:-1], z, middle=4)
    with pytest.raises(StatisticsError, match="lists of equal length"):
        response_surface([x], [y], [z], middle=4)
    with pytest.raises(StatisticsError, match="must be finite"):
        response_surface(x, y, np.where(z == z[0], math.nan, z), middle=4)
    with pytest.raises(StatisticsError, match="at least 10 rows, not 9"):
        response_surface(x[:9], y[:9], z[:9], middle=4)
    with pytest.raises(StatisticsError, match="vary too little"):
        response_surface(x, x, z, middle=4)


def test_a_coefficient_that_touches_zero_does_not_differ_from_it() -> None:
    assert Coefficient(1.0, 0.5, 0.0, 2.0).differs_from_zero is False
    assert Coefficient(-1.0, 0.5, -2.0, 0.0).differs_from_zero is False
    assert Coefficient(1.0, 0.5, 0.1, 2.0).differs_from_zero is True
    assert Coefficient(-1.0, 0.5, -2.0, -0.1).differs_from_zero is True


def test_two_pairs_have_a_correlation() -> None:
    found = gap({(2, 3): 1, (4, 4): 1}, reliabilities=(0.8, 0.6))

    assert found.pairs == 2
    assert found.correlation == pytest.approx(1.0)
    covariance, x, y = 1.0, 2.0, 0.5
    expected = (x * 0.8 + y * 0.6 - 2 * covariance) / (x + y - 2 * covariance)
    assert found.reliability == pytest.approx(max(0.0, expected))


def test_counted_pairs_are_pairs_one_by_one() -> None:
    table = {(2, 3): 5, (4, 4): 3, (5, 2): 1, (1, 5): 0}
    x, y = np.array([pair for pair, count in table.items() for _ in range(count)]).T

    found = gap(table)

    assert found.correlation == pytest.approx(float(np.corrcoef(x, y)[0, 1]))
    assert found.pairs == 9


def test_reliability_weighs_each_question_by_its_variance() -> None:
    found = difference_reliability((0.9, 0.5), correlation=0.3, deviations=(2.0, 3.0))

    shared = 2 * 0.3 * 2 * 3
    assert found == pytest.approx((4 * 0.9 + 9 * 0.5 - shared) / (4 + 9 - shared))


def test_the_surface_tests_are_those_of_nested_models() -> None:
    """F tests against numpy's own fits of the smaller models, at grades of little influence."""
    generator = np.random.default_rng(3)
    x, y = generator.integers(1, 6, (2, 40)).astype(float)
    z = 3 + 0.05 * (x - 3) - 0.02 * (y - 3) + generator.normal(0, 1, 40)

    found = response_surface(x, y, z, middle=3)

    a, b = x - 3, y - 3
    one = np.ones(40)

    def left(*columns: np.ndarray) -> float:
        design = np.column_stack(columns)
        rest = z - design @ np.linalg.lstsq(design, z, rcond=None)[0]
        return float(rest @ rest)

    full = left(one, a, b, a * a, a * b, b * b)
    for p, small, large, more, degrees in (
        (found.p_explains, left(one), full, 5, 34),
        (found.p_squares, left(one, a, b), full, 3, 34),
        (found.p_opposite_slopes, left(one, a - b), left(one, a, b), 1, 37),
    ):
        ratio = (small - large) / more / (large / degrees)
        assert p == pytest.approx(float(scipy_stats.f.sf(ratio, more, degrees)))
        assert 0.01 < p < 1
    assert found.r_squared == pytest.approx(1 - full / left(one))
    assert not found.gap_model_holds
