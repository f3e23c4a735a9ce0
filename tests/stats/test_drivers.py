"""Importance of drivers against R's published figures and what must hold of any data."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.stats import drivers
from regulars.stats.drivers import Driver, Drivers, Quadrant, lmg, quadrants, rank, relative_weights
from regulars.stats.errors import StatisticsError
from regulars.stats.intervals import student_quantile
from tests.stats.published import published

# R's `swiss` (Mosteller & Tukey 1977): fertility, agriculture, examination, education, Catholic,
# infant mortality in 47 districts about 1888.
SWISS_ROWS = """
80.2 17 15 12 9.96 22.2
83.1 45.1 6 9 84.84 22.2
92.5 39.7 5 5 93.4 20.2
85.8 36.5 12 7 33.77 20.3
76.9 43.5 17 15 5.16 20.6
76.1 35.3 9 7 90.57 26.6
83.8 70.2 16 7 92.85 23.6
92.4 67.8 14 8 97.16 24.9
82.4 53.3 12 7 97.67 21
82.9 45.2 16 13 91.38 24.4
87.1 64.5 14 6 98.61 24.5
64.1 62 21 12 8.52 16.5
66.9 67.5 14 7 2.27 19.1
68.9 60.7 19 12 4.43 22.7
61.7 69.3 22 5 2.82 18.7
68.3 72.6 18 2 24.2 21.2
71.7 34 17 8 3.3 20
55.7 19.4 26 28 12.11 20.2
54.3 15.2 31 20 2.15 10.8
65.1 73 19 9 2.84 20
65.5 59.8 22 10 5.23 18
65 55.1 14 3 4.52 22.4
56.6 50.9 22 12 15.14 16.7
57.4 54.1 20 6 4.2 15.3
72.5 71.2 12 1 2.4 21
74.2 58.1 14 8 5.23 23.8
72 63.5 6 3 2.56 18
60.5 60.8 16 10 7.72 16.3
58.3 26.8 25 19 18.46 20.9
65.4 49.5 15 8 6.1 22.5
75.5 85.9 3 2 99.71 15.1
69.3 84.9 7 6 99.68 19.8
77.3 89.7 5 2 100 18.3
70.5 78.2 12 6 98.96 19.4
79.4 64.9 7 3 98.22 20.2
65 75.9 9 9 99.06 17.8
92.2 84.6 3 3 99.46 16.3
79.3 63.1 13 13 96.83 18.1
70.4 38.4 26 12 5.62 20.3
65.7 7.7 29 11 13.79 20.5
72.7 16.7 22 13 11.22 18.9
64.4 17.6 35 32 16.92 23
77.6 37.6 15 7 4.97 20
67.6 18.7 25 7 8.65 19.5
35 1.2 37 53 42.34 18
44.7 46.6 16 29 50.43 18.2
42.8 27.7 22 29 58.33 19.3
"""
SWISS = np.array(SWISS_ROWS.split(), dtype=float).reshape(47, 6)
NAMES = ["agriculture", "examination", "education", "catholic", "infant mortality"]
DRIVERS, FERTILITY = SWISS[:, 1:], SWISS[:, 0]


@published(
    method="LMG importance",
    source="Grömping (2006), R package relaimpo, data `swiss`",
    check="fertility by agriculture, examination, education, Catholic, infant mortality",
    expected=(0.0571, 0.1712, 0.2601, 0.1056, 0.1128),
)
def test_lmg_of_swiss() -> list[float]:
    return list(lmg(DRIVERS, FERTILITY))


@published(
    method="Johnson's relative weights",
    source="R's summary(lm(Fertility ~ ., swiss)): R² .7067, which the weights add up to",
    check="sum of the five weights",
    expected=0.7067,
)
def test_relative_weights_of_swiss_add_up() -> float:
    return float(relative_weights(DRIVERS, FERTILITY).sum())


@published(
    method="Johnson's relative weights",
    source="Johnson (2000): equal to LMG with two drivers",
    check="fertility by education and Catholic",
    expected=tuple(lmg(DRIVERS[:, 2:4], FERTILITY)),
    digits=6,
)
def test_two_drivers_are_alike_by_both_methods() -> list[float]:
    return list(relative_weights(DRIVERS[:, 2:4], FERTILITY))


def r_squared(x: np.ndarray, y: np.ndarray) -> float:
    design = np.column_stack([np.ones(len(y)), x])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(1 - left @ left / ((y - y.mean()) @ (y - y.mean())))


def test_lmg_is_the_gain_averaged_over_all_orders() -> None:
    gains = np.zeros(5)
    for order in itertools.permutations(range(5)):
        for position, driver in enumerate(order):
            before = list(order[:position])
            gains[driver] += r_squared(DRIVERS[:, [*before, driver]], FERTILITY) - r_squared(
                DRIVERS[:, before], FERTILITY
            )

    np.testing.assert_allclose(lmg(DRIVERS, FERTILITY), gains / math.factorial(5), atol=1e-12)


def test_relative_weights_by_the_definition() -> None:
    x = (DRIVERS - DRIVERS.mean(axis=0)) / DRIVERS.std(axis=0) / math.sqrt(47)
    y = (FERTILITY - FERTILITY.mean()) / FERTILITY.std() / math.sqrt(47)
    left, _, right = np.linalg.svd(x, full_matrices=False)
    nearest = left @ right

    expected = ((nearest.T @ x) ** 2).T @ (nearest.T @ y) ** 2

    np.testing.assert_allclose(relative_weights(DRIVERS, FERTILITY), expected, atol=1e-12)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_both_add_up_to_r_squared_in_any_order_and_unit(seed: int, p: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(40, p)) @ generator.normal(size=(p, p))
    y = x.sum(axis=1) + generator.normal(size=40)
    order, units = generator.permutation(p), 10.0 ** generator.integers(-6, 6, p)

    for method in (lmg, relative_weights):
        found = method(x, y)
        assert found.sum() == pytest.approx(r_squared(x, y), abs=1e-6)
        assert np.all(found >= -1e-12)
        np.testing.assert_allclose(
            method((x * units)[:, order], 7 - 3 * y), found[order], atol=1e-6
        )


def test_a_driver_asked_twice_shares_its_importance() -> None:
    twice = np.column_stack([DRIVERS[:, 2], DRIVERS[:, 2]])
    alone = r_squared(DRIVERS[:, [2]], FERTILITY)

    np.testing.assert_allclose(lmg(twice, FERTILITY), [alone / 2, alone / 2], atol=1e-9)
    np.testing.assert_allclose(
        relative_weights(twice, FERTILITY), [alone / 2, alone / 2], atol=1e-9
    )


def test_what_never_varies_has_no_importance() -> None:
    constant = np.column_stack([DRIVERS[:, 2], np.full(47, 3.7)])

    for method in (lmg, relative_weights):
        assert method(constant, FERTILITY)[1] == 0
        assert list(method(DRIVERS, np.full(47, 1e6))) == [0, 0, 0, 0, 0]


def test_ranking_swiss() -> None:
    found = rank(NAMES, DRIVERS, FERTILITY)

    weights = relative_weights(DRIVERS, FERTILITY)
    assert [driver.name for driver in found.drivers] == [
        "education", "examination", "infant mortality", "catholic", "agriculture",
    ]  # fmt: skip
    assert [driver.importance for driver in found.drivers] == pytest.approx(
        sorted(weights, reverse=True)
    )
    assert [driver.group for driver in found.drivers] == [1, 1, 1, 1, 2]
    assert (found.r_squared, found.n) == (pytest.approx(0.7067, abs=5e-5), 47)
    assert all(driver.low < driver.importance < driver.high for driver in found.drivers)
    education = found.drivers[0]
    half = student_quantile(0.95, 46) * DRIVERS[:, 2].std(ddof=1) / math.sqrt(47)
    assert education.performance == pytest.approx(DRIVERS[:, 2].mean())
    assert (education.performance_low, education.performance_high) == pytest.approx(
        (education.performance - half, education.performance + half)
    )


def test_the_same_data_give_the_same_answer() -> None:
    assert rank(NAMES, DRIVERS, FERTILITY, draws=50) == rank(NAMES, DRIVERS, FERTILITY, draws=50)
    assert rank(NAMES, DRIVERS, FERTILITY, draws=50) != rank(
        NAMES, DRIVERS, FERTILITY, draws=50, seed=2
    )


def test_bootstrap_intervals_have_the_spread_of_fresh_samples() -> None:
    generator = np.random.default_rng(3)

    def sample() -> tuple[np.ndarray, np.ndarray]:
        x = generator.normal(size=(300, 2))
        return x, x @ [1.0, 0.3] + generator.normal(size=300)

    fresh = np.array([relative_weights(*sample()) for _ in range(400)])
    found = rank(["a", "b"], *sample(), draws=400)

    for driver, spread in zip(found.drivers, fresh.std(axis=0), strict=True):
        assert (driver.high - driver.low) / (2 * 1.96) == pytest.approx(spread, rel=0.3)


def test_ranking_by_lmg() -> None:
    found = rank(NAMES, DRIVERS, FERTILITY, method=drivers.by_lmg, draws=100)

    assert [driver.importance for driver in found.drivers] == pytest.approx(
        sorted(lmg(DRIVERS, FERTILITY), reverse=True)
    )
    assert found.drivers[0].group == 1


def test_clearly_different_drivers_have_groups_of_their_own() -> None:
    generator = np.random.default_rng(4)
    x = generator.normal(size=(2000, 4))
    y = x @ [0.5, 2.0, 0.5, 1.0] + generator.normal(size=2000)

    found = rank(["a", "b", "c", "d"], x, y, draws=200)

    assert {driver.name: driver.group for driver in found.drivers} == {
        "b": 1,
        "d": 2,
        "a": 3,
        "c": 3,
    }


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[1.0]], [1.0], "at least two rows"),
        ([[1.0], [2.0]], [1.0], "do not belong together"),
        ([1.0, 2.0], [1.0, 2.0], "do not belong together"),
        ([[], []], [1.0, 2.0], "do not belong together"),
        ([[1.0], [math.nan]], [1.0, 2.0], "must be finite"),
        ([[1.0], [2.0]], [1.0, math.inf], "must be finite"),
    ],
)
def test_nonsense_rows_raise(x: list, y: list, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        relative_weights(x, y)


def test_other_nonsense_raises() -> None:
    many = np.random.default_rng(1).normal(size=(30, 13))
    with pytest.raises(StatisticsError, match="at most 12 drivers, not 13"):
        lmg(many, many[:, 0])
    assert lmg(many[:, :12], many[:, 12]).shape == (12,)
    with pytest.raises(StatisticsError, match="5 drivers have 1 names"):
        rank(["a"], DRIVERS, FERTILITY)
    with pytest.raises(StatisticsError, match="6 rows are too few for 5 drivers"):
        rank(NAMES, DRIVERS[:6], FERTILITY[:6])
    assert rank(NAMES, DRIVERS[:7], FERTILITY[:7], draws=20).n == 7


def driver(name: str, importance: float, performance: float, spread: float = 0.01) -> Driver:
    return Driver(
        name,
        importance,
        importance - spread,
        importance + spread,
        1,
        performance,
        performance - spread,
        performance + spread,
    )


def test_importance_and_performance() -> None:
    found = Drivers(
        (
            driver("speed", 0.4, 2.0),
            driver("quality", 0.3, 5.0),
            driver("parking", 0.05, 2.5),
            driver("music", 0.01, 4.5),
            driver("price", 0.19, 3.6, spread=0.2),
            driver("site", 0.10, 3.4, spread=0.05),
        ),
        0.9,
        100,
    )

    assert quadrants(found) == {
        "speed": Quadrant.IMPROVE_FIRST,
        "quality": Quadrant.KEEP_UP,
        "parking": Quadrant.LOW_PRIORITY,
        "music": Quadrant.POSSIBLY_OVERDONE,
        "price": Quadrant.UNCLEAR,
        "site": Quadrant.LOW_PRIORITY,
    }
    assert quadrants(Drivers((), 0.0, 0)) == {}


def test_unclear_performance_is_unclear() -> None:
    found = Drivers((driver("a", 0.4, 3.0), driver("b", 0.1, 3.0)), 0.5, 9)

    assert quadrants(found) == {"a": Quadrant.UNCLEAR, "b": Quadrant.UNCLEAR}


def test_a_performance_interval_that_touches_the_average_is_unclear() -> None:
    def driver(name: str, importance: float, performance: float, low: float, high: float) -> Driver:
        return Driver(name, importance, importance, importance, 1, performance, low, high)

    found = Drivers(
        (
            driver("low end", 0.3, 4.0, 3.0, 5.0),
            driver("high end", 0.3, 2.0, 1.0, 3.0),
            driver("apart", 0.0, 3.0, 3.1, 3.2),
        ),
        0.6,
        50,
    )

    assert quadrants(found) == {
        "low end": Quadrant.UNCLEAR,
        "high end": Quadrant.UNCLEAR,
        "apart": Quadrant.LOW_PRIORITY,
    }
