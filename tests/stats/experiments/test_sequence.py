import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from regulars.stats.errors import StatisticsError
from regulars.stats.experiments.effects import Effect, Finding
from regulars.stats.experiments.sequence import Group, boundary, difference_at_any_look
from tests.stats.published import published


def test_boundary_is_the_formula() -> None:
    # Theorem 2.2 with alpha = .05 and rho² = (-2 log alpha + log(1 - 2 log alpha)) / 500.
    rho2 = (5.991464547 + math.log(6.991464547)) / 500
    expected = math.sqrt(
        2 * (300 * rho2 + 1) / (300**2 * rho2) * math.log(math.sqrt(300 * rho2 + 1) / 0.05)
    )

    assert boundary(300, tightest_at=500) == pytest.approx(expected, rel=1e-9)


def test_boundary_is_narrow_in_its_own_scale_where_planned() -> None:
    found = minimize_scalar(
        lambda n: boundary(n, tightest_at=500) * math.sqrt(n), bounds=(10, 5000), method="bounded"
    )

    assert found.x == pytest.approx(500, rel=0.15)


def looks(random: np.random.Generator, days: int) -> list[tuple[Group, Group]]:
    """Two groups without any difference, 20 customers each a day."""
    daily = random.binomial(20, 0.2, (2, days)).cumsum(axis=1)
    return [
        (Group.of_share(int(one), 20 * day), Group.of_share(int(other), 20 * day))
        for day, (one, other) in enumerate(daily.T, start=1)
    ]


@published(
    method="Asymptotic confidence sequence",
    source="Waudby-Smith et al. (2024), Annals of Statistics 52(6), Theorem 2.2",
    check="false findings among 400 plays without effect, looked at on each of 50 days",
    at_most=0.05,
    digits=3,
)
def test_false_findings_of_the_sequence() -> float:
    random = np.random.default_rng(12)
    false = 0
    for _ in range(400):
        found = (difference_at_any_look(*look, planned=2000) for look in looks(random, 50))
        false += any(each.finding in {Finding.MORE, Finding.LESS} for each in found)
    return false / 400


def test_a_plain_interval_looked_at_daily_is_wrong_in_a_third_of_the_plays() -> None:
    random = np.random.default_rng(12)
    false = 0
    for _ in range(400):
        false += any(
            abs(one.mean - other.mean)
            > 1.96 * math.sqrt(one.variance / one.n + other.variance / other.n)
            for one, other in looks(random, 50)
        )

    assert false / 400 > 0.25


def test_difference_and_its_width() -> None:
    treated, held_out = Group.of_share(160, 400), Group.of_share(20, 100)

    found = difference_at_any_look(treated, held_out, planned=500)

    reach = math.sqrt(500 * (0.24 / 400 + 0.16 / 100)) * boundary(500, tightest_at=500)
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.2 - reach, 0.2 + reach))
    assert (found.treated, found.held_out, found.finding) == (400, 100, Finding.MORE)
    assert difference_at_any_look(held_out, treated, planned=500).finding is Finding.LESS
    less_sure = difference_at_any_look(treated, held_out, planned=500, confidence=0.9999)
    assert less_sure.finding is Finding.NO_SURE_DIFFERENCE


def test_a_narrower_interval_with_more_customers() -> None:
    widths = []
    for n in (100, 1000, 10_000, 1_000_000):
        found = difference_at_any_look(Group(n, 1, 1), Group(n, 1, 1), planned=2000)
        widths.append(found.high - found.low)

    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.02


@pytest.mark.parametrize(
    ("treated", "held_out"),
    [
        (Group(19, 1.0, 1.0), Group(100, 0.0, 1.0)),
        (Group(100, 1.0, 1.0), Group(19, 0.0, 1.0)),
        (Group(100, 1.0, 0.0), Group(100, 0.0, 0.0)),
    ],
)
def test_too_few_say_nothing(treated: Group, held_out: Group) -> None:
    found = difference_at_any_look(treated, held_out, planned=100)

    assert found == Effect(1.0, -math.inf, math.inf, treated.n, held_out.n, Finding.NOT_ENOUGH)


def test_twenty_are_enough_to_say_something() -> None:
    found = difference_at_any_look(Group(20, 1.0, 1.0), Group(20, 0.0, 0.0), planned=100)

    assert math.isfinite(found.low)


def test_groups_from_outcomes() -> None:
    assert Group.of([1, 0, 0, 1]) == Group(4, 0.5, 0.25)
    assert Group.of_share(2, 4) == Group(4, 0.5, 0.25)


@pytest.mark.parametrize(
    "values", [(0, 1.0, 1.0), (1, math.nan, 1.0), (1, 1.0, -1.0), (1, 1.0, math.inf)]
)
def test_groups_that_make_no_sense(values: tuple[int, float, float]) -> None:
    with pytest.raises(StatisticsError):
        Group(*values)


@pytest.mark.parametrize("share", [(1, 0), (3, 2), (-1, 2)])
def test_shares_that_make_no_sense(share: tuple[int, int]) -> None:
    with pytest.raises(StatisticsError):
        Group.of_share(*share)


@pytest.mark.parametrize("outcomes", [[], [[1.0]]])
def test_outcomes_that_make_no_sense(outcomes: list) -> None:
    with pytest.raises(StatisticsError):
        Group.of(outcomes)


@pytest.mark.parametrize(
    ("n", "planned", "alpha"), [(0, 1, 0.05), (1, 0, 0.05), (1, 1, 0.0), (1, 1, 1.0)]
)
def test_boundaries_that_make_no_sense(n: float, planned: float, alpha: float) -> None:
    with pytest.raises(StatisticsError):
        boundary(n, tightest_at=planned, alpha=alpha)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_confidences_that_make_no_sense(confidence: float) -> None:
    with pytest.raises(StatisticsError, match="confidence"):
        difference_at_any_look(Group(30, 1, 1), Group(30, 1, 1), planned=9, confidence=confidence)
