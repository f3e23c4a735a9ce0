import functools

import numpy as np
import pytest

from regulars.stats.buying import bgnbd, forecast, gammagamma
from regulars.stats.buying.forecast import BackTest, Choice, Kind, Reason
from regulars.stats.buying.geometric import BetaGeometric
from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import Granularity, Histories, customer_histories
from tests.stats import cdnow
from tests.stats.buying.models import a_few
from tests.stats.published import published


@functools.cache
def model() -> BetaGeometric:
    return bgnbd.fit(cdnow.calibration())


def loyal(customers: int) -> Histories:
    return Histories(
        np.array([30]), np.array([52.0]), np.array([52.0]), np.array([customers * 1.0])
    )


@published(
    method="BG/NBD, cumulative repeat purchases",
    source="Fader, Hardie & Lee (2005), Marketing Science 24(2), §4.2: -4 % at week 78",
    check="CDNOW sample, relative error at week 78",
    expected=-0.04,
    digits=2,
)
def test_holdout_of_cdnow() -> float:
    expected = forecast.expected_cumulative_purchases(model(), cdnow.weeks_of_first(), 78)

    return float(expected[0] / 4339 - 1)


def test_cumulative_purchases_begin_with_the_first_visit() -> None:
    found = forecast.expected_cumulative_purchases(model(), [1.0, 3.0, 3.0], [0, 3, 5])

    one = model().expected_from_start(np.array([2.0, 4.0]))
    assert found.tolist() == pytest.approx([0.0, one[0], one[1] + 2 * one[0]])


def test_back_test_on_cdnow() -> None:
    bought = cdnow.purchases()

    found = forecast.back_test(
        bought.customers, bought.days, cut=cdnow.CALIBRATED, until=cdnow.END, kind=Kind.PARETO_NBD
    )

    assert isinstance(found, BackTest)
    assert (found.actual, found.customers, found.inside) == (1882, 2357, True)
    assert found.forecast.weeks == 39
    assert found.forecast.expected == pytest.approx(1665.5, abs=0.1)
    assert found.error == pytest.approx(1665.5 / 1882 - 1, abs=1e-4)
    assert found.ranking == pytest.approx(0.7712, abs=1e-4)
    assert found.forecast.low == pytest.approx(1404, abs=4)
    assert found.forecast.high == pytest.approx(1927, abs=4)


def test_back_test_says_when_it_was_wrong() -> None:
    bought = cdnow.purchases()

    found = forecast.back_test(bought.customers, bought.days, cut=cdnow.CALIBRATED, until=cdnow.END)

    assert isinstance(found, BackTest)
    assert not found.inside
    assert found.forecast.high < found.actual


def test_back_test_without_enough_repeat_buyers_says_so() -> None:
    found = forecast.back_test(
        [1, 1, 2], ["2026-01-01", "2026-01-09", "2026-01-02"], cut="2026-02-01", until="2026-03-01"
    )

    assert found == Choice(None, None, Reason.FEW_REPEAT_BUYERS, 1, 99)


def test_back_test_in_which_nobody_came() -> None:
    bought = cdnow.purchases()
    keep = [i for i, day in enumerate(bought.days) if day <= cdnow.CALIBRATED]

    found = forecast.back_test(
        [bought.customers[i] for i in keep],
        [bought.days[i] for i in keep],
        cut=cdnow.CALIBRATED,
        until=cdnow.END,
    )

    assert isinstance(found, BackTest)
    assert (found.actual, found.error, found.ranking, found.inside) == (0, None, None, False)


def test_back_test_that_ends_before_it_begins() -> None:
    with pytest.raises(StatisticsError, match="ends before"):
        forecast.back_test([1], ["2026-01-01"], cut="2026-02-01", until="2026-02-01")


def test_expected_purchases_carry_the_uncertainty_of_the_parameters() -> None:
    rows = a_few()
    found = forecast.expected_purchases(model(), rows, 39)
    estimate = model().estimate
    draws = np.random.default_rng(3).multivariate_normal(estimate.theta, estimate.covariance, 250)
    drawn = np.array([model().at(theta).expected_purchases(rows, 39) for theta in draws])

    assert found.value == pytest.approx(model().expected_purchases(rows, 39), rel=1e-12)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    width = high - low
    assert np.all(np.abs(found.low - low) < 0.2 * width)
    assert np.all(np.abs(found.high - high) < 0.2 * width)


def test_chances_stay_between_zero_and_one() -> None:
    rows = a_few()
    found = forecast.chance_of_purchase(model(), rows, 500, confidence=0.999)

    assert np.all((found.low > 0) & (found.low < found.value) & (found.value < found.high))
    assert np.all(found.high < 1)
    assert found.value == pytest.approx(model().chance_of_purchase(rows, 500), rel=1e-12)


