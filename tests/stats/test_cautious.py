"""The interval that never covers less than it says, by enumeration of everything that can happen.

The score intervals' own dips are in test_intervals.py.
"""

import functools
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.special import gammaln

from regulars.stats import scores
from regulars.stats.cautious import bounded_mean
from regulars.stats.errors import StatisticsError
from regulars.stats.intervals import Interval, balance, mover, wilson
from tests.stats.published import published

NEWCOMBE_A = "Newcombe (1998a), Statistics in Medicine 17:857, table I, method 5"
ENUMERATION = "exact enumeration of every possible result"


@functools.cache
def share(yes: int, n: int) -> Interval:
    return bounded_mean([(0, n - yes), (1, yes)], bounds=(0, 1))


@functools.cache
def three_way(against: int, neither: int, favour: int) -> Interval:
    """Balance −1…1; the lower limit is the mirrored upper one, which halves the work."""
    tally = [(-1, against), (0, neither), (1, favour)]
    if favour < against:
        mirrored = three_way(favour, neither, against)
        return Interval(-mirrored.high, -mirrored.low)
    return bounded_mean(tally, bounds=(-1, 1))


@published(
    method="Exact interval of a share",
    source=NEWCOMBE_A,
    check="81 of 263; 15 of 148; 0 of 20; 1 of 29",
    expected=(0.2527, 0.3676, 0.0578, 0.1617, 0.0, 0.1684, 0.0009, 0.1776),
)
def test_clopper_and_pearson() -> list[float]:
    return [end for yes, n in ((81, 263), (15, 148), (0, 20), (1, 29)) for end in share(yes, n)]


def covered(
    results: np.ndarray, intervals: np.ndarray, populations: np.ndarray, worths: np.ndarray
) -> np.ndarray:
    """Exact coverage in each population (rows of chances, one per worth)."""
    n = results[0].sum()
    ways = gammaln(n + 1) - gammaln(results + 1).sum(axis=1)
    found = []
    for chances in populations:
        logs = np.where(results > 0, results * np.log(np.maximum(chances, 1e-300)), 0.0)
        truth = float(chances @ worths)
        inside = (intervals[:, 0] <= truth + 1e-9) & (truth - 1e-9 <= intervals[:, 1])
        found.append(np.exp(ways + logs.sum(axis=1))[inside].sum())
    return np.array(found)


def worst_share(n: int) -> float:
    """Over shares 0, .001 … 1 and those on either side of each limit, where coverage jumps."""
    results = np.array([(n - yes, yes) for yes in range(n + 1)])
    found = np.array([share(yes, n) for yes in range(n + 1)])
    shares = np.concatenate([np.linspace(0, 1, 1001), found.ravel() - 1e-7, found.ravel() + 1e-7])
    shares = shares[(shares >= 0) & (shares <= 1)]
    populations = np.column_stack([1 - shares, shares])
    return float(covered(results, found, populations, np.array([0.0, 1.0])).min())


def worst_balance(n: int) -> float:
    """Over 946 pairs of shares for and against, the edges of what is possible among them."""
    results = np.array([(c, n - b - c, b) for b in range(n + 1) for c in range(n + 1 - b)])
    found = np.array([three_way(*row) for row in results.tolist()])
    steps = np.concatenate([[0, 0.001, 0.004, 0.01], np.arange(1, 40) / 40, [0.99, 0.996, 1]])
    pairs = [(p, q) for p in steps for q in steps if p + q <= 1 + 1e-12]
    populations = np.array([(q, max(0.0, 1 - p - q), p) for p, q in pairs])
    return float(covered(results, found, populations, np.array([-1.0, 0.0, 1.0])).min())


@published(
    method="Cautious interval of a share",
    source=ENUMERATION,
    check="worst coverage of the 95 % interval at n = 10, 20, 50",
    at_least=(0.95, 0.95, 0.95),
)
def test_worst_coverage_of_a_share() -> list[float]:
    return [worst_share(n) for n in (10, 20, 50)]


@published(
    method="Cautious interval of a balance (NPS)",
    source=ENUMERATION,
    check="worst coverage of the 95 % interval at n = 10, 20, 50",
    at_least=(0.95, 0.95, 0.95),
)
def test_worst_coverage_of_the_balance() -> list[float]:
    return [worst_balance(n) for n in (10, 20, 50)]


