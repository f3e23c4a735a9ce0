import functools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma as gamma_function
from scipy.stats import beta as beta_distribution
from scipy.stats import gamma as gamma_distribution

from regulars.stats.buying import bgnbd, mbgnbd
from regulars.stats.buying.geometric import BetaGeometric, likelihood, purchases_while_alive
from regulars.stats.buying.maximum import NoMaximumError
from regulars.stats.buying.model import Rows
from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import Histories
from tests.stats import cdnow
from tests.stats.buying.models import a_few, differences, repeated
from tests.stats.published import published

FHL = "Fader, Hardie & Lee (2005), Marketing Science 24(2)"
THETA = np.log([0.4, 5.0, 0.8, 2.5])


@functools.cache
def cdnow_model() -> BetaGeometric:
    return bgnbd.fit(cdnow.calibration())


@published(
    method="BG/NBD by maximum likelihood",
    source=f"{FHL}, Table 2",
    check="CDNOW sample",
    expected={"r": 0.243, "α": 4.414, "a": 0.793, "b": 2.426},
    digits=3,
)
def test_parameters_of_cdnow() -> dict[str, float]:
    model = cdnow_model()

    return {"r": model.r, "α": model.alpha, "a": model.a, "b": model.b}


@published(
    method="BG/NBD by maximum likelihood",
    source=f"{FHL}, Table 2",
    check="CDNOW sample, log-likelihood",
    expected=-9582.4,
    digits=1,
)
def test_likelihood_of_cdnow() -> float:
    return cdnow_model().estimate.log_likelihood


@published(
    method="BG/NBD, expected purchases of one customer",
    source="Fader, Hardie & Lee (2005), spreadsheet of the paper (note 4)",
    check="x = 2, t_x = 30.43, T = 38.86, next 39 weeks",
    expected=1.226,
    digits=3,
)
def test_expected_purchases_of_one_customer() -> float:
    one = Histories(np.array([2]), np.array([30.43]), np.array([38.86]), np.ones(1))

    return float(cdnow_model().expected_purchases(one, 39)[0])


def test_estimate_of_cdnow_counts_customers() -> None:
    estimate = cdnow_model().estimate

    assert (estimate.customers, estimate.repeat_buyers) == (2357, 946)
    assert estimate.standard_errors == pytest.approx([0.01256, 0.37822, 0.18573, 0.70541], abs=1e-4)


