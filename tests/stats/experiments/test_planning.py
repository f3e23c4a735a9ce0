import math

import pytest
from scipy.stats import norm

from regulars.stats.errors import StatisticsError
from regulars.stats.experiments import planning


def test_six_hundred_customers_show_about_ten_points() -> None:
    found = planning.smallest_visible_difference(600, held_out=0.2, usual=0.15)

    assert found == pytest.approx(0.107, abs=5e-4)


def power_of(rise: float, customers: int, held_out: float, usual: float) -> float:
    share = usual + rise
    variance = share * (1 - share) / (customers * (1 - held_out))
    variance += usual * (1 - usual) / (customers * held_out)
    return float(norm.cdf(rise / math.sqrt(variance) - norm.ppf(0.975)))


@pytest.mark.parametrize(
    ("customers", "held_out", "usual"),
    [(600, 0.2, 0.12), (50, 0.5, 0.4), (10**6, 0.1, 0.0), (300, 0.1, 0.6)],
)
def test_the_smallest_visible_rise_has_the_power(
    customers: int, held_out: float, usual: float
) -> None:
    found = planning.smallest_visible_difference(customers, held_out=held_out, usual=usual)

    assert found is not None
    assert power_of(found, customers, held_out, usual) == pytest.approx(0.8)
    again = planning.customers_needed(found, held_out=held_out, usual=usual)
    assert abs(again - customers) <= 1


def test_a_play_too_small_to_show_anything() -> None:
    assert planning.smallest_visible_difference(4, held_out=0.25, usual=0.5) is None


def test_more_power_and_confidence_need_more() -> None:
    plain = planning.customers_needed(0.1, held_out=0.2, usual=0.2)

    assert plain == 834
    assert planning.customers_needed(0.1, held_out=0.2, usual=0.2, power=0.9) == 1117
    assert planning.customers_needed(0.1, held_out=0.2, usual=0.2, confidence=0.99) == 1241


def test_smallest_visible_amount() -> None:
    found = planning.smallest_visible_amount(500, held_out=0.2, deviation=40)

    assert found == pytest.approx((1.959964 + 0.841621) * 40 * math.sqrt(1 / 400 + 1 / 100))
    saved = planning.smallest_visible_amount(500, held_out=0.2, deviation=40, saved=0.36)
    assert saved == pytest.approx(found * 0.8)
    assert planning.smallest_visible_amount(2, held_out=0.5, deviation=0) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"held_out": 0.0},
        {"held_out": 1.0},
        {"usual": -0.1},
        {"usual": 1.0},
        {"customers": 1},
        {"power": 1.0},
        {"confidence": 0.0},
    ],
)
def test_plays_that_make_no_sense(changed: dict[str, float]) -> None:
    with pytest.raises(StatisticsError):
        planning.smallest_visible_difference(
            **{"customers": 2, "held_out": 0.2, "usual": 0.1, **changed}
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"customers": 1},
        {"deviation": -1.0},
        {"deviation": math.nan},
        {"saved": 1.0},
        {"saved": -0.1},
        {"held_out": 1.0},
    ],
)
def test_amounts_that_make_no_sense(changed: dict[str, float]) -> None:
    with pytest.raises(StatisticsError):
        planning.smallest_visible_amount(
            **{"customers": 9, "held_out": 0.2, "deviation": 5, **changed}
        )


@pytest.mark.parametrize(
    "changed",
    [{"difference": 0.0}, {"difference": 0.95}, {"usual": 1.0}, {"usual": -0.1}, {"power": 0.0}],
)
def test_rises_that_make_no_sense(changed: dict[str, float]) -> None:
    with pytest.raises(StatisticsError):
        planning.customers_needed(**{"difference": 0.1, "held_out": 0.2, "usual": 0.1, **changed})


def test_everybody_comes_back() -> None:
    assert planning.customers_needed(1.0, held_out=0.5, usual=0.0) == 2


def test_two_customers_are_a_play() -> None:
    assert planning.smallest_visible_difference(2, held_out=0.5, usual=0.5) is None
    assert planning.smallest_visible_amount(2, held_out=0.5, deviation=1.0) == pytest.approx(
        2 * 2.801585218 / 2**0.5
    )
