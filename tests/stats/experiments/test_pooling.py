import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.stats.errors import StatisticsError
from regulars.stats.experiments.pooling import pool
from tests.stats.published import published

EFFECTS = [28, 8, -3, 7, -1, 1, 18, 12]
ERRORS = [15, 10, 16, 11, 9, 11, 10, 18]
BDA = "Gelman et al. (2013), Bayesian Data Analysis, §5.5, eight schools"


@published(
    method="Normal-normal model, all plays equal",
    source=BDA,
    check="pooled estimate and its standard error",
    expected={"mean": 7.7, "error": 4.1},
    digits=1,
)
def test_complete_pooling_of_eight_schools() -> dict[str, float]:
    mean, error = pool(EFFECTS, ERRORS).complete

    return {"mean": mean, "error": error}


@published(
    method="Normal-normal model, partial pooling",
    source=f"{BDA}, Table 5.3 (200 simulations)",
    check="school A: 2.5 % and 97.5 %",
    expected={"low": -2, "high": 31},
    tolerance=1,
    digits=0,
)
def test_first_of_eight_schools() -> dict[str, float]:
    school = pool(EFFECTS, ERRORS).plays[0]

    return {"low": school.low, "high": school.high}


def test_posterior_by_simulation() -> None:
    found = pool(EFFECTS, ERRORS, confidence=0.8)
    random = np.random.default_rng(2)
    y, s = np.array(EFFECTS, dtype=float), np.array(ERRORS, dtype=float)
    grid = np.linspace(0.005, 300, 30_000)
    precision = 1 / (s**2 + grid[:, None] ** 2)
    variance = 1 / precision.sum(axis=1)
    center = variance * (precision @ y)
    density = np.sqrt(variance * precision.prod(axis=1)) * np.exp(
        -0.5 * (precision * (y - center[:, None]) ** 2).sum(axis=1)
    )
    drawn = random.choice(len(grid), 200_000, p=density / density.sum())
    common = random.normal(center[drawn], np.sqrt(variance[drawn]))
    shrunk = 1 / (1 / s[2] ** 2 + 1 / grid[drawn] ** 2)
    third = random.normal(shrunk * (y[2] / s[2] ** 2 + common / grid[drawn] ** 2), np.sqrt(shrunk))

    assert found.spread == pytest.approx(grid[drawn].mean(), rel=0.01)
    for posterior, sample in ((found.common, common), (found.plays[2], third)):
        expected = [sample.mean(), sample.std(), *np.quantile(sample, [0.1, 0.9])]
        got = [posterior.mean, posterior.deviation, posterior.low, posterior.high]
        assert got == pytest.approx(expected, abs=0.06)


def test_plays_are_drawn_towards_each_other() -> None:
    found = pool(EFFECTS, ERRORS)

    means = [play.mean for play in found.plays]
    assert means[0] == max(means)
    assert all(-3 < mean < 28 for mean in means)
    assert max(means) - min(means) < 8
    assert all(play.deviation < error for play, error in zip(found.plays, ERRORS, strict=True))


def test_effects_that_differ_beyond_doubt_are_left_alone() -> None:
    found = pool([0, 50, 100], [0.1, 0.1, 0.1])

    assert [play.mean for play in found.plays] == pytest.approx([0, 50, 100], abs=0.01)
    assert found.spread > 40


def test_equal_effects_are_pooled() -> None:
    found = pool([5.0] * 12, [3.0] * 12)

    assert found.common.mean == pytest.approx(5)
    assert found.plays[0].deviation < 1.6
    assert found.complete == pytest.approx((5.0, 3 / 12**0.5))


@given(st.permutations(range(8)), st.floats(-50, 50), st.floats(0.1, 20))
@settings(max_examples=20)
def test_order_shift_and_unit_do_not_matter(order: list[int], shift: float, unit: float) -> None:
    plain = pool(EFFECTS, ERRORS)

    found = pool([(EFFECTS[i] + shift) * unit for i in order], [ERRORS[i] * unit for i in order])

    assert found.common.mean == pytest.approx((plain.common.mean + shift) * unit, abs=1e-4 * unit)
    for place, i in enumerate(order):
        assert found.plays[place].low == pytest.approx(
            (plain.plays[i].low + shift) * unit, abs=1e-4 * unit
        )


@pytest.mark.parametrize(
    ("effects", "errors", "confidence", "words"),
    [
        ([1, 2], [1, 1], 0.95, "fewer than three"),
        ([1, 2, 3], [1, 1], 0.95, "length"),
        ([[1, 2, 3]], [[1, 1, 1]], 0.95, "length"),
        ([1, 2, 3], [1, 1, 0], 0.95, "positive"),
        ([1, 2, np.nan], [1, 1, 1], 0.95, "finite"),
        ([1, 2, 3], [1, 1, np.inf], 0.95, "finite"),
        ([1, 2, 3], [1, 1, 1], 0.0, "confidence"),
        ([1, 2, 3], [1, 1, 1], 1.0, "confidence"),
    ],
)
def test_effects_that_make_no_sense(
    effects: list, errors: list, confidence: float, words: str
) -> None:
    with pytest.raises(StatisticsError, match=words):
        pool(effects, errors, confidence=confidence)