@pytest.mark.parametrize("offset", [0, 1])
def test_derivatives_are_those_of_finite_differences(offset: int) -> None:
    rows = Rows.of(a_few())
    function = functools.partial(likelihood, chances_at_start=offset)

    _, gradient, hessian = function(THETA, rows)

    by_differences = differences(function, THETA, rows)
    assert gradient == pytest.approx(by_differences[0], rel=1e-6, abs=1e-8)
    assert hessian == pytest.approx(by_differences[1], rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("offset", [0, 1])
def test_likelihood_is_the_mixture_that_the_model_says(offset: int) -> None:
    r, alpha, a, b = np.exp(THETA)
    rows = a_few().selected(slice(0, 5))

    def given(rate: float, leave: float, x: int, t_x: float, age: float) -> float:
        chances = x + offset
        stays = (1 - leave) ** chances * rate**x * np.exp(-rate * age)
        if chances == 0:
            return float(stays)
        left = leave * (1 - leave) ** (chances - 1) * rate**x * np.exp(-rate * t_x)
        return float(stays + left)

    def mixture(x: int, t_x: float, age: float) -> float:
        prior = beta_distribution(a, b)
        chances = x + offset
        stay = prior.expect(lambda p: (1 - p) ** chances)
        left = prior.expect(lambda p: p * (1 - p) ** (chances - 1)) if chances else 0.0
        rates = gamma_distribution(r, scale=1 / alpha)
        assert given(0.3, 0.2, x, t_x, age) > 0
        return float(
            stay * rates.expect(lambda rate: rate**x * np.exp(-rate * age))
            + left * rates.expect(lambda rate: rate**x * np.exp(-rate * t_x))
        )

    expected = sum(
        weight * np.log(mixture(x, t_x, age))
        for x, t_x, age, weight in zip(*vars(rows).values(), strict=True)
    )
    value = likelihood(THETA, Rows.of(rows), offset)[0]
    assert value * rows.customers == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("offset", [0, 1])
def test_deduplicated_likelihood_is_the_plain_one(offset: int) -> None:
    rows = cdnow.calibration()

    plain = likelihood(THETA, Rows.of(cdnow.customers().histories()), offset)

    merged = likelihood(THETA, Rows.of(rows), offset)
    assert len(rows) < rows.customers
    assert merged[0] == pytest.approx(plain[0], rel=1e-13)
    assert merged[1] == pytest.approx(plain[1], rel=1e-11, abs=1e-13)
    assert merged[2] == pytest.approx(plain[2], rel=1e-11, abs=1e-13)


def test_many_rows_are_fitted_in_two_stages_to_the_same_maximum() -> None:
    rows = cdnow.calibration()
    scattered = np.tile(np.arange(len(rows)), 50)
    jitter = np.repeat(np.linspace(0, 1e-7, 50), len(rows))
    many = Histories(
        rows.x[scattered],
        rows.t_x[scattered],
        rows.T[scattered] + jitter,
        rows.weights[scattered] / 50,
    )

    found = bgnbd.fit(many)

    assert found.estimate.theta == pytest.approx(cdnow_model().estimate.theta, abs=1e-6)
    assert found.estimate.covariance == pytest.approx(cdnow_model().estimate.covariance, rel=1e-4)


def test_time_unit_scales_alpha_only() -> None:
    rows = cdnow.calibration()
    in_days = Histories(rows.x, rows.t_x * 7, rows.T * 7, rows.weights)

    found = bgnbd.fit(in_days)

    model = cdnow_model()
    assert [found.r, found.alpha, found.a, found.b] == pytest.approx(
        [model.r, model.alpha * 7, model.a, model.b], rel=1e-7
    )


@pytest.mark.parametrize("a", [0.5, 1.0, 1 + 1e-12, 1.7])
@pytest.mark.parametrize("weeks", [0.0, 1.0, 39.0, 500.0])
def test_purchases_while_alive_is_its_integral(a: float, weeks: float) -> None:
    k, age, b = 2.4, 12.0, 1.3

    def over_rates(p: float) -> float:
        if p == 0:
            return k * weeks / age
        return float(-np.expm1(-k * np.log1p(p * weeks / age)) / p)

    weight = gamma_function(a + b) / gamma_function(a) / gamma_function(b)
    expected = weight * quad(over_rates, 0, 1, weight="alg", wvar=(a - 1, b - 1))[0]

    found = purchases_while_alive(np.array([k]), np.array([age]), a, np.array([b]), weeks)

    assert found[0] == pytest.approx(expected, rel=1e-8)


def test_predictions_are_the_means_of_what_is_simulated() -> None:
    model, rows, runs = cdnow_model(), a_few(), 4000
    random = np.random.default_rng(5)
    for fitted in (model, BetaGeometric(model.estimate, 1)):
        simulated = np.array([fitted.simulated_purchases(rows, 20, random) for _ in range(runs)])

        error = simulated.std(axis=0) / np.sqrt(runs)
        expected = fitted.expected_purchases(rows, 20)
        assert np.all(np.abs(simulated.mean(axis=0) - expected) < 4.5 * error + 1e-9)
        chance = fitted.chance_of_purchase(rows, 20)
        spread = np.sqrt(chance * (1 - chance) / runs)
        assert np.all(np.abs((simulated > 0).mean(axis=0) - chance) < 4.5 * spread + 1e-9)


def test_chance_alive() -> None:
    model = cdnow_model()
    rows = Histories(np.array([0, 2]), np.array([0, 30.43]), np.full(2, 38.86), np.ones(2))

    never_back, twice = model.chance_alive(rows)

    left = (
        model.a / (model.b + 1) * ((model.alpha + 38.86) / (model.alpha + 30.43)) ** (model.r + 2)
    )
    assert never_back == 1.0
    assert twice == pytest.approx(1 / (1 + left), rel=1e-12)


def test_new_customer_is_one_without_a_history() -> None:
    model = cdnow_model()
    new = Histories(np.zeros(1, dtype=int), np.zeros(1), np.zeros(1), np.ones(1))
    for offset in (0, 1):
        fitted = BetaGeometric(model.estimate, offset)

        ahead = fitted.expected_from_start(np.array([0.0, 10.0]))

        assert ahead.tolist() == pytest.approx([0.0, fitted.expected_purchases(new, 10)[0]])


def test_predictions_at_once_are_zero() -> None:
    model = cdnow_model()

    assert model.expected_purchases(a_few(), 0).tolist() == pytest.approx([0.0] * 9, abs=1e-14)
    assert model.chance_of_purchase(a_few(), 0).tolist() == [0.0] * 9


@pytest.mark.parametrize("weeks", [-1.0, np.nan, np.inf])
def test_horizons_that_make_no_sense(weeks: float) -> None:
    with pytest.raises(StatisticsError, match="horizon"):
        cdnow_model().expected_purchases(a_few(), weeks)
    with pytest.raises(StatisticsError, match="horizon"):
        cdnow_model().chance_of_purchase(a_few(), weeks)


def test_nobody_to_fit() -> None:
    nobody = Histories(np.zeros(0, dtype=int), np.zeros(0), np.zeros(0), np.zeros(0))
    with pytest.raises(StatisticsError, match="no customers"):
        bgnbd.fit(nobody)


def test_nobody_came_back() -> None:
    rows = a_few().selected(slice(0, 2))
    with pytest.raises(StatisticsError, match="nobody came back"):
        bgnbd.fit(rows)


def test_customers_who_all_still_come_have_no_maximum() -> None:
    loyal = Histories(np.full(50, 30), np.full(50, 52.0), np.full(50, 52.0), np.ones(50))
    with pytest.raises(NoMaximumError):
        bgnbd.fit(loyal)


@published(
    method="MBG/NBD by maximum likelihood",
    source="Batislam et al. (2007) model; lifetimes 0.11.3 on the same rows",
    check="CDNOW sample",
    expected={"r": 0.525, "α": 6.183, "a": 0.891, "b": 1.614},
    digits=3,
)
def test_mbgnbd_of_cdnow() -> dict[str, float]:
    model = mbgnbd.fit(cdnow.calibration())

    return {"r": model.r, "α": model.alpha, "a": model.a, "b": model.b}


def test_rows_can_be_repeated() -> None:
    assert len(repeated(a_few())) == a_few().customers
    assert repeated(a_few()).deduplicated().customers == a_few().customers


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("offset", [0, 1])
def test_lifetimes_agrees(offset: int) -> None:
    lifetimes = pytest.importorskip("lifetimes")
    rows = cdnow.calibration()
    theirs = [lifetimes.BetaGeoFitter, lifetimes.ModifiedBetaGeoFitter][offset]()
    theirs.fit(rows.x, rows.t_x, rows.T, weights=rows.weights.astype(int))
    ours = [bgnbd, mbgnbd][offset].fit(rows)

    assert [ours.r, ours.alpha, ours.a, ours.b] == pytest.approx(theirs.params_.tolist(), rel=1e-3)
    if offset == 0:
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(
            39, rows.x, rows.t_x, rows.T
        )
        assert ours.expected_purchases(rows, 39) == pytest.approx(np.asarray(expected), rel=1e-3)
