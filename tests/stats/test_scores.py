"""Scores as whole value objects, from any histogram."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats import scores
from regulars.stats.errors import MixedScalesError, StatisticsError
from regulars.stats.intervals import Interval, balance, mean, wilson
from regulars.stats.scores import Better, Kind, Measure, Score, Unit
from tests.stats.published import published


@published(
    method="NPS in points",
    source="Rocks (2016), iterative score; Tango (1998)",
    check="12 promoters, 2 detractors, 36 passives: value, low, high",
    expected={"value": 20.0, "low": 6.11, "high": 34.47},
    digits=2,
)
def test_nps_of_rocks() -> dict[str, float]:
    score = scores.nps({9: 5, 10: 7, 7: 30, 8: 6, 6: 1, 0: 1})

    return {"value": score.value or math.nan, "low": score.low, "high": score.high}


@published(
    method="NPS in points",
    source="closed form of Tango's interval; Wald's would be [100, 100]",
    check="ten promoters of ten",
    expected={"low": 44.0, "high": 100.0},
    digits=0,
)
def test_nps_of_ten_promoters() -> dict[str, float]:
    score = scores.nps([0] * 10 + [10])

    return {"low": score.low, "high": score.high}


@published(
    method="Top boxes with Wilson's interval",
    source="Newcombe (1998a), table I",
    check="81 satisfied of 263",
    expected={"low": 0.2553, "high": 0.3662},
)
def test_csat_of_newcombe() -> dict[str, float]:
    score = scores.csat({5: 40, 4: 41, 3: 82, 1: 100})

    return {"low": score.low, "high": score.high}


def test_a_score_says_everything() -> None:
    score = scores.nps([1, 0, 0, 0, 0, 0, 1, 5, 3, 4, 6], confidence=0.9)

    low, high = balance(10, 2, 20, confidence=0.9)
    assert score == Score(
        measure=Measure(Kind.NPS, Unit.POINTS, (0, 10)),
        value=40.0,
        low=100 * low,
        high=100 * high,
        n=20,
        confidence=0.9,
        effective_n=20.0,
        tally=((-100.0, 2.0), (0.0, 8.0), (100.0, 10.0)),
    )
    assert score.variance == pytest.approx(10_000 * (0.6 - 0.16))
    assert (score.count(100), score.count(0), score.count(-100)) == (10, 8, 2)
    assert score.interval == Interval(score.low, score.high)


@pytest.mark.parametrize(
    ("grade", "points"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)]
)
def test_where_promoters_and_detractors_begin(grade: int, points: float) -> None:
    assert scores.nps({grade: 1}).value == points


def test_nps_1_10_has_no_zero_and_its_own_measure() -> None:
    score = scores.nps_1_10({1: 1, 6: 1, 7: 1, 9: 2})

    assert score.value == 0.0
    assert score.measure == Measure(Kind.NPS_1_10, Unit.POINTS, (1, 10))
    with pytest.raises(StatisticsError, match="0 is not on the scale 1 to 10"):
        scores.nps_1_10({0: 1})


@pytest.mark.parametrize(
    ("scale", "top", "expected"),
    [((1, 5), 2, 2 / 5), ((1, 5), 1, 1 / 5), ((1, 7), 2, 2 / 7), ((1, 10), 3, 3 / 10)],
)
def test_top_boxes(scale: tuple[int, int], top: int, expected: float) -> None:
    score = scores.csat([1] * scale[1], scale=scale, top=top)

    assert score.value == pytest.approx(expected)
    assert score.interval == wilson(top, scale[1])
    assert score.measure == Measure(Kind.CSAT, Unit.SHARE, scale, top)


def test_satisfaction_on_another_scale_raises() -> None:
    with pytest.raises(StatisticsError, match="asked on 1–5, 1–7 or 1–10"):
        scores.csat({1: 1}, scale=(0, 10))


@pytest.mark.parametrize("top", [0, 5, -1])
def test_top_boxes_must_leave_some_out(top: int) -> None:
    with pytest.raises(StatisticsError, match="number 1 to 4|a count cannot be negative"):
        scores.csat({1: 1}, top=top)


def test_effort_counts_the_easy_end() -> None:
    histogram = [1, 2, 3, 4, 5, 6, 7]

    assert scores.ces(histogram).value == pytest.approx(18 / 28)
    assert scores.ces(histogram, top=2).value == pytest.approx(13 / 28)
    assert scores.ces(histogram, better=Better.LOW).value == pytest.approx(6 / 28)
    assert scores.ces(histogram, top=2, better=Better.LOW).value == pytest.approx(3 / 28)
    assert scores.ces([1, 1, 2], scale=(1, 3), top=1).value == 0.5


def test_mean_effort_and_stars_have_students_interval() -> None:
    effort = scores.ces_mean([0, 1, 2, 3, 4, 0, 0], better=Better.LOW)
    rated = scores.stars([0, 1, 2, 3, 4])

    interval = mean(40, 170, 10, bounds=(1, 7))
    assert (effort.value, effort.interval) == (4.0, interval)
    assert effort.measure == Measure(Kind.CES_MEAN, Unit.GRADE, (1, 7), 0, Better.LOW)
    assert (rated.value, rated.interval) == (4.0, mean(40, 170, 10, bounds=(1, 5)))
    assert rated.measure == Measure(Kind.STARS, Unit.GRADE, (1, 5))


@pytest.mark.parametrize(
    ("score", "low", "high"),
    [
        (scores.nps({}), -100.0, 100.0),
        (scores.nps_1_10([0] * 10), -100.0, 100.0),
        (scores.csat({}), 0.0, 1.0),
        (scores.ces({}), 0.0, 1.0),
        (scores.ces_mean({}), 1.0, 7.0),
        (scores.stars({}), 1.0, 5.0),
        (scores.weighted_nps([], []), -100.0, 100.0),
    ],
)
def test_nobody_answered(score: Score, low: float, high: float) -> None:
    found = (score.value, score.low, score.high, score.n, score.effective_n, score.variance)

    assert found == (None, low, high, 0, 0.0, 0.0)


def test_all_five_stars_are_not_certain() -> None:
    score = scores.stars({5: 3})

    assert (score.value, score.high) == (5.0, 5.0)
    assert score.low == pytest.approx(5 - 4 * (1 - wilson(3, 3).low))


def test_pooled_is_the_score_of_all_answers() -> None:
    monday, tuesday = scores.nps({10: 3, 0: 1}), scores.nps({9: 2, 8: 4})

    assert scores.pooled([monday, tuesday]) == scores.nps({10: 3, 0: 1, 9: 2, 8: 4})


def test_pooling_other_questions_raises() -> None:
    with pytest.raises(MixedScalesError, match="cannot be compared or pooled"):
        scores.pooled([scores.nps({10: 1}), scores.nps_1_10({10: 1})])
    with pytest.raises(MixedScalesError):
        scores.pooled([scores.csat({5: 1}), scores.csat({5: 1}, top=1)])
    with pytest.raises(StatisticsError, match="no score to pool"):
        scores.pooled([])
    with pytest.raises(StatisticsError, match="weighted scores cannot be pooled"):
        scores.pooled([scores.weighted_nps([1, 10], [1, 2])])


def test_weighted_nps_has_the_interval_of_kishs_n() -> None:
    score = scores.weighted_nps([10, 0, 8, 9], [2.0, 1.0, 1.0, 1.0])

    effective = 25 / 7
    low, high = balance(effective * 3 / 5, effective / 5, effective)
    assert score.value == pytest.approx(40.0)
    assert score.interval == pytest.approx((100 * low, 100 * high), abs=1e-9)
    assert (score.n, score.effective_n) == (4, pytest.approx(effective))


def test_equal_weights_change_nothing() -> None:
    answers = [10, 9, 8, 0, 3]

    weighted, plain = scores.weighted_nps(answers, [3.0] * 5), scores.nps(dict.fromkeys(answers, 1))

    assert weighted.value == pytest.approx(plain.value)
    assert weighted.interval == pytest.approx(plain.interval, abs=1e-9)
    assert weighted.effective_n == pytest.approx(5)


def test_weighted_share() -> None:
    score = scores.weighted_share([True, False], [3.0, 1.0], confidence=0.9)

    assert score.value == pytest.approx(0.75)
    assert score.interval == pytest.approx(wilson(1.2, 1.6, confidence=0.9))
    assert score.measure == Measure(Kind.SHARE, Unit.SHARE, (0, 1), 1)


def test_weighted_mean() -> None:
    measure = Measure(Kind.STARS, Unit.GRADE, (1, 5))

    score = scores.weighted_score([5, 1, 5], [1.0, 1.0, 1.0], measure=measure)

    assert score.value == pytest.approx(11 / 3)
    assert score.interval == pytest.approx(scores.stars({5: 2, 1: 1}).interval)


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_weights_must_be_positive(weight: float) -> None:
    with pytest.raises(StatisticsError, match="weights must be positive and finite"):
        scores.weighted_nps([10, 9], [1.0, weight])


def test_every_answer_needs_a_weight() -> None:
    with pytest.raises(StatisticsError, match="2 answers have 1 weights"):
        scores.weighted_nps([10, 9], [1.0])


@published(
    method="Response rates RR1 and RR2",
    source="AAPOR Standard Definitions (2016), formulas RR1 and RR2",
    check="60 whole, 20 partial, 10 refused, 90 no contact, 20 unknown",
    expected={"RR1": 60 / 200, "RR2": 80 / 200},
)
def test_response_rates() -> dict[str, float]:
    rate = scores.response_rate(60, 20, 10, 90, 20)

    return {"RR1": rate.rr1.value or 0.0, "RR2": rate.rr2.value or 0.0}


def test_response_rate_is_rr1_with_wilson() -> None:
    rate = scores.response_rate(81, partial=3, refused=4, no_answer=170, unknown=5)

    assert (rate.value, rate.n) == (81 / 263, 263)
    assert (rate.low, rate.high) == wilson(81, 263)
    assert rate.rr2.interval == wilson(84, 263)
    assert rate.rr1.measure == Measure(Kind.RESPONSE_RATE, Unit.SHARE, (0, 1), 1)


def test_response_rate_without_anybody_asked() -> None:
    rate = scores.response_rate(0)

    assert (rate.value, rate.low, rate.high, rate.n) == (None, 0.0, 1.0, 0)
    assert scores.response_rate(2, confidence=0.5).low == wilson(2, 2, confidence=0.5).low


def test_response_rate_raises_on_negative_counts() -> None:
    with pytest.raises(StatisticsError, match="cannot be negative"):
        scores.response_rate(3, -1)


histograms = st.lists(st.integers(0, 50), min_size=11, max_size=11)


@given(histograms)
def test_a_score_lies_in_its_interval_and_the_interval_in_its_range(histogram: list[int]) -> None:
    score = scores.nps(histogram)

    assert -100 <= score.low <= score.high <= 100
    if score.value is not None:
        assert score.low - 1e-9 <= score.value <= score.high + 1e-9


@given(histograms)
def test_nps_depends_on_the_three_groups_only(histogram: list[int]) -> None:
    detractors, passives, promoters = (sum(histogram[:7]), sum(histogram[7:9]), sum(histogram[9:]))

    assert scores.nps(histogram) == scores.nps({0: detractors, 8: passives, 10: promoters})


@given(histograms)
def test_turning_the_scale_turns_the_share_of_effort(histogram: list[int]) -> None:
    easy = scores.ces(histogram, scale=(0, 10), top=4)
    turned = scores.ces(histogram[::-1], scale=(0, 10), top=4, better=Better.LOW)

    assert (easy.value, easy.interval, easy.n) == (turned.value, turned.interval, turned.n)


def test_scores_load_neither_numpy_nor_scipy() -> None:
    program = (
        "import sys; from regulars.stats import scores;"
        "scores.compare(scores.stars({5: 3, 4: 2}), scores.stars({1: 4, 2: 2}));"
        "print(sorted({'numpy', 'scipy'} & set(sys.modules)))"
    )

    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert found.stdout == "[]\n"


def test_weighted_scores_carry_the_confidence() -> None:
    answers, weights = [10, 9, 3, 8], [1.0, 2.0, 1.0, 1.0]

    for found in (
        scores.weighted_nps(answers, weights, confidence=0.8),
        scores.weighted_share([True, True, False, True], weights, confidence=0.8),
    ):
        assert found.confidence == 0.8
    narrow = scores.weighted_nps(answers, weights, confidence=0.8)
    wide = scores.weighted_nps(answers, weights)
    assert wide.low < narrow.low < narrow.high < wide.high
    yes = [True, True, False, True]
    assert (
        scores.weighted_share(yes, weights).low
        < scores.weighted_share(yes, weights, confidence=0.8).low
    )


@pytest.mark.parametrize("confidence", [0.8, 0.99])
def test_every_score_carries_the_confidence(confidence: float) -> None:
    five, seven = [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7]
    found = [
        scores.nps([1] * 11, confidence=confidence),
        scores.nps_1_10([1] * 10, confidence=confidence),
        scores.csat(five, confidence=confidence),
        scores.ces(seven, confidence=confidence),
        scores.ces_mean(seven, confidence=confidence),
        scores.stars(five, confidence=confidence),
        scores.response_rate(5, 2, 3, 4, 5, confidence=confidence).rr1,
        scores.response_rate(5, 2, 3, 4, 5, confidence=confidence).rr2,
        scores.pooled([scores.stars(five, confidence=confidence)] * 2),
    ]
    usual = [
        scores.nps([1] * 11),
        scores.nps_1_10([1] * 10),
        scores.csat(five),
        scores.ces(seven),
        scores.ces_mean(seven),
        scores.stars(five),
        scores.response_rate(5, 2, 3, 4, 5).rr1,
        scores.response_rate(5, 2, 3, 4, 5).rr2,
        scores.pooled([scores.stars(five)] * 2),
    ]

    for one, other in zip(found, usual, strict=True):
        assert one.confidence == confidence
        assert one.value == other.value
        assert (one.high - one.low > other.high - other.low) == (confidence > 0.95)
