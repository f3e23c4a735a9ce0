import functools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from regulars.stats.buying import paretonbd
from regulars.stats.buying.model import Estimate, Rows
from regulars.stats.buying.paretonbd import ParetoNBD, likelihood
from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import Histories
from tests.stats import cdnow
from tests.stats.buying.models import a_few, differences
from tests.stats.published import published

FHL = "Fader, Hardie & Lee (2005), Marketing Science 24(2), Table 2"
PARAMETERS = [(0.55, 10.6, 0.6, 11.7), (2.0, 3.0, 1.0, 40.0), (0.2, 30.0, 2.5, 1.5)]


@functools.cache
def cdnow_model() -> ParetoNBD:
    return paretonbd.fit(cdnow.calibration())


def model_with(parameters: tuple[float, ...]) -> ParetoNBD:
    return ParetoNBD(Estimate(np.log(parameters), np.eye(4), 0.0, 1, 1))


@published(
    method="Pareto/NBD by maximum likelihood",
    source=FHL,
    check="CDNOW sample",
    expected={"r": 0.553, "α": 10.578, "s": 0.606, "β": 11.669},
    digits=3,
)
def test_parameters_of_cdnow() -> dict[str, float]:
    model = cdnow_model()

    return {"r": model.r, "α": model.alpha, "s": model.s, "β": model.beta}


@published(
    method="Pareto/NBD by maximum likelihood",
    source=FHL,
    check="CDNOW sample, log-likelihood",
    expected=-9595.0,
    digits=1,
)
def test_likelihood_of_cdnow() -> float:
    return cdnow_model().estimate.log_likelihood


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_derivatives_are_those_of_finite_differences(parameters: tuple[float, ...]) -> None:
    rows, theta = Rows.of(a_few()), np.log(parameters)

    _, gradient, hessian = likelihood(theta, rows)

    by_differences = differences(likelihood, theta, rows)
    assert gradient == pytest.approx(by_differences[0], rel=1e-6, abs=1e-7)
    assert hessian == pytest.approx(by_differences[1], rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("row", range(9))
def test_likelihood_is_its_integral(parameters: tuple[float, ...], row: int) -> None:
    r, alpha, s, beta = parameters
    one = a_few().selected(slice(row, row + 1))
    x, t_x, age = float(one.x[0]), float(one.t_x[0]), float(one.T[0])

    def left_at(tau: float) -> float:
        relative = ((alpha + t_x) / (alpha + tau)) ** (r + x)
        return float(relative * s * beta**s / (beta + tau) ** (s + 1))

    stays = ((alpha + t_x) / (alpha + age)) ** (r + x) * (beta / (beta + age)) ** s
    bracket = stays + quad(left_at, t_x, age, epsabs=1e-14, epsrel=1e-12, limit=200)[0]
    factor = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + t_x)
    assert likelihood(np.log(parameters), Rows.of(one))[0] == pytest.approx(
        factor + np.log(bracket), rel=1e-9
    )
    alive = model_with(parameters).chance_alive(one)[0]
    assert alive == pytest.approx(stays / bracket, rel=1e-8)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_chance_of_purchase_is_its_integral(parameters: tuple[float, ...]) -> None:
    r, alpha, s, beta = parameters
    rows, model = a_few(), model_with(parameters)

    def comes_at(u: float, x: float, age: float) -> float:
        density = (r + x) / (alpha + age + u) * ((alpha + age) / (alpha + age + u)) ** (r + x)
        return float(density * ((beta + age) / (beta + age + u)) ** s)

    expected = [
        quad(comes_at, 0, 20, args=(x, age))[0] for x, age in zip(rows.x, rows.T, strict=True)
    ]
    chance = model.chance_of_purchase(rows, 20)
    assert chance / model.chance_alive(rows) == pytest.approx(expected, rel=1e-8)
    assert model.chance_of_purchase(rows, 0).max() < 1e-200


def test_deduplicated_likelihood_is_the_plain_one() -> None:
    theta = np.log(PARAMETERS[0])

    merged = likelihood(theta, Rows.of(cdnow.calibration()))

    plain = likelihood(theta, Rows.of(cdnow.customers().histories()))
    assert merged[0] == pytest.approx(plain[0], rel=1e-12)
    assert merged[1] == pytest.approx(plain[1], rel=1e-9, abs=1e-12)


def test_predictions_are_the_means_of_what_is_simulated() -> None:
    model, rows, runs = cdnow_model(), a_few(), 4000
    random = np.random.default_rng(6)

    simulated = np.array([model.simulated_purchases(rows, 20, random) for _ in range(runs)])

    error = simulated.std(axis=0) / np.sqrt(runs)
    expected = model.expected_purchases(rows, 20)
    assert np.all(np.abs(simulated.mean(axis=0) - expected) < 4.5 * error + 1e-9)
    chance = model.chance_of_purchase(rows, 20)
    spread = np.sqrt(chance * (1 - chance) / runs)
    assert np.all(np.abs((simulated > 0).mean(axis=0) - chance) < 4.5 * spread + 1e-9)


@pytest.mark.parametrize("s", [0.6, 1.0, 1 + 1e-12, 3.0])
def test_new_customer_is_one_without_a_history(s: float) -> None:
    model = model_with((0.55, 10.6, s, 11.7))
    new = Histories(np.zeros(1, dtype=int), np.zeros(1), np.zeros(1), np.ones(1))

    ahead = model.expected_from_start(np.array([0.0, 10.0]))

    time_alive = quad(lambda u: (11.7 / (11.7 + u)) ** s, 0, 10)[0]
    assert ahead.tolist() == pytest.approx([0.0, 0.55 / 10.6 * time_alive], rel=1e-9)
    assert model.expected_purchases(new, 10)[0] == pytest.approx(ahead[1], rel=1e-9)


def test_nobody_came_back() -> None:
    with pytest.raises(StatisticsError, match="nobody came back"):
        paretonbd.fit(a_few().selected(slice(0, 2)))


def test_nobody_has_no_chances() -> None:
    nobody = a_few().selected(slice(0, 0))

    assert cdnow_model().chance_alive(nobody).tolist() == []
    assert cdnow_model().chance_of_purchase(nobody, 4).tolist() == []


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_lifetimes_agrees() -> None:
    lifetimes = pytest.importorskip("lifetimes")
    rows, model = cdnow.calibration(), cdnow_model()
    theirs = lifetimes.ParetoNBDFitter()
    theirs._scale = 1.0
    theirs.params_ = {"r": model.r, "alpha": model.alpha, "s": model.s, "beta": model.beta}

    value = theirs._conditional_log_likelihood(
        np.exp(model.estimate.theta), rows.x, rows.t_x, rows.T
    )

    assert float(rows.weights @ np.asarray(value)) == pytest.approx(
        model.estimate.log_likelihood, abs=1e-4
    )