def uneven_populations(grades: int) -> np.ndarray:
    """160 drawn populations, and mixtures of any two grades."""
    generator = np.random.default_rng(1)
    drawn = [
        generator.dirichlet(np.full(grades, a)) for a in (0.2, 0.5, 1.0, 3.0) for _ in range(40)
    ]
    for one, other in itertools.combinations(range(grades), 2):
        for chance in (0.005, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.995):
            mixed = np.zeros(grades)
            mixed[one], mixed[other] = chance, 1 - chance
            drawn.append(mixed)
    return np.array(drawn)


def histograms(n: int, grades: int) -> list[tuple[int, ...]]:
    if grades == 1:
        return [(n,)]
    return [(first, *rest) for first in range(n + 1) for rest in histograms(n - first, grades - 1)]


def worst_mean(n: int, grades: tuple[int, ...]) -> float:
    results = np.array(histograms(n, len(grades)))
    found = np.array(
        [
            bounded_mean(list(zip(grades, row, strict=True)), bounds=(1, 5))
            for row in results.tolist()
        ]
    )
    populations = uneven_populations(len(grades))
    return float(covered(results, found, populations, np.array(grades, dtype=float)).min())


@published(
    method="Cautious interval of a mean of stars",
    source=ENUMERATION,
    check="worst coverage: 5 answers of 1–5 in 250 populations, 10 and 20 of 1, 4 and 5 in 187",
    at_least=(0.95, 0.95, 0.95),
)
def test_worst_coverage_of_a_mean() -> list[float]:
    return [worst_mean(5, (1, 2, 3, 4, 5)), worst_mean(10, (1, 4, 5)), worst_mean(20, (1, 4, 5))]


@published(
    method="Difference of two shares with cautious intervals",
    source=ENUMERATION,
    check="worst coverage at n = 10 and 10, 20 and 20, 10 and 20",
    at_least=(0.93, 0.93, 0.93),
)
def test_worst_coverage_of_a_difference() -> list[float]:
    return [worst_difference(*sizes) for sizes in ((10, 10), (20, 20), (10, 20))]


def worst_difference(n1: int, n2: int) -> float:
    found = np.array(
        [
            [mover(x / n1, share(x, n1), y / n2, share(y, n2)) for y in range(n2 + 1)]
            for x in range(n1 + 1)
        ]
    )
    shares = np.concatenate([[0.001, 0.003, 0.01], np.arange(1, 50) / 50, [0.99, 0.997, 0.999]])
    first = scipy_stats.binom.pmf(np.arange(n1 + 1)[None, :], n1, shares[:, None])
    second = scipy_stats.binom.pmf(np.arange(n2 + 1)[None, :], n2, shares[:, None])
    worst = 1.0
    for p, of_first in zip(shares, first, strict=True):
        for q, of_second in zip(shares, second, strict=True):
            inside = (found[..., 0] <= p - q + 1e-9) & (p - q - 1e-9 <= found[..., 1])
            worst = min(worst, float(of_first @ inside @ of_second))
    return worst


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_shares_have_clopper_and_pearsons_interval(confidence: float) -> None:
    tail = (1 - confidence) / 2
    for yes, n in ((1, 1), (1, 2), (3, 10), (15, 148), (5000, 10000)):
        found = bounded_mean([(0, n - yes), (1, yes)], bounds=(0, 1), confidence=confidence)

        low = scipy_stats.beta.ppf(tail, yes, n - yes + 1)
        high = scipy_stats.beta.ppf(1 - tail, yes + 1, n - yes) if yes < n else 1.0
        assert found == pytest.approx((low, high), abs=1e-10)


def test_limits_are_quantiles_of_randomly_weighted_means() -> None:
    counts = [2, 1, 5, 0, 4]
    found = bounded_mean(list(zip(range(1, 6), counts, strict=True)), bounds=(1, 5))

    generator = np.random.default_rng(2)
    lower = generator.dirichlet([3, 1, 5, 1e-9, 4], 200_000) @ np.arange(1, 6)
    upper = generator.dirichlet([2, 1, 5, 1e-9, 5], 200_000) @ np.arange(1, 6)
    assert found == pytest.approx((np.quantile(lower, 0.025), np.quantile(upper, 0.975)), abs=0.01)


