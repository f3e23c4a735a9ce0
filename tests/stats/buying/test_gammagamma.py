import functools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from regulars.stats.buying import gammagamma
from regulars.stats.buying.gammagamma import GammaGamma, Spending, likelihood
from regulars.stats.buying.model import Estimate
from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import customer_histories
from tests.stats import cdnow
from tests.stats.published import published

NOTE = "Fader & Hardie (2013), note 25"
THETA = np.log([6.0, 3.5, 15.0])


def some() -> Spending:
    return Spending(
        np.array([1.0, 2, 2, 7]), np.array([20.0, 35.5, 4, 60]), np.array([2.0, 1, 1, 3])
    )


@functools.cache
def cdnow_model() -> GammaGamma:
    return gammagamma.fit(Spending.of(cdnow.customers()))


@published(
    method="Gamma-Gamma by maximum likelihood",
    source=NOTE,
    check="CDNOW sample, 946 repeat buyers",
    expected={"p": 6.25, "q": 3.74, "γ": 15.44},
    digits=2,
)
def test_parameters_of_cdnow() -> dict[str, float]:
    model = cdnow_model()

    return {"p": model.p, "q": model.q, "γ": model.gamma}


def test_estimate_counts_who_came_back() -> None:
    estimate = cdnow_model().estimate

    assert (estimate.customers, estimate.repeat_buyers) == (946, 946)
    direct = likelihood(estimate.theta, Spending.of(cdnow.customers()))
    assert estimate.log_likelihood == pytest.approx(direct[0] * 946, rel=1e-12)
    assert np.abs(direct[1]).max() < 1e-9
    assert estimate.covariance == pytest.approx(np.linalg.inv(-direct[2]) / 946, rel=1e-6)


def test_derivatives_are_those_of_finite_differences() -> None:
    spending = some()
    _, gradient, hessian = likelihood(THETA, spending)
    for i, unit in enumerate(np.eye(3) * 1e-5):
        above, below = likelihood(THETA + unit, spending), likelihood(THETA - unit, spending)

        assert gradient[i] == pytest.approx((above[0] - below[0]) / 2e-5, rel=1e-6)
        assert hessian[i] == pytest.approx((above[1] - below[1]) / 2e-5, rel=1e-6)


def test_likelihood_is_its_mixture() -> None:
    p, q, scale = np.exp(THETA)
    spending = some()

    def density(x: float, mean: float) -> float:
        def given(rate: float) -> float:
            return float(
                gamma.pdf(mean, p * x, scale=1 / (rate * x)) * gamma.pdf(rate, q, scale=1 / scale)
            )

        return float(quad(given, 0, 5, epsabs=1e-14, points=[0.1, 0.3, 1])[0])

    expected = sum(
        weight * np.log(density(x, mean))
        for x, mean, weight in zip(spending.x, spending.mean, spending.weights, strict=True)
    )
    assert likelihood(THETA, spending)[0] * 7 == pytest.approx(expected, rel=1e-8)


def test_currency_scales_gamma_only() -> None:
    spending = Spending.of(cdnow.customers())
    model = cdnow_model()

    in_forint = gammagamma.fit(Spending(spending.x, spending.mean * 380, spending.weights))

    assert [in_forint.p, in_forint.q, in_forint.gamma] == pytest.approx(
        [model.p, model.q, model.gamma * 380], rel=1e-7
    )
    assert in_forint.estimate.covariance == pytest.approx(model.estimate.covariance, rel=1e-6)


def test_expected_spending_is_shrunk_towards_all() -> None:
    model = GammaGamma(Estimate(np.log([6.0, 3.0, 20.0]), np.eye(3), 0.0, 1, 1))

    found = model.expected_spending(np.array([0.0, 2.0]), np.array([0.0, 30.0]))

    assert found == pytest.approx([60.0, 6 * (20 + 60) / 14])


def test_a_mean_that_is_not_finite_is_refused() -> None:
    model = GammaGamma(Estimate(np.log([6.0, 0.9, 20.0]), np.eye(3), 0.0, 1, 1))

    assert model.expected_spending(np.array([1.0]), np.array([30.0]))[0] > 0
    with pytest.raises(StatisticsError, match="not finite"):
        model.expected_spending(np.array([0.0]), np.array([0.0]))


def test_free_visits_and_single_visits_are_left_out_and_equal_rows_merged() -> None:
    days = ["2026-01-01", "2026-01-02"]
    histories = customer_histories(
        [1, 2, 2, 3, 3, 4, 4],
        ["2026-01-01", *days, *days, *days],
        "2026-02-01",
        amounts=[9, 9, 5, 9, 0, 1, 5],
    )

    found = Spending.of(histories)

    assert (found.x.tolist(), found.mean.tolist(), found.weights.tolist()) == ([1], [5], [2])


def test_nothing_to_fit() -> None:
    with pytest.raises(StatisticsError, match="nobody came back"):
        gammagamma.fit(Spending(np.zeros(0), np.zeros(0), np.zeros(0)))
    with pytest.raises(StatisticsError, match="no amounts"):
        Spending.of(customer_histories([1], ["2026-01-01"], "2026-02-01"))


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_amounts_that_make_no_sense(bad: float, column: int) -> None:
    columns = [np.array([1.0]), np.array([5.0]), np.array([1.0])]
    columns[column] = np.array([bad])

    with pytest.raises(StatisticsError, match="positive"):
        Spending(*columns)


def test_columns_of_unequal_length() -> None:
    with pytest.raises(StatisticsError, match="length"):
        Spending(np.ones(1), np.ones(2), np.ones(1))


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_lifetimes_agrees() -> None:
    lifetimes = pytest.importorskip("lifetimes")
    spending = Spending.of(cdnow.customers())
    theirs = lifetimes.GammaGammaFitter()
    theirs.fit(spending.x, spending.mean, weights=spending.weights)
    ours = cdnow_model()

    assert [ours.p, ours.q, ours.gamma] == pytest.approx(theirs.params_.tolist(), rel=2e-3)
    assert ours.expected_spending(spending.x, spending.mean) == pytest.approx(
        np.asarray(theirs.conditional_expected_average_profit(spending.x, spending.mean)), rel=1e-3
    )
