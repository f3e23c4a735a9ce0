"""Our figures against statsmodels, which the optional group `oracles` installs."""

import numpy as np
import pytest

from regulars.stats import scores, segments
from regulars.stats.intervals import mover, wilson
from regulars.stats.samples import sample_size_change

pytestmark = pytest.mark.oracle


@pytest.mark.parametrize(("yes", "n"), [(0, 7), (1, 1), (81, 263), (999, 1000)])
def test_wilson_is_that_of_statsmodels(yes: int, n: int) -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")

    expected = proportion.proportion_confint(yes, n, method="wilson")

    assert wilson(yes, n) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("table", [(56, 70, 48, 80), (9, 10, 3, 10), (1, 30, 5, 40)])
def test_newcombes_difference_is_that_of_statsmodels(table: tuple[int, int, int, int]) -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    x, m, y, n = table

    expected = proportion.confint_proportions_2indep(x, m, y, n, method="newcomb")

    assert mover(x / m, wilson(x, m), y / n, wilson(y, n)) == pytest.approx(expected, abs=1e-9)


def test_benjamini_hochberg_is_that_of_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    generator = np.random.default_rng(1)

    for _ in range(50):
        p_values = list(generator.beta(0.3, 2.0, size=20))
        expected = multitest.multipletests(p_values, alpha=0.05, method="fdr_bh")[0]
        assert segments.benjamini_hochberg(p_values) == tuple(expected)


def test_sample_size_of_a_change_is_that_of_statsmodels() -> None:
    power = pytest.importorskip("statsmodels.stats.power")

    expected = power.NormalIndPower().solve_power(10 / np.sqrt(6000), alpha=0.05, power=0.8)

    assert sample_size_change(10) == int(np.ceil(expected))


def test_mean_interval_is_that_of_statsmodels() -> None:
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    histogram = [3, 1, 4, 1, 5]
    answers = np.repeat([1, 2, 3, 4, 5], histogram)

    expected = weightstats.DescrStatsW(answers).tconfint_mean()

    assert scores.stars(histogram).interval == pytest.approx(expected, abs=1e-12)
