"""Arrays say row by row what single scores say."""

import math

import numpy as np
import pytest

from regulars.stats import many, scores
from regulars.stats.comparisons import Verdict
from regulars.stats.comparisons import compare as compare_one
from regulars.stats.errors import MixedScalesError, StatisticsError
from regulars.stats.intervals import balance, wilson
from regulars.stats.measures import NPS, NPS_1_10, Better, Kind, Measure, Unit

MEASURES = [
    NPS,
    NPS_1_10,
    Measure(Kind.CSAT, Unit.SHARE, (1, 5), 2),
    Measure(Kind.CES, Unit.SHARE, (1, 7), 3, Better.LOW),
    Measure(Kind.STARS, Unit.GRADE, (1, 5)),
    Measure(Kind.CES_MEAN, Unit.GRADE, (1, 7), 0, Better.LOW),
]


def table(measure: Measure, seed: int) -> np.ndarray:
    """Rows with nobody, one answer, all alike at each grade, and a few to many of all kinds."""
    generator = np.random.default_rng(seed)
    grades = len(measure.grades)
    rate = np.array([0.05, 0.5, 3.0, 40.0])[generator.integers(0, 4, 60)]
    some = generator.poisson(rate[:, None] * generator.dirichlet(np.ones(grades), 60) * grades)
    return np.concatenate([np.zeros((1, grades)), np.eye(grades), 9 * np.eye(grades), some])


@pytest.mark.parametrize("measure", MEASURES, ids=str)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_rows_are_single_scores(measure: Measure, confidence: float) -> None:
    histograms = table(measure, 1)

    found = many.score(histograms, measure=measure, confidence=confidence)

    singly = [
        scores.score([int(count) for count in row], measure=measure, confidence=confidence)
        for row in histograms
    ]
    value = [math.nan if score.value is None else score.value for score in singly]
    np.testing.assert_allclose(found.value, value, atol=1e-9)
    np.testing.assert_allclose(found.low, [score.low for score in singly], atol=1e-8)
    np.testing.assert_allclose(found.high, [score.high for score in singly], atol=1e-8)
    np.testing.assert_array_equal(found.n, [score.n for score in singly])
    np.testing.assert_allclose(found.variance, [score.variance for score in singly], atol=1e-8)
    assert (found.measure, found.confidence) == (measure, confidence)


@pytest.mark.parametrize("measure", MEASURES, ids=str)
@pytest.mark.parametrize("matters", [None, 0.3])
def test_rows_are_single_comparisons(measure: Measure, matters: float | None) -> None:
    one, other = table(measure, 2), table(measure, 3)[::-1]

    found = many.compare(
        many.score(one, measure=measure), many.score(other, measure=measure), matters=matters
    )

    for i, (first, second) in enumerate(zip(one, other, strict=True)):
        single = compare_one(
            scores.score([int(count) for count in first], measure=measure),
            scores.score([int(count) for count in second], measure=measure),
            matters=matters,
        )
        assert found.verdict[i] is single.verdict
        assert found.more_needed[i] == (single.more_needed or 0)
        assert (found.low[i], found.high[i]) == pytest.approx((single.low, single.high), abs=1e-8)
        assert math.isnan(found.difference[i]) == (single.difference is None)
        if single.difference is not None:
            assert found.difference[i] == pytest.approx(single.difference, abs=1e-9)
    assert set(found.verdict) >= {Verdict.NOT_ENOUGH_ANSWERS}
    assert found.measure == measure


def test_elementwise_intervals() -> None:
    counts = [(b, c, n) for n in range(7) for b in range(n + 1) for c in range(n + 1 - b)]
    b, c, n = np.array(counts).T

    low, high = many.balance(b, c, n, confidence=0.9)
    shares_low, shares_high = many.wilson(b, n, confidence=0.9)

    expected = np.array([balance(*row, confidence=0.9) for row in counts])
    np.testing.assert_allclose(np.column_stack([low, high]), expected, atol=1e-12)
    expected = np.array([wilson(row[0], row[2], confidence=0.9) for row in counts])
    np.testing.assert_allclose(np.column_stack([shares_low, shares_high]), expected, atol=1e-12)


@pytest.mark.parametrize(
    "histograms", [[1] * 11, [[1] * 10], [[-1] + [1] * 10], [[0.5] * 11], [[math.nan] * 11]]
)
def test_nonsense_histograms_raise(histograms: object) -> None:
    with pytest.raises(StatisticsError, match="counts"):
        many.score(histograms, measure=NPS)


def test_nonsense_counts_raise() -> None:
    with pytest.raises(StatisticsError, match="successes must lie between 0 and n"):
        many.wilson([3], [2])
    with pytest.raises(StatisticsError, match="successes must lie between 0 and n"):
        many.wilson([-1], [2])
    with pytest.raises(StatisticsError, match="counts must be finite"):
        many.wilson([math.nan], [2])
    with pytest.raises(StatisticsError, match="parts must lie within n"):
        many.balance([2], [1], [2])
    with pytest.raises(StatisticsError, match="parts must lie within n"):
        many.balance([-1], [1], [2])
    with pytest.raises(StatisticsError, match="parts must lie within n"):
        many.balance([1], [-1], [2])
    with pytest.raises(StatisticsError, match="counts must be finite"):
        many.balance([1], [1], [math.inf])


def test_mixed_measures_raise() -> None:
    ten, eleven = many.score([[1] * 10], measure=NPS_1_10), many.score([[1] * 11], measure=NPS)

    with pytest.raises(MixedScalesError):
        many.compare(ten, eleven)
    with pytest.raises(StatisticsError, match="differ in confidence or in length"):
        many.compare(eleven, many.score([[1] * 11] * 2, measure=NPS))
    with pytest.raises(StatisticsError, match="differ in confidence or in length"):
        many.compare(eleven, many.score([[1] * 11], measure=NPS, confidence=0.9))


@pytest.mark.parametrize("matters", [0.0, -1.0, math.nan])
def test_what_matters_must_be_positive(matters: float) -> None:
    score = many.score([[1] * 11], measure=NPS)

    with pytest.raises(StatisticsError, match="the difference that matters must be positive"):
        many.compare(score, score, matters=matters)
