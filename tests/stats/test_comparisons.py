"""Differences and what may honestly be said of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats import scores
from regulars.stats.comparisons import Comparison, Verdict, compare, compare_paired
from regulars.stats.errors import MixedScalesError, StatisticsError
from regulars.stats.intervals import balance, mover
from regulars.stats.measures import NPS, Better, Kind, Measure, Unit
from tests.stats.published import published

SHARE = Measure(Kind.SHARE, Unit.SHARE, (0, 1), 1)
STARS = Measure(Kind.STARS, Unit.GRADE, (1, 5))


@published(
    method="Difference of shares, hybrid score",
    source="Newcombe (1998b), table II, method 10",
    check="56/70 − 48/80, as two CSAT scores",
    expected={"difference": 0.2, "low": 0.0524, "high": 0.3339},
)
def test_compare_two_shares() -> dict[str, float]:
    found = compare(scores.csat({5: 56, 1: 14}), scores.csat({5: 48, 1: 32}))

    return {"difference": found.difference or 0.0, "low": found.low, "high": found.high}


@published(
    method="Difference of paired shares, score interval",
    source="Tango (1998), example of 44 crossover patients",
    check="16 changed one way, 1 the other",
    expected=balance(16, 1, 44),
)
def test_compare_paired_shares() -> list[float]:
    pairs = {(0, 1): 16, (1, 0): 1, (1, 1): 21, (0, 0): 6}

    found = compare_paired(pairs, measure=SHARE)

    return [found.low, found.high]


def test_a_comparison_says_everything() -> None:
    now, before = scores.nps({10: 60, 8: 30, 0: 10}), scores.nps({10: 30, 8: 40, 0: 30})

    found = compare(now, before)

    low, high = mover(50.0, now.interval, 0.0, before.interval)
    assert found == Comparison(NPS, 50.0, low, high, Verdict.HIGHER, None, 20.0, 0.95, (100, 100))
    assert found.is_better is True
    assert compare(before, now).verdict is Verdict.LOWER
    assert compare(before, now).is_better is False


def test_a_tenth_of_the_range_matters_unless_said_otherwise() -> None:
    assert compare(scores.nps({}), scores.nps({})).matters == 20.0
    assert compare(scores.csat({}), scores.csat({})).matters == pytest.approx(0.1)
    assert compare(scores.stars({}), scores.stars({})).matters == pytest.approx(0.4)
    assert compare(scores.nps({}), scores.nps({}), matters=5).matters == 5


def test_no_real_change_needs_an_interval_inside_what_matters() -> None:
    month = scores.nps({10: 500, 8: 300, 0: 200})

    found = compare(month, month)

    assert found.high == pytest.approx(-found.low)
    assert (found.verdict, found.more_needed) == (Verdict.NO_REAL_CHANGE, None)
    assert found.is_better is None
    assert compare(month, month, matters=found.high).verdict is Verdict.NOT_ENOUGH_ANSWERS
    assert compare(month, month, matters=found.high + 1e-9).verdict is Verdict.NO_REAL_CHANGE


def test_not_enough_answers_says_about_how_many_more() -> None:
    few, many = scores.nps({10: 5, 8: 3, 0: 2}), scores.nps({10: 50, 8: 30, 0: 20})

    found = compare(few, many)

    # variance of one answer with one imagined at either end of the scale, in squared points
    spread_few = 10_000 * (9 / 12 - (3 / 12) ** 2)
    spread_many = 10_000 * (72 / 102 - (30 / 102) ** 2)
    needed = (spread_few + spread_many) * (1.959964 / 20) ** 2
    assert found.verdict is Verdict.NOT_ENOUGH_ANSWERS
    assert found.more_needed == math.ceil(needed - 10) == 116
    assert found.is_better is None


def test_a_difference_in_between_needs_a_narrower_interval() -> None:
    first, second = scores.nps({10: 165, 0: 135}), scores.nps({10: 150, 0: 150})

    found = compare(first, second, matters=20)

    # a difference of 10 could turn out to be 0 or 20: ten points either way decide
    spread = 10_000 * (1 - (30 / 302) ** 2) + 10_000
    assert found.more_needed == math.ceil(spread * (1.959964 / 10) ** 2 - 300) == 465
    less = compare(first, second, matters=12)
    assert less.more_needed == found.more_needed
    more = compare(first, second, matters=25)
    assert more.more_needed == math.ceil(spread * (1.959964 / 15) ** 2 - 300) == 40


def test_at_least_one_more_answer_is_needed() -> None:
    first, second = scores.nps({10: 165, 0: 135}), scores.nps({10: 150, 0: 150})

    found = compare(first, second, matters=compare(first, second).high)

    assert (found.verdict, found.more_needed) == (Verdict.NOT_ENOUGH_ANSWERS, 8)
    crowd = scores.nps({10: 10**6, 0: 10**6})
    wide = compare(crowd, crowd, matters=compare(crowd, crowd).high)
    assert (wide.verdict, wide.more_needed) == (Verdict.NOT_ENOUGH_ANSWERS, 4)


def test_an_empty_group_is_not_enough_answers() -> None:
    found = compare(scores.csat({}), scores.csat({5: 3, 1: 1}))

    assert found.difference is None
    second = scores.csat({5: 3, 1: 1})
    assert (found.low, found.high) == (-second.high, 1 - second.low)
    assert (found.verdict, found.n) == (Verdict.NOT_ENOUGH_ANSWERS, (0, 4))
    assert found.more_needed == math.ceil((0.25 + 2 / 9) * (1.959964 / 0.1) ** 2)


def test_a_lower_effort_grade_is_better_where_the_scale_says_so() -> None:
    hard = scores.ces_mean({6: 40, 7: 20}, better=Better.LOW)
    easy = scores.ces_mean({1: 40, 2: 20}, better=Better.LOW)

    found = compare(easy, hard)

    assert (found.verdict, found.is_better) == (Verdict.LOWER, True)
    assert compare(hard, easy).is_better is False


def test_a_higher_share_of_ease_is_better_on_either_scale() -> None:
    hard = scores.ces({6: 40, 7: 20}, better=Better.LOW)
    easy = scores.ces({1: 40, 2: 20}, better=Better.LOW)

    assert compare(easy, hard).is_better is True


def test_other_questions_cannot_be_compared() -> None:
    with pytest.raises(MixedScalesError):
        compare(scores.nps({10: 1}), scores.nps_1_10({10: 1}))
    with pytest.raises(MixedScalesError):
        compare(scores.csat({5: 1}), scores.csat({5: 1}, scale=(1, 7)))
    with pytest.raises(StatisticsError, match="different confidence levels"):
        compare(scores.nps({10: 1}), scores.nps({10: 1}, confidence=0.9))


@pytest.mark.parametrize("matters", [0.0, -1.0, math.nan, math.inf])
def test_what_matters_must_be_positive(matters: float) -> None:
    with pytest.raises(StatisticsError, match="the difference that matters must be positive"):
        compare(scores.nps({10: 1}), scores.nps({10: 1}), matters=matters)


def test_paired_points_use_the_correlation() -> None:
    pairs = {(10, 10): 20, (8, 10): 12, (10, 8): 2, (0, 0): 4, (0, 8): 2}

    found = compare_paired(pairs, measure=NPS)

    earlier = scores.nps({10: 22, 8: 12, 0: 6})
    later = scores.nps({10: 32, 8: 4, 0: 4})
    x = [1] * 20 + [0] * 12 + [1] * 2 + [-1] * 6
    y = [1] * 32 + [0] * 2 + [-1] * 4 + [0] * 2
    mx, my = sum(x) / 40, sum(y) / 40
    rho = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / math.sqrt(
        sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y)
    )
    expected = mover(70.0, later.interval, 40.0, earlier.interval, correlation=rho)
    assert found.difference == pytest.approx(30.0)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)
    assert found.verdict is Verdict.HIGHER
    assert found.n == (40, 40)
    # the same answers of different people show nothing
    assert compare(later, earlier).verdict is Verdict.NOT_ENOUGH_ANSWERS


def test_paired_answers_may_come_one_by_one() -> None:
    one_by_one = compare_paired([(1, 5), (1, 5), (4, 3)], measure=STARS)

    assert one_by_one == compare_paired({(1, 5): 2, (4, 3): 1}, measure=STARS)
    assert one_by_one.difference == pytest.approx(7 / 3)


def test_paired_people_who_never_change_their_mind() -> None:
    found = compare_paired({(9, 9): 500, (3, 3): 500}, measure=NPS)

    assert found.difference == 0
    assert (found.low, found.high) == pytest.approx((0, 0), abs=1e-9)
    assert found.verdict is Verdict.NO_REAL_CHANGE


def test_paired_answers_that_never_vary_have_no_correlation() -> None:
    found = compare_paired({(10, 10): 10}, measure=NPS)

    alone = scores.nps({10: 10})
    assert (found.difference, found.low) == (0.0, pytest.approx(alone.low - 100))
    # one imagined person goes half the range up, one down
    spread = 2 * 100.0**2 / 12
    assert found.more_needed == max(1, math.ceil(spread * (1.959964 / 20) ** 2 - 10)) == 7


def test_nobody_answered_twice() -> None:
    found = compare_paired({}, measure=NPS)

    assert (found.difference, found.low, found.high) == (None, -200.0, 200.0)
    assert (found.verdict, found.n) == (Verdict.NOT_ENOUGH_ANSWERS, (0, 0))
    assert compare_paired({}, measure=SHARE).high == 1.0


def test_paired_grades_off_the_scale_raise() -> None:
    with pytest.raises(StatisticsError, match="11 is not on the scale 0 to 10"):
        compare_paired([(10, 11)], measure=NPS)
    with pytest.raises(StatisticsError, match="cannot be negative"):
        compare_paired({(1, 1): -1}, measure=NPS)


groups = st.lists(st.integers(0, 60), min_size=11, max_size=11)


@given(groups, groups)
def test_changing_places_turns_the_difference(one: list[int], other: list[int]) -> None:
    here, there = (
        compare(scores.nps(one), scores.nps(other)),
        compare(scores.nps(other), scores.nps(one)),
    )

    assert (here.low, here.high) == pytest.approx((-there.high, -there.low), abs=1e-9)
    turned = {Verdict.HIGHER: Verdict.LOWER, Verdict.LOWER: Verdict.HIGHER}
    assert here.verdict == turned.get(there.verdict, there.verdict)
    assert here.more_needed == there.more_needed


@given(groups)
def test_a_score_never_differs_from_itself(group: list[int]) -> None:
    score = scores.nps(group)

    assert compare(score, score).verdict in {Verdict.NO_REAL_CHANGE, Verdict.NOT_ENOUGH_ANSWERS}


def test_paired_people_needed_follow_from_what_is_seen() -> None:
    pairs = {(9, 3): 4, (3, 9): 9, (8, 8): 7, (9, 8): 2}

    found = compare_paired(pairs, measure=NPS, matters=20)

    worths = [-200] * 4 + [200] * 9 + [0] * 7 + [-100] * 2
    average = sum(worths) / 22
    variance = (sum((worth - average) ** 2 for worth in worths) + 2 * 100**2) / 24
    seen = abs(average)
    assert seen > 20
    assert found.difference == pytest.approx(average)
    assert found.verdict is Verdict.NOT_ENOUGH_ANSWERS
    assert found.more_needed == math.ceil(variance * (1.959964 / seen) ** 2 - 22)


def test_paired_shares_count_changes_one_way_only() -> None:
    measure = Measure(Kind.CSAT, Unit.SHARE, (1, 5), 2)

    only_up = compare_paired({(1, 5): 6, (3, 3): 4, (5, 5): 2}, measure=measure)

    assert only_up.difference == pytest.approx(0.5)
    assert (only_up.low, only_up.high) == pytest.approx(tuple(balance(6, 0, 12)))
    only_down = compare_paired({(5, 1): 6, (3, 3): 4, (5, 5): 2}, measure=measure)
    assert (only_down.low, only_down.high) == pytest.approx((-only_up.high, -only_up.low))


def test_paired_shares_carry_the_confidence() -> None:
    measure = Measure(Kind.CSAT, Unit.SHARE, (1, 5), 2)

    found = compare_paired({(1, 5): 6, (5, 1): 2, (3, 3): 4}, measure=measure, confidence=0.8)

    assert (found.low, found.high) == pytest.approx(tuple(balance(6, 2, 12, confidence=0.8)))
    assert found.confidence == 0.8
