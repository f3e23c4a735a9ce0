"""Questions that make no sense are refused in words that say what is wrong, whole words compared.

Other tests ask whether nonsense is refused; here every sentence that can be said is said once.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from regulars.stats import (
    charts,
    comparisons,
    drivers,
    expectations,
    histograms,
    intervals,
    many,
    ppi,
    purchases,
    rfm,
    run_lengths,
    samples,
    scores,
    segments,
    silence,
    trends,
    weighting,
)
from regulars.stats.buying import bgnbd, forecast, gammagamma
from regulars.stats.errors import MixedScalesError, StatisticsError
from regulars.stats.experiments import assignment, effects, planning, pooling, sequence

NPS = scores.NPS
TEN = scores.nps([1] * 10 + [0])
NOBODY = scores.nps([0] * 11)
TABLE = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 4.0]]
DAY = "2026-01-01"
BROKEN_COLUMNS = "the columns of the purchases differ in length"
FEW = purchases.deduplicate([0], [0], [5])

CASES: dict[str, list[tuple[Callable[[], object], str]]] = {
    "histograms": [
        (lambda: histograms.counts({6: 1}, (1, 5)), "6 is not on the scale 1 to 5"),
        (
            lambda: histograms.counts([1, 2], (1, 5)),
            "a histogram of the scale 1 to 5 has 5 counts, not 2",
        ),
        (lambda: histograms.counts([1.5, 2], (0, 1)), "a count is a whole number, not 1.5"),
        (lambda: histograms.counts([-1, 2], (0, 1)), "a count cannot be negative: -1"),
        (
            lambda: histograms.checked_scale((3, 3)),
            "a scale runs from a lower to a higher grade, not 3 to 3",
        ),
    ],
    "measures": [
        (
            lambda: scores.csat([1] * 5, top=5),
            "top boxes of the scale 1 to 5 number 1 to 4, not 5",
        ),
        (lambda: NPS.worth(11), "11 is not on the scale 0 to 10"),
        (
            lambda: scores.csat([1] * 11, scale=(0, 10)),
            "satisfaction is asked on 1–5, 1–7 or 1–10, not (0, 10)",
        ),
    ],
    "scores": [
        (lambda: scores.pooled([]), "there is no score to pool"),
        (
            lambda: scores.pooled([TEN, scores.weighted_nps([9, 1], [1, 2])]),
            "weighted scores cannot be pooled: weigh all answers together",
        ),
        (lambda: scores.weighted_nps([9], [1, 2]), "1 answers have 2 weights"),
        (lambda: scores.weighted_nps([9], [0]), "weights must be positive and finite"),
        (lambda: weighting.effective_n([math.inf]), "weights must be positive and finite"),
    ],
    "intervals": [
        (
            lambda: intervals.wilson(1, 2, confidence=1),
            "confidence must lie between 0 and 1, not 1",
        ),
        (
            lambda: intervals.mean(math.inf, 1, 2, bounds=(1, 5)),
            "sums must be finite, and squares not negative: inf, 1",
        ),
        (lambda: intervals.wilson(-1, 2), "counts must be finite and not negative: (-1,) of 2"),
        (lambda: intervals.balance(2, 1, 2), "counts (2, 1) are more than the 2 asked"),
        (
            lambda: intervals.student_quantile(0.9, 0),
            "degrees of freedom must be at least 1, not 0",
        ),
    ],
    "comparisons": [
        (
            lambda: scores.compare(TEN, replace(TEN, confidence=0.9)),
            "the two scores have different confidence levels",
        ),
        (
            lambda: comparisons.smallest_that_matters(-1, NPS),
            "the difference that matters must be positive, not -1",
        ),
    ],
    "many": [
        (lambda: many.wilson([math.nan], [1]), "counts must be finite"),
        (lambda: many.wilson([2], [1]), "successes must lie between 0 and n"),
        (lambda: many.balance([math.inf], [1], [1]), "counts must be finite"),
        (lambda: many.balance([2], [1], [2]), "parts must lie within n"),
        (lambda: many.score([[1, 2]], measure=NPS), "rows have 11 counts each"),
        (lambda: many.score([[0.5] * 11], measure=NPS), "counts are whole and not negative"),
        (
            lambda: many.compare(
                many.score([[1] * 11], measure=NPS), many.score([[1] * 11] * 2, measure=NPS)
            ),
            "the two sets of scores differ in confidence or in length",
        ),
    ],
    "samples": [
        (lambda: samples.sample_size_share(0.1, share=2), "a share lies between 0 and 1, not 2"),
        (lambda: samples.sample_size_share(0), "margin must be positive, not 0"),
        (lambda: samples.sample_size_change(0), "change must be positive, not 0"),
        (
            lambda: samples.sample_size_share(0.1, population=0),
            "a population has at least one member, not 0",
        ),
        (lambda: samples.sample_size_nps(10, variance=-1), "variance cannot be negative: -1"),
        (lambda: samples.sample_size_change(10, power=1), "power must lie between 0 and 1, not 1"),
        (lambda: samples.smallest_visible_change(-1, 2), "a count cannot be negative: -1"),
    ],
    "charts": [
        (lambda: charts.xmr([1.0]), "an XmR chart needs at least two finite values"),
        (
            lambda: charts.p_chart([2], [1]),
            "every period needs a size that is not below its successes",
        ),
        (lambda: charts.laney_p_chart([0], [0]), "a chart needs at least one answer"),
    ],
    "trends": [
        (lambda: trends.change_point([1, 2], [1]), "2 values have 1 sizes"),
        (lambda: trends.change_point([1, math.nan, 2]), "values must be finite"),
        (
            lambda: trends.change_point([1, 2, 3], [1, -1, 1]),
            "sizes must be finite and not negative",
        ),
        (lambda: trends.change_point([1, 2, 9], variance=-1), "variance cannot be negative: -1"),
        (
            lambda: trends.change_point([1, 2, 9], confidence=1),
            "confidence must lie between 0 and 1, not 1",
        ),
        (
            lambda: trends.watch([], streams=0),
            "at least one stream, and more than no false alarms, are needed",
        ),
        (
            lambda: run_lengths.ewma_width(1),
            "an average run length lies between 2 and a million, not 1",
        ),
        (
            lambda: run_lengths.ewma_width(500, weight=0),
            "the weight of the newest period lies in .005…1, not 0",
        ),
    ],
    "run_lengths": [
        (lambda: run_lengths.ewma_arl(0), "a limit is a positive number, not 0"),
        (
            lambda: run_lengths.cusum_limit(500, reference=-1),
            "the reference lies between 0 and 3 deviations, not -1",
        ),
    ],
    "segments": [
        (lambda: segments.against_the_rest([TEN]), "a segment needs a rest to be compared with"),
        (lambda: segments.benjamini_hochberg([2.0]), "p-values lie between 0 and 1"),
        (
            lambda: segments.benjamini_hochberg([0.2], rate=0),
            "the rate lies between 0 and 1, not 0",
        ),
        (
            lambda: segments.shrink([scores.stars([1] * 5)] * 2),
            "shrinkage is offered for shares and points",
        ),
        (
            lambda: segments.dirichlet_prior([1, 2]),
            "counts are a table of groups and categories",
        ),
        (lambda: segments.dirichlet_prior([[0, 0]]), "nobody answered in any group"),
    ],
    "silence": [
        (lambda: silence.rake([[0, 1]], [[1, 1]], cap=1), "a cap on weights is above 1, not 1"),
        (
            lambda: silence.rake([[0, 0, 1], [0, 0, 1]], [[1, 1], [3, 1]]),
            "raking does not converge: some combination of margins is empty",
        ),
        (
            lambda: silence.rake([[0, 1]], [[0, 0]]),
            "a margin is a list of counts or shares, not all of them 0",
        ),
        (lambda: silence.rake([[0, 1]], []), "1 columns have 0 margins"),
        (
            lambda: silence.rake([[0, 1], [0]], [[1, 1], [1, 1]]),
            "columns must be lists of equal length",
        ),
        (
            lambda: silence.rake([np.zeros(0, dtype=int)], [[1, 1]]),
            "nobody answered: there is nothing to weigh",
        ),
        (
            lambda: silence.rake([[0, 2]], [[1, 1]]),
            "columns hold whole codes from 0 to the margin's length",
        ),
        (
            lambda: silence.rake([[0, 0]], [[1, 1]]),
            "column 0, category 1: 0 answers for 0.5000 of the customers; join it with another",
        ),
        (
            lambda: silence.rake([[0, 0, 1, 1, 1]], [[1, 0]]),
            "column 0, category 1: 3 answers for 0.0000 of the customers; join it with another",
        ),
        (
            lambda: silence.if_the_silent_differ(TEN, 20, by=math.nan),
            "the silent differ by a number, not nan",
        ),
        (
            lambda: silence.tipping_point(NOBODY, 20, target=0),
            "nobody answered: there is no score to start from",
        ),
        (lambda: silence.worst_case(TEN, 9), "10 answers of 9 asked"),
        (lambda: silence.worst_case(NOBODY, 0), "0 answers of 0 asked"),
        (
            lambda: silence.representativeness([2], [1]),
            "every group needs as many asked as answered, or more",
        ),
        (lambda: silence.representativeness([0], [0]), "nobody was asked"),
    ],
    "drivers": [
        (
            lambda: drivers.lmg(np.eye(20)[:, :13], np.arange(20)),
            "LMG takes at most 12 drivers, not 13",
        ),
        (lambda: drivers.rank(["a"], TABLE, [1, 2, 3, 4]), "2 drivers have 1 names"),
        (
            lambda: drivers.rank(["a", "b"], TABLE[:3], [1, 2, 3]),
            "3 rows are too few for 2 drivers",
        ),
        (
            lambda: drivers.rank(["a", "b"], TABLE, [1, 2, 3, 4], draws=0),
            "at least one bootstrap draw is needed, not 0",
        ),
        (
            lambda: drivers.rank(["a", "b"], TABLE, [1, 2, 3, 4], confidence=1),
            "confidence must lie between 0 and 1, not 1",
        ),
        (
            lambda: drivers.lmg(TABLE, [1, 2]),
            "drivers (4, 2) and outcome (2,) do not belong together",
        ),
        (lambda: drivers.lmg(TABLE[:1], [1]), "importance needs at least two rows"),
        (
            lambda: drivers.lmg(TABLE, [1, 2, 3, math.nan]),
            "drivers and outcome must be finite: leave incomplete rows out",
        ),
    ],
    "expectations": [
        (
            lambda: expectations.difference_reliability((2, 0.5), correlation=0.1),
            "reliabilities lie in 0…1 and a correlation in −1…1",
        ),
        (
            lambda: reliability(deviations=(-1.0, 1.0)),
            "standard deviations are finite and not negative",
        ),
        (
            lambda: surface([3] * 12, [3] * 12, [1, 2] * 6),
            "the grades vary too little for a response surface",
        ),
        (
            lambda: surface([3] * 12, [3] * 11, [1, 2] * 6),
            "the three answers must be lists of equal length",
        ),
        (
            lambda: surface([math.nan] * 12, [3] * 12, [1, 2] * 6),
            "answers must be finite: leave incomplete rows out",
        ),
        (
            lambda: surface([3] * 9, [3] * 9, [3] * 9),
            "a response surface needs at least 10 rows, not 9",
        ),
    ],
    "ppi": [
        (
            lambda: ppi.corrected_share([1], [0.5, 0.5], []),
            "labels and predictions differ in length",
        ),
        (lambda: ppi.corrected_share([], [], [0.5]), "no hand labels"),
        (lambda: ppi.corrected_share([0.5], [0.5], []), "a label is 0 or 1"),
        (
            lambda: ppi.corrected_share([1], [1.5], []),
            "labels and predictions are numbers from 0 to 1",
        ),
    ],
    "purchases": [
        (
            lambda: purchases.customer_histories(["a", "b"], [DAY], DAY),
            BROKEN_COLUMNS,
        ),
        (
            lambda: purchases.customer_histories(["a"], [DAY], DAY, amounts=[-1]),
            "an amount is negative or not a number",
        ),
        (lambda: purchases.customer_histories(["a"], ["x"], DAY), "a day cannot be read"),
        (lambda: purchases.customer_histories(["a"], ["NaT"], DAY), "a day is missing"),
        (
            lambda: purchases.customer_histories(
                ["a"], [DAY], "2026-02-01", first_days=["2026-01-02"]
            ),
            "a purchase lies before the customer's first one",
        ),
        (lambda: purchases.deduplicate([1], [1, 2], [3]), "x, t_x and T differ in length"),
        (lambda: purchases.deduplicate([-1], [1], [3]), "x, t_x and T cannot be negative"),
        (lambda: purchases.deduplicate([1], [-1], [3]), "x, t_x and T cannot be negative"),
        (lambda: purchases.deduplicate([1], [1], [-3]), "x, t_x and T cannot be negative"),
        (
            lambda: purchases.deduplicate([0], [0], [2.0**62]),
            "x, t_x and T are whole numbers of periods",
        ),
        (lambda: purchases.deduplicate([2**30], [2**30], [2**30]), "x, t_x or T is too large"),
        (lambda: purchases.deduplicate([[1]], [1], [3]), "x, t_x and T are one-dimensional"),
        (
            lambda: purchases.deduplicate([0.5], [1], [3]),
            "x, t_x and T are whole numbers of periods",
        ),
        (lambda: histories(weights=[1, 2]), "x, t_x, T and weights differ in length"),
        (lambda: histories(weights=[math.nan]), "x, t_x, T and weights are finite numbers"),
        (lambda: histories(weights=[-1]), "x and weights cannot be negative"),
        (lambda: histories(t_x=[-1]), "a purchase lies before the customer's first one"),
        (lambda: histories(t_x=[9]), "a purchase lies after the end of the observation"),
        (lambda: histories(t_x=[0]), "t_x is zero exactly for customers who never came back"),
    ],
    "rfm": [
        (lambda: rfm.Rule(regular_visits=0), "the limits of a rule are positive"),
        (lambda: rfm.Rule(lost_after_days=120), "customers lapse before they are lost"),
        (lambda: rfm.scores([1.0, math.nan]), "scores need at least two groups and finite values"),
        (lambda: rfm.regularity_of(np.zeros(1), np.zeros(1, dtype=int)), "gaps are positive"),
    ],
    "buying": [
        (lambda: bgnbd.fit(purchases.deduplicate([], [], [])), "no customers to fit"),
        (lambda: bgnbd.fit(FEW), "nobody came back: there is no rhythm to fit"),
        (
            lambda: gammagamma.fit(spending([])),
            "nobody came back and paid: there are no amounts to fit",
        ),
        (
            lambda: gammagamma.Spending(np.ones(1), np.ones(2), np.ones(1)),
            "x, mean and weights differ in length",
        ),
        (lambda: spending([0.0]), "visits, amounts and weights are positive numbers"),
        (
            lambda: forecast.back_test(["a"], [DAY], cut=DAY, until=DAY),
            "the back-test ends before it begins",
        ),
    ],
    "assignment": [
        (lambda: assignment.arm("p", "c", held_out=0), "the share held out lies between 0 and 1"),
        (
            lambda: assignment.assign("p", ["a"], held_out=0.6),
            "at most half of an audience is held out",
        ),
        (
            lambda: assignment.assign("p", ["a", "a"], held_out=0.5),
            "a customer is in the audience twice",
        ),
        (
            lambda: assignment.assign("p", ["a"], held_out=0.5, strata=[]),
            "customers, values and strata differ in length",
        ),
        (
            lambda: assignment.assign("p", ["a"], held_out=0.5, expected_value=[math.inf]),
            "an expected value is not a number",
        ),
        (
            lambda: assignment.sample_ratio(0, 0, share=0.5),
            "the groups are empty",
        ),
        (
            lambda: assignment.balance([assignment.Arm.TREATED], [1, 2]),
            "arms and values differ in length",
        ),
    ],
    "effects": [
        (lambda: effects.difference_of_shares(0, 0, 1, 2), "a group is empty"),
        (
            lambda: effects.difference_of_shares(3, 2, 1, 2),
            "more came back than are in the group",
        ),
        (
            lambda: effects.difference_of_amounts([1, 2], [3, 4], winsorised=0.5),
            "at most half of the amounts are winsorised",
        ),
        (
            lambda: effects.difference_of_amounts([1, 2], [3, 4], resamples=99),
            "at least 100 resamples",
        ),
        (lambda: effects.difference_of_amounts([], [3, 4]), "a group is empty"),
        (lambda: effects.difference_of_amounts([math.nan], [3]), "an amount is not a number"),
        (
            lambda: effects.adjusted_difference([1, 2], [3, 4], [1], [1, 2]),
            "outcomes and expectations differ in length",
        ),
        (
            lambda: effects.difference_of_amounts([1, 2, 4], [3, 4, 9], confidence=1),
            "the confidence lies between 0 and 1",
        ),
        (
            lambda: effects.cost_per_return(
                effects.Effect(0.1, 0.0, 0.2, 9, 9, effects.Finding.MORE), cost=-1
            ),
            "the cost is a non-negative number",
        ),
    ],
    "planning": [
        (
            lambda: planning.customers_needed(0.1, held_out=1, usual=0.2),
            "shares, power and confidence lie between 0 and 1",
        ),
        (
            lambda: planning.customers_needed(0.9, held_out=0.1, usual=0.2),
            "the share rises from at least 0 to at most 1",
        ),
        (
            lambda: planning.smallest_visible_difference(9, held_out=0.1, usual=1),
            "the usual share is at least 0 and below 1",
        ),
        (
            lambda: planning.smallest_visible_difference(1, held_out=0.1, usual=0.5),
            "a play has at least two customers",
        ),
        (
            lambda: planning.smallest_visible_amount(1, held_out=0.1, deviation=1),
            "two customers or more, a deviation and a share saved below 1",
        ),
    ],
    "pooling": [
        (lambda: pooling.pool([1, 2, 3], [1, 2]), "effects and standard errors differ in length"),
        (
            lambda: pooling.pool([1, 2], [1, 2]),
            "the spread between plays cannot be learned from fewer than three",
        ),
        (
            lambda: pooling.pool([1, 2, 3], [1, 2, 0]),
            "effects are finite and standard errors positive numbers",
        ),
        (
            lambda: pooling.pool([1, 2, 3], [1, 2, 3], confidence=0),
            "the confidence lies between 0 and 1",
        ),
    ],
    "sequence": [
        (lambda: sequence.Group(0, 1.0, 1.0), "a group is empty"),
        (lambda: sequence.Group.of([]), "a group is empty"),
        (lambda: sequence.Group.of([math.nan]), "an outcome is not a number"),
        (
            lambda: sequence.Group(1, math.inf, 1.0),
            "mean and variance are finite and the variance not negative",
        ),
        (
            lambda: sequence.Group.of_share(3, 2),
            "a group is empty or more came back than are in it",
        ),
        (
            lambda: sequence.boundary(0, tightest_at=5),
            "n and tightest_at are at least 1, alpha between 0 and 1",
        ),
        (
            lambda: sequence.difference_at_any_look(
                sequence.Group(9, 1, 1), sequence.Group(9, 1, 1), planned=9, confidence=1
            ),
            "the confidence lies between 0 and 1",
        ),
    ],
}


def surface(*answers: list[float]) -> object:
    return expectations.response_surface(*answers, middle=3)


def reliability(deviations: tuple[float, float]) -> object:
    return expectations.difference_reliability((0.5, 0.5), correlation=0.1, deviations=deviations)


def histories(**changed: list[float]) -> purchases.Histories:
    columns = {"x": [2], "t_x": [3], "T": [5], "weights": [1]} | changed
    return purchases.Histories(**{name: np.array(column) for name, column in columns.items()})


def spending(means: list[float]) -> gammagamma.Spending:
    return gammagamma.Spending(np.ones(len(means)), np.array(means), np.ones(len(means)))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        pytest.param(ask, message, id=f"{part}-{message}")
        for part, cases in CASES.items()
        for ask, message in cases
    ],
)
def test_what_is_wrong_is_said(ask: Callable[[], object], message: str) -> None:
    with pytest.raises(StatisticsError) as refused:
        ask()

    assert str(refused.value) == message


COUNTS = [1.5, math.nan, -1, "3", None]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(
    "ask",
    [
        lambda count: effects.difference_of_shares(count, 10, 1, 10),
        lambda count: effects.difference_of_shares(1, count, 1, 10),
        lambda count: effects.difference_of_shares(1, 10, count, 10),
        lambda count: effects.difference_of_shares(1, 10, 1, count),
        lambda count: sequence.Group.of_share(count, 10),
        lambda count: sequence.Group.of_share(1, count),
        lambda count: assignment.sample_ratio(count, 10, share=0.5),
        lambda count: assignment.sample_ratio(10, count, share=0.5),
        lambda count: planning.smallest_visible_difference(count, held_out=0.1, usual=0.5),
        lambda count: planning.smallest_visible_amount(count, held_out=0.1, deviation=1),
        lambda count: samples.smallest_visible_change(count, 10),
        lambda count: samples.smallest_visible_change(10, count),
        lambda count: samples.sample_size_share(0.05, population=count or -1),
        lambda count: scores.csat([1] * 5, top=count),
        lambda count: rfm.Rule(regular_visits=count),
        lambda count: rfm.Rule(window_days=count),
        lambda count: rfm.Rule(lapsing_after_days=count),
        lambda count: rfm.Rule(lost_after_days=count),
        lambda count: expectations.gap({(3, 4): count}),
        lambda count: silence.worst_case(TEN, count),
        lambda count: charts.p_chart([count], [10]),
        scores.response_rate,
    ],
)
def test_counts_are_whole_numbers(ask: Callable[[object], object], count: object) -> None:
    with pytest.raises(StatisticsError):
        ask(count)


TOO_LARGE = 1e300


@pytest.mark.parametrize("number", [TOO_LARGE, -TOO_LARGE, math.inf, math.nan])
@pytest.mark.parametrize(
    "ask",
    [
        lambda number: trends.change_point([1, number, 3]),
        lambda number: trends.change_point([1, 2, 3], [1, number, 1]),
        lambda number: trends.change_point([1, 2, 3], variance=number),
        lambda number: charts.xmr([1, number]),
        lambda number: pooling.pool([1, 2, number], [1, 1, 1]),
        lambda number: pooling.pool([1, 2, 3], [1, 1, number]),
        lambda number: effects.difference_of_amounts([1, number], [1, 2]),
        lambda number: effects.adjusted_difference([1, 2], [1, 2], [1, number], [1, 2]),
        lambda number: drivers.lmg([[1, 2], [2, number], [3, 4]], [1, 2, 3]),
        lambda number: drivers.lmg([[1, 2], [2, 1], [3, 4]], [1, 2, number]),
        lambda number: surface([number] + [3] * 11, [1, 2] * 6, [3] * 12),
        lambda number: purchases.deduplicate([0], [number], [3]),
        lambda number: many.score([[number] + [1] * 10], measure=NPS),
        lambda number: sequence.Group(5, number, 1.0),
        lambda number: sequence.boundary(number, tightest_at=5),
        lambda number: sequence.boundary(5, tightest_at=number),
        lambda number: planning.smallest_visible_amount(9, held_out=0.1, deviation=number),
        samples.sample_size_nps,
        lambda number: samples.sample_size_nps(10, variance=number),
        lambda number: intervals.mean(number, 1, 3, bounds=(1, 5)),
        lambda number: reliability(deviations=(1.0, number)),
        lambda number: run_lengths.cusum_limit(500, reference=number),
    ],
)
def test_numbers_that_cannot_be_squared(ask: Callable[[float], object], number: float) -> None:
    with pytest.raises(StatisticsError):
        ask(number)


def test_mixed_scales_name_both() -> None:
    with pytest.raises(MixedScalesError) as refused:
        scores.compare(TEN, scores.nps_1_10([1] * 10))

    assert str(refused.value) == f"{NPS} and {scores.NPS_1_10} cannot be compared or pooled"
