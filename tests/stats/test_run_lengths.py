"""Average run lengths against the published tables."""

import math

import pytest

from regulars.stats.errors import StatisticsError
from regulars.stats.run_lengths import cusum_arl, cusum_limit, ewma_arl, ewma_width
from tests.stats.published import published

SHIFTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
EWMA_SOURCE = "Lucas & Saccucci (1990), Technometrics 32:1, table 3"
CUSUM_SOURCE = "Lucas & Crosier (1982), Technometrics 24:199; Montgomery, table 9.3"


def ewma_row(weight: float, width: float) -> list[float]:
    return [ewma_arl(width, weight=weight, shift=shift) for shift in SHIFTS]


@published(
    method="EWMA run length",
    source=EWMA_SOURCE,
    check="λ .40, L 3.054; shifts .25 to 4",
    expected=(224, 71.2, 28.4, 14.3, 5.9, 3.5, 2.5, 2.0, 1.4),
    digits=1,
    tolerance=0.5,
)
def test_ewma_040() -> list[float]:
    return ewma_row(0.4, 3.054)


@published(
    method="EWMA run length",
    source=EWMA_SOURCE,
    check="λ .20, L 2.962; shifts .25 to 4",
    expected=(150, 41.8, 18.2, 10.5, 5.5, 3.7, 2.9, 2.4, 1.9),
    digits=1,
    tolerance=0.5,
)
def test_ewma_020() -> list[float]:
    return ewma_row(0.2, 2.962)


@published(
    method="EWMA run length",
    source=EWMA_SOURCE,
    check="λ .10, L 2.814; shifts .5 to 4",
    expected=(31.3, 15.9, 10.3, 6.1, 4.4, 3.4, 2.9, 2.2),
    digits=1,
    tolerance=0.06,
)
def test_ewma_010() -> list[float]:
    return ewma_row(0.1, 2.814)[1:]


@published(
    method="EWMA run length",
    source=EWMA_SOURCE,
    check="no shift: λ .40, .25, .20, .10, .05 at L 3.054, 2.998, 2.962, 2.814, 2.615",
    expected=(500, 500, 500, 500, 500),
    digits=0,
    tolerance=1.5,
)
def test_ewma_in_control() -> list[float]:
    designs = [(0.4, 3.054), (0.25, 2.998), (0.2, 2.962), (0.1, 2.814), (0.05, 2.615)]
    return [ewma_arl(width, weight=weight) for weight, width in designs]


@published(
    method="EWMA limit from accepted false alarms",
    source="Lucas & Saccucci (1990)",
    check="λ .1, ARL 520 (ten streams, one false alarm a year)",
    expected=2.83,
    digits=2,
)
def test_ewma_limit() -> float:
    return ewma_width(520, weight=0.1)


@published(
    method="Shewhart run length as an EWMA with λ = 1",
    source="1 / P(|Z| > 3)",
    check="L 3; shifts 0 and 1",
    expected=(370.40, 43.89),
    digits=2,
)
def test_shewhart() -> list[float]:
    return [ewma_arl(3.0, weight=1.0), ewma_arl(3.0, weight=1.0, shift=1.0)]


@published(
    method="CUSUM run length",
    source=CUSUM_SOURCE,
    check="k .5, h 4; shifts 0 to 4",
    expected=(168, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.62, 2.19, 1.71),
    digits=2,
    tolerance=0.5,
)
def test_cusum_4() -> list[float]:
    return [cusum_arl(4.0, shift=shift) for shift in (0.0, *SHIFTS)]


@published(
    method="CUSUM run length",
    source=CUSUM_SOURCE,
    check="k .5, h 5; shifts .5 to 4",
    expected=(38.0, 17.0, 10.4, 5.75, 4.01, 3.11, 2.57, 2.01),
    digits=2,
    tolerance=0.05,
)
def test_cusum_5() -> list[float]:
    return [cusum_arl(5.0, shift=shift) for shift in SHIFTS[1:]]


def test_limits_give_back_the_run_length_they_were_made_for() -> None:
    assert ewma_arl(ewma_width(104.0, weight=0.2), weight=0.2) == pytest.approx(104, rel=1e-6)
    assert cusum_arl(cusum_limit(168.0)) == pytest.approx(168, rel=1e-6)
    assert cusum_limit(100.0, reference=0.25) > cusum_limit(100.0)


def test_shifts_up_and_down_are_alike() -> None:
    assert ewma_arl(2.7, shift=0.6) == pytest.approx(ewma_arl(2.7, shift=-0.6))
    assert cusum_arl(4.0, shift=0.6) == pytest.approx(cusum_arl(4.0, shift=-0.6))


@pytest.mark.parametrize("arl", [1.9, 1e7, math.nan, math.inf])
def test_run_lengths_out_of_reach_raise(arl: float) -> None:
    with pytest.raises(StatisticsError, match="run length lies between 2 and a million"):
        ewma_width(arl)
    with pytest.raises(StatisticsError, match="run length lies between 2 and a million"):
        cusum_limit(arl)


@pytest.mark.parametrize("weight", [0.0, -0.1, 1.1, math.nan])
def test_weights_lie_between_0_and_1(weight: float) -> None:
    with pytest.raises(StatisticsError, match="weight of the newest period"):
        ewma_arl(3.0, weight=weight)
    with pytest.raises(StatisticsError, match="weight of the newest period"):
        ewma_width(100.0, weight=weight)


@pytest.mark.parametrize("width", [0.0, -1.0, math.inf, math.nan])
def test_limits_are_positive(width: float) -> None:
    with pytest.raises(StatisticsError, match="a limit is a positive number"):
        ewma_arl(width)
    with pytest.raises(StatisticsError, match="a limit is a positive number"):
        cusum_arl(width)


def test_limits_that_nothing_reaches_are_reached_never() -> None:
    assert ewma_arl(1e3) == math.inf
    assert ewma_arl(9.0, weight=1.0) == math.inf
    assert cusum_arl(1e3, reference=3) == math.inf
    assert ewma_arl(4.0, weight=1.0) == pytest.approx(15787, rel=1e-3)


def test_a_rule_that_cannot_alarm_so_often_has_the_narrowest_limit() -> None:
    assert cusum_limit(100, reference=3) == 0.01
    assert cusum_arl(0.01, reference=3) > 100