def test_a_grade_that_could_have_been_given_widens_it() -> None:
    tally = [(2.0, 4.0), (3.0, 4.0)]

    narrow = bounded_mean(tally, bounds=(2, 3))
    wide = bounded_mean(tally, bounds=(1, 5))

    assert wide.low < narrow.low < 2.5 < narrow.high < wide.high


def test_degenerate_tallies() -> None:
    assert bounded_mean([], bounds=(1, 5)) == Interval(1.0, 5.0)
    assert bounded_mean([(3, 0)], bounds=(1, 5)) == Interval(1.0, 5.0)
    assert bounded_mean([(5, 1)], bounds=(1, 5)) == pytest.approx((1.1, 5.0), abs=1e-9)
    assert bounded_mean([(5, 10**9)], bounds=(1, 5)) == pytest.approx((5.0, 5.0), abs=1e-7)
    assert bounded_mean([(3, 1)], bounds=(1, 5)) == pytest.approx((1.05, 4.95), abs=1e-9)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 200), min_size=3, max_size=3), st.floats(0.5, 0.999))
def test_it_holds_the_value_stays_in_bounds_and_mirrors(
    counts: list[int], confidence: float
) -> None:
    tally = list(zip((-1, 0, 1), counts, strict=True))
    other = list(zip((1, 0, -1), counts, strict=True))

    found = bounded_mean(tally, bounds=(-1, 1), confidence=confidence)
    mirrored = bounded_mean(other, bounds=(-1, 1), confidence=confidence)

    n = sum(counts)
    value = (counts[2] - counts[0]) / n if n else 0.0
    assert -1 <= found.low <= value <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((-mirrored.high, -mirrored.low), abs=1e-8)


def test_it_comes_close_to_the_score_intervals_as_answers_grow() -> None:
    balanced = bounded_mean([(-1, 1000), (0, 5000), (1, 4000)], bounds=(-1, 1))

    assert share(3000, 10_000) == pytest.approx(wilson(3000, 10_000), abs=1e-4)
    assert balanced == pytest.approx(balance(4000, 1000, 10_000), abs=2e-4)


def test_a_score_can_be_given_it() -> None:
    score = scores.nps({10: 12, 8: 36, 3: 2}, confidence=0.9)

    found = scores.cautious(score)

    inside = bounded_mean([(-1, 2), (0, 36), (1, 12)], bounds=(-1, 1), confidence=0.9)
    assert found.interval == pytest.approx((100 * inside.low, 100 * inside.high), abs=1e-8)
    assert (found.value, found.n, found.measure) == (score.value, score.n, score.measure)
    assert found.low < score.low
    assert found.high > score.high
    assert scores.cautious(scores.stars([0] * 5)).interval == (1.0, 5.0)


def test_a_comparison_of_cautious_scores_is_slower_to_decide() -> None:
    first, second = scores.csat({5: 9, 1: 1}), scores.csat({5: 4, 1: 6})

    plain = scores.compare(first, second)
    slow = scores.compare(scores.cautious(first), scores.cautious(second))

    assert plain.verdict is scores.Verdict.HIGHER
    assert slow.low < plain.low
    assert slow.high > plain.high


@pytest.mark.parametrize(
    ("tally", "message"),
    [
        ([(6, 1)], "6 lies outside 1 to 5"),
        ([(0, 1)], "0 lies outside 1 to 5"),
        ([(math.nan, 1)], "nan lies outside 1 to 5"),
        ([(3, -1)], "counts must be finite and not negative: -1"),
        ([(3, math.inf)], "counts must be finite and not negative: inf"),
        ([(3, math.nan)], "counts must be finite and not negative: nan"),
    ],
)
def test_nonsense_raises(tally: list[tuple[float, float]], message: str) -> None:
    with pytest.raises(StatisticsError, match=f"^{message}$"):
        bounded_mean(tally, bounds=(1, 5))


@pytest.mark.parametrize("confidence", [0.0, 1.0, math.nan])
def test_confidence_that_makes_no_sense_raises(confidence: float) -> None:
    with pytest.raises(StatisticsError, match="confidence must lie between 0 and 1"):
        bounded_mean([(1, 1)], bounds=(0, 1), confidence=confidence)
