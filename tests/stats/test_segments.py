"""Many comparisons at once, and small groups drawn towards the whole."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats
from scipy.optimize import approx_fprime
from scipy.special import betaincinv, betaln

from regulars.stats import scores, segments
from regulars.stats.comparisons import compare
from regulars.stats.errors import MixedScalesError, StatisticsError
from regulars.stats.segments import (
    against_the_rest,
    benjamini_hochberg,
    difference_p_value,
    dirichlet_prior,
    shrink,
)
from tests.stats.published import published

# Tarone (1982): tumours in 70 groups of rats, and the current experiment's 4 of 14
RATS = (
    "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 "
    "1/19 1/19 1/18 1/18 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 "
    "2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 "
    "4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/47 15/46 9/24 4/14"
)
TUMOURS = np.array([[int(part) for part in pair.split("/")] for pair in RATS.split()])
COUNTS = np.column_stack([TUMOURS[:, 0], TUMOURS[:, 1] - TUMOURS[:, 0]]).astype(float)

HYPOTHESES = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
              0.4262, 0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip


@published(
    method="False-discovery rate",
    source="Benjamini & Hochberg (1995), section 3.2: 15 hypotheses on thrombolysis",
    check="rejected at q = .05",
    expected=4,
    digits=0,
)
def test_thrombolysis() -> int:
    rejected = benjamini_hochberg(HYPOTHESES)

    assert rejected == (True,) * 4 + (False,) * 11
    return sum(rejected)


@published(
    method="Beta-binomial prior",
    source="Gelman et al., Bayesian Data Analysis, 3rd ed., 5.3: mode (2.4, 14.0) of the posterior",
    check="71 groups of rats: likeliest α and β",
    expected={"α": 2.4, "β": 14.0},
    digits=1,
    tolerance=0.2,
)
def test_rats() -> dict[str, float]:
    alpha, beta = dirichlet_prior(COUNTS)

    return {"α": float(alpha), "β": float(beta)}


def test_the_prior_is_the_likeliest() -> None:
    alpha, beta = dirichlet_prior(COUNTS)

    def evidence(a: float, b: float) -> float:
        return float(np.sum(betaln(COUNTS[:, 0] + a, COUNTS[:, 1] + b) - betaln(a, b)))

    best = evidence(alpha, beta)
    for a, b in [(1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99), (1.02, 1.02), (0.98, 0.98)]:
        assert evidence(alpha * a, beta * b) < best


def test_the_gradient_of_the_evidence() -> None:
    table = np.array([[3.0, 1, 0], [2, 2, 5], [0, 0, 1], [0, 0, 0]])
    parameters = np.array([0.3, -0.2, 0.5, 1.1])

    numeric = approx_fprime(parameters, lambda x: segments._negative_evidence(x, table)[0], 1e-7)

    np.testing.assert_allclose(
        segments._negative_evidence(parameters, table)[1], numeric, atol=1e-5
    )


def test_rejection_is_in_the_order_given() -> None:
    shuffled = [0.3240, 0.0004, 1.0, 0.0001]

    assert benjamini_hochberg(shuffled) == (False, True, False, True)
    assert benjamini_hochberg([]) == ()
    assert benjamini_hochberg([0.05]) == (True,)
    assert benjamini_hochberg([0.0500001]) == (False,)
    assert benjamini_hochberg([0.04, 0.05]) == (True, True)
    assert benjamini_hochberg([0.02, 0.2], rate=0.01) == (False, False)
    assert benjamini_hochberg([0.0, 0.0]) == (True, True)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_p_values_lie_between_0_and_1(p: float) -> None:
    with pytest.raises(StatisticsError, match="p-values lie between 0 and 1"):
        benjamini_hochberg([p])


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_rates_lie_between_0_and_1(rate: float) -> None:
    with pytest.raises(StatisticsError, match="the rate lies between 0 and 1"):
        benjamini_hochberg([0.5], rate=rate)


def test_p_value_of_shares_is_pearsons() -> None:
    table = [[30, 10], [50, 45]]

    found = difference_p_value(scores.csat({5: 30, 1: 10}), scores.csat({5: 50, 1: 45}))

    expected = scipy_stats.chi2_contingency(table, correction=False).pvalue
    assert found == pytest.approx(expected, abs=1e-12)


def test_p_value_of_nothing_to_compare() -> None:
    assert difference_p_value(scores.nps({}), scores.nps({10: 3})) == 1.0
    assert difference_p_value(scores.nps({10: 3}), scores.nps({})) == 1.0
    assert difference_p_value(scores.nps({10: 3}), scores.nps({10: 9})) == 1.0
    with pytest.raises(MixedScalesError):
        difference_p_value(scores.nps({10: 3}), scores.nps_1_10({10: 9}))


def test_each_segment_meets_all_others_together() -> None:
    groups = [scores.nps({10: 60, 0: 20}), scores.nps({10: 20, 0: 20}), scores.nps({10: 21, 0: 20})]

    found = against_the_rest(groups)

    rest = scores.nps({10: 41, 0: 40})
    assert found[0].comparison == compare(groups[0], rest)
    assert found[0].p_value == difference_p_value(groups[0], rest)
    assert [segment.stands_out for segment in found] == [True, False, False]
    assert against_the_rest(groups, rate=1e-4)[0].stands_out is False


def test_one_segment_has_no_rest() -> None:
    with pytest.raises(StatisticsError, match="needs a rest"):
        against_the_rest([scores.nps({10: 1})])


def test_shrinking_shares_is_the_beta_posterior() -> None:
    groups = [scores.csat({5: int(x), 1: int(n - x)}) for x, n in TUMOURS]

    found = shrink(groups)

    alpha, beta = dirichlet_prior(COUNTS[:, ::-1])[::-1]
    answers = COUNTS.sum()
    share = (answers * alpha / (alpha + beta) + 0.5) / (answers + 1)
    a, b = (alpha + beta) * share + 4, (alpha + beta) * (1 - share) + 10
    last = found[-1]
    assert (last.raw, last.n) == (4 / 14, 14)
    assert last.value == pytest.approx(a / (a + b), rel=1e-4)
    assert (last.low, last.high) == pytest.approx(tuple(betaincinv(a, b, [0.025, 0.975])), rel=1e-4)
    assert last.own_weight == pytest.approx(14 / (14 + alpha + beta), rel=1e-4)


def test_shrunk_points_lie_between_raw_and_common() -> None:
    groups = [scores.nps({10: 8, 8: 1, 0: 1}), scores.nps({10: 20, 8: 30, 0: 50}), scores.nps({})]

    good, poor, empty = shrink(groups)

    assert poor.value < empty.value < good.value < 70
    assert poor.value > -30
    assert (good.raw, poor.raw, empty.raw) == (70.0, -30.0, None)
    assert (empty.n, empty.own_weight) == (0, 0.0)
    assert poor.own_weight > good.own_weight > 0
    assert poor.high - poor.low < good.high - good.low < empty.high - empty.low
    for group in (good, poor, empty):
        assert -100 <= group.low < group.value < group.high <= 100


def test_groups_that_do_not_differ_share_one_value_of_all_answers() -> None:
    found = shrink([scores.nps({10: 5, 0: 5}), scores.nps({10: 5, 0: 5})])

    assert found[0] == found[1]
    assert found[0].value == pytest.approx(0, abs=1e-6)
    assert found[0].own_weight == pytest.approx(1 / 3)
    # as wide as Beta(15, 15) on −100 … 100 would be, with half an answer of passives
    assert found[0].high == pytest.approx(34.7, abs=0.1)


def test_all_promoters_stay_uncertain() -> None:
    found = shrink([scores.nps({10: 5}), scores.nps({10: 50}), scores.nps({})])

    assert [round(group.value) for group in found] == [98, 99, 97]
    assert [group.low < 96 for group in found] == [True, True, True]


def test_shrinking_one_group_or_none() -> None:
    assert shrink([]) == ()
    (alone,) = shrink([scores.csat({5: 3, 1: 1})])
    assert alone.own_weight == pytest.approx(0.5)
    assert alone.value == pytest.approx(((4 * 3.5 / 5) + 3) / 8, rel=1e-3)


def test_shrinking_follows_the_confidence() -> None:
    wide, narrow = (
        shrink([scores.csat({5: 3, 1: 1}, confidence=confidence)])[0] for confidence in (0.99, 0.5)
    )

    assert wide.low < narrow.low < narrow.high < wide.high


def test_what_cannot_be_shrunk_raises() -> None:
    with pytest.raises(StatisticsError, match="offered for shares and points"):
        shrink([scores.stars({5: 1})])
    with pytest.raises(StatisticsError, match="nobody answered in any group"):
        shrink([scores.nps({})])
    with pytest.raises(MixedScalesError):
        shrink([scores.nps({10: 1}), scores.nps_1_10({10: 1})])
    with pytest.raises(StatisticsError, match="a table of groups and categories"):
        dirichlet_prior(np.array([1.0, 2.0]))
    with pytest.raises(StatisticsError, match="a table of groups and categories"):
        dirichlet_prior(np.array([[-1.0, 2.0]]))