def test_confidence_widens_the_interval() -> None:
    rows = a_few()
    narrow = forecast.chance_of_purchase(model(), rows, 8, confidence=0.5)
    wide = forecast.chance_of_purchase(model(), rows, 8, confidence=0.95)

    spread = np.log(wide.high / (1 - wide.high)) - np.log(wide.value / (1 - wide.value))
    half = np.log(narrow.high / (1 - narrow.high)) - np.log(narrow.value / (1 - narrow.value))
    assert spread / half == pytest.approx(np.full(9, 1.959964 / 0.6744898), rel=1e-5)


def test_nothing_happens_in_no_time() -> None:
    found = forecast.expected_purchases(model(), a_few(), 0)

    assert np.all(found.high < 1e-12)
    total = forecast.total_purchases(model(), a_few(), 0)
    assert (total.low, total.weeks) == (0.0, 0)
    assert total.expected == pytest.approx(0, abs=1e-12)
    assert total.high == pytest.approx(0, abs=1e-12)


def test_total_adds_the_customers_up_and_covers_what_is_simulated() -> None:
    rows = cdnow.calibration()
    found = forecast.total_purchases(model(), rows, 10, seed=1)
    apart = cdnow.customers().histories()
    random = np.random.default_rng(2)
    estimate = model().estimate
    covered = 0
    for theta in random.multivariate_normal(estimate.theta, estimate.covariance, 200):
        total = model().at(theta).simulated_purchases(apart, 10, random).sum()
        covered += bool(found.low <= total <= found.high)

    assert found.expected == pytest.approx(
        float(rows.weights @ model().expected_purchases(rows, 10)), rel=1e-12
    )
    assert found == forecast.total_purchases(model(), rows, 10, seed=1)
    assert 180 <= covered <= 199


def test_total_of_many_rows_is_simulated_on_a_sample() -> None:
    rows = cdnow.customers().histories()
    many = rows.selected(np.tile(np.arange(len(rows)), 10))

    found = forecast.total_purchases(model(), many, 10)

    few = forecast.total_purchases(model(), rows, 10)
    assert found.expected == pytest.approx(10 * few.expected)
    assert 5 < (found.high - found.low) / (few.high - few.low) < 10


def test_total_of_nobody() -> None:
    found = forecast.total_purchases(model(), a_few().selected(slice(0, 0)), 10)

    assert (found.expected, found.low, found.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("weeks", [-1.0, np.nan])
def test_horizons_that_make_no_sense(weeks: float) -> None:
    with pytest.raises(StatisticsError, match="horizon"):
        forecast.total_purchases(model(), a_few(), weeks)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, np.nan])
def test_confidences_that_make_no_sense(confidence: float) -> None:
    with pytest.raises(StatisticsError, match="confidence"):
        forecast.expected_purchases(model(), a_few(), 4, confidence=confidence)


def test_few_repeat_buyers_get_the_reason_instead_of_a_model() -> None:
    few = forecast.choose(loyal(99))
    nobody = forecast.choose(a_few().selected(slice(0, 2)), needed=0)

    assert few == Choice(None, None, Reason.FEW_REPEAT_BUYERS, 99, 1)
    assert nobody == Choice(None, None, Reason.FEW_REPEAT_BUYERS, 0, 1)


def test_data_without_a_maximum_get_the_reason_instead_of_a_model() -> None:
    assert forecast.choose(loyal(100)) == Choice(None, None, Reason.NO_MAXIMUM, 100, 0)


def test_the_likeliest_model_is_chosen() -> None:
    found = forecast.choose(cdnow.calibration(), tuple(Kind))

    assert (found.kind, found.reason, found.missing) == (Kind.MBG_NBD, Reason.MODEL, 0)
    assert found.repeat_buyers == 946
    assert found.model is not None
    assert found.model.estimate.log_likelihood == pytest.approx(-9582.14, abs=0.01)
    assert forecast.choose(cdnow.calibration()).kind is Kind.BG_NBD


def two_years() -> tuple[list[int], list[str], list[float]]:
    days = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-03-01"]
    return [1, 1, 1, 2], days, [5.0, 20.0, 40.0, 8.0]


def test_lifetime_value_is_visits_times_money() -> None:
    customers, days, amounts = two_years()
    histories = customer_histories(customers, days, "2026-04-01", amounts=amounts)
    spending = gammagamma.fit(gammagamma.Spending.of(cdnow.customers()))

    value = forecast.lifetime_value(
        model(), spending, histories, weeks=52, yearly_discount=0, margin=0.5
    )

    visits = model().expected_purchases(histories.histories(), 52)
    money = spending.expected_spending(np.array([2.0, 0.0]), np.array([30.0, 0.0]))
    assert value.value == pytest.approx(0.5 * visits * money, rel=1e-12)
    apart = forecast.expected_purchases(model(), histories.histories(), 52)
    assert np.all(value.high / value.value > apart.high / apart.value)
    assert value.high * value.low == pytest.approx(value.value**2)


def test_money_of_the_future_is_discounted() -> None:
    customers, days, amounts = two_years()
    histories = customer_histories(customers, days, "2026-04-01", amounts=amounts)
    spending = gammagamma.fit(gammagamma.Spending.of(cdnow.customers()))
    plain = forecast.lifetime_value(model(), spending, histories, weeks=4, yearly_discount=0)

    found = forecast.lifetime_value(model(), spending, histories, weeks=4, yearly_discount=0.3)

    years = 2 * 7 / 365.2425
    assert found.value / plain.value == pytest.approx(np.full(2, 1.3**-years), rel=1e-12)


def test_uncertain_money_makes_the_value_uncertain() -> None:
    customers, days, amounts = two_years()
    histories = customer_histories(customers, days, "2026-04-01", amounts=amounts)
    spending = gammagamma.fit(gammagamma.Spending.of(cdnow.customers()))
    theta, covariance = spending.estimate.theta, spending.estimate.covariance
    x, mean = np.array([2.0, 0.0]), np.array([30.0, 0.0])
    drawn = np.log(
        [
            spending.at(each).expected_spending(x, mean)
            for each in np.random.default_rng(1).multivariate_normal(theta, covariance, 2000)
        ]
    )
    value = forecast.lifetime_value(model(), spending, histories, weeks=52, yearly_discount=0)
    visits = forecast.expected_purchases(model(), histories.histories(), 52)

    together = (np.log(value.high / value.value) / 1.959964) ** 2
    alone = (np.log(visits.high / visits.value) / 1.959964) ** 2
    assert together - alone == pytest.approx(drawn.var(axis=0), rel=0.15)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"yearly_discount": -1.0}, "discount"),
        ({"yearly_discount": np.inf}, "discount"),
        ({"margin": 0.0}, "margin"),
        ({"margin": 1.1}, "margin"),
        ({"weeks": -1.0}, "horizon"),
    ],
)
def test_values_that_make_no_sense(changed: dict[str, float], words: str) -> None:
    spending = gammagamma.fit(gammagamma.Spending.of(cdnow.customers()))
    with pytest.raises(StatisticsError, match=words):
        forecast.lifetime_value(model(), spending, cdnow.customers(), **changed)


def test_value_without_amounts() -> None:
    spending = gammagamma.fit(gammagamma.Spending.of(cdnow.customers()))
    histories = customer_histories([1], ["2026-01-01"], "2026-04-01")
    with pytest.raises(StatisticsError, match="no amounts"):
        forecast.lifetime_value(model(), spending, histories)


def test_ranking() -> None:
    came = np.array([True, False, True, False])

    assert forecast.ranking(np.array([4.0, 1.0, 3.0, 2.0]), came) == 1.0
    assert forecast.ranking(np.array([4.0, 3.0, 1.0, 2.0]), came) == 0.5
    assert forecast.ranking(np.array([1.0, 1.0, 1.0, 0.0]), came) == 0.75
    assert forecast.ranking(np.array([1.0, 2.0]), np.array([True, True])) is None
    assert forecast.ranking(np.array([1.0, 2.0]), np.array([False, False])) is None


def test_back_test_looks_at_the_periods_it_is_told_and_is_as_sure_as_it_is_told() -> None:
    bought = cdnow.purchases()
    dates = {"cut": cdnow.CALIBRATED, "until": cdnow.END}

    plain = forecast.back_test(bought.customers, bought.days, **dates)
    by_weeks = forecast.back_test(
        bought.customers, bought.days, **dates, granularity=Granularity.WEEK, confidence=0.5
    )

    assert isinstance(plain, BackTest)
    assert isinstance(by_weeks, BackTest)
    then, later = (
        customer_histories(bought.customers, bought.days, day, granularity=Granularity.WEEK)
        for day in dates.values()
    )
    model = bgnbd.fit(then.deduplicated())
    expected = forecast.total_purchases(model, then.histories(), 39, confidence=0.5)
    assert by_weeks.forecast.expected == pytest.approx(expected.expected)
    assert (by_weeks.forecast.low, by_weeks.forecast.high) == pytest.approx(
        (expected.low, expected.high)
    )
    known = np.isin(later.customers, then.customers)
    assert by_weeks.actual == int(later.x[known].sum() - then.x.sum()) < plain.actual
    assert by_weeks.forecast.high - by_weeks.forecast.low < 0.6 * (
        plain.forecast.high - plain.forecast.low
    )
