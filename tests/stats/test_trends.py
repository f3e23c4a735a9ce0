"""Alerts that ring when they should, and when a change happened."""

import math

import numpy as np
import pytest

from regulars.stats import scores, trends
from regulars.stats.errors import MixedScalesError, StatisticsError
from regulars.stats.measures import Score
from regulars.stats.run_lengths import cusum_limit, ewma_width
from regulars.stats.trends import Signal, Step, Watched, change_point, watch, watch_cusum
from tests.stats.published import published

# Yearly flow of the Nile at Aswan, 1871–1970, 10^8 m³ (Cobb 1978, Biometrika 65:243)
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180,
    799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833,
    701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845,
    864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649,
    846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815,
    1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip


@published(
    method="Dating a step",
    source="Cobb (1978): the Nile fell after 1898; level 1097.75 before",
    check="last year before, level before and after",
    expected={"year": 1898, "before": 1097.75, "after": 849.97},
    digits=2,
)
def test_the_nile() -> dict[str, float]:
    step = change_point(NILE)
    assert step is not None
    return {"year": 1871 + step.at - 1, "before": step.before, "after": step.after}


def week(promoters: int, passives: int, detractors: int) -> Score:
    return scores.nps({10: promoters, 8: passives, 0: detractors})


STEADY = [week(5, 3, 2), week(4, 4, 2)] * 10


def test_learning_ends_after_twenty_weeks_with_answers() -> None:
    few = [week(1, 1, 0)] * 19

    assert watch(few).is_learning
    assert watch(few).learned_from == (19, 38)
    assert watch([*few, scores.nps({})]).is_learning
    assert watch([*few, week(1, 1, 0)]).learned_from == (20, 40)
    assert not watch([*few, week(1, 1, 0)]).is_learning


def test_learning_ends_after_two_hundred_answers() -> None:
    assert watch([week(100, 50, 49)]).is_learning
    assert not watch([week(100, 50, 50)]).is_learning
    assert watch([week(50, 25, 25), week(50, 25, 25), week(0, 0, 9)]).learned_from == (2, 200)


def test_what_is_known_while_learning() -> None:
    found = watch([week(1, 0, 0), scores.nps({})])

    assert found == trends.Watch(
        None,
        None,
        1.0,
        (1, 1),
        (Watched(Signal.LEARNING, 0, 0, 0), Watched(Signal.NO_ANSWERS, 0, 0, 0)),
    )
    assert found.alarms == ()
    assert watch([]) == trends.Watch(None, None, 1.0, (0, 0), ())
    assert watch_cusum([week(1, 0, 0)]) == watch([week(1, 0, 0)])


def test_the_statistic_and_its_limit() -> None:
    later = [week(2, 3, 5), scores.nps({}), week(0, 1, 3)]

    found = watch([*STEADY, *later])

    level = 25.0
    squares = 90 * (100 - level) ** 2 + 70 * level**2 + 40 * (100 + level) ** 2
    deviation = math.sqrt((squares + 75**2 + 125**2) / 202)
    first = 0.1 * (-30 - level) / (deviation / math.sqrt(10))
    second = first + 0.1 * ((-75 - level) / (deviation / 2) - first)
    drift = 0.1 * math.sqrt(10)
    later_drift = drift + 0.1 * (2 - drift)
    width = ewma_width(52.0)
    limits = [width * math.sqrt(0.1 / 1.9 + d**2 / 200) for d in (drift, later_drift)]
    assert (found.baseline, found.spread, found.learned_from) == (level, 1.0, (20, 200))
    assert found.deviation == pytest.approx(deviation)
    assert [period.signal for period in found.periods[:20]] == [Signal.LEARNING] * 20
    assert [period.upper for period in found.periods[20:]] == pytest.approx([first, first, second])
    assert found.periods[20].limit == pytest.approx(limits[0])
    assert found.periods[21] == Watched(
        Signal.NO_ANSWERS, found.periods[20].upper, found.periods[20].upper, 0.0
    )
    assert found.periods[22].limit == pytest.approx(limits[1])
    assert [period.signal for period in found.periods[20:]] == [
        Signal.QUIET,
        Signal.NO_ANSWERS,
        Signal.DOWN,
    ]


def test_a_real_fall_and_a_real_rise_ring() -> None:
    fall, rise = watch([*STEADY, *[week(0, 2, 8)] * 6]), watch([*STEADY, *[week(10, 0, 0)] * 6])

    assert {fall.periods[i].signal for i in fall.alarms} == {Signal.DOWN}
    assert {rise.periods[i].signal for i in rise.alarms} == {Signal.UP}
    assert (fall.alarms, rise.alarms) == (tuple(range(20, 26)), tuple(range(21, 26)))


def test_one_bad_week_does_not_ring() -> None:
    assert watch([*STEADY, week(2, 3, 5), *[week(4, 4, 2)] * 5]).alarms == ()


def test_weeks_that_scatter_more_than_chance_widen_the_limits() -> None:
    wild = [week(10, 0, 0), week(0, 0, 10)] * 10

    found = watch(wild)

    assert found.deviation == 100.0
    assert found.spread == pytest.approx(2 * math.sqrt(10) / 1.128)


def test_all_promoters_are_not_an_exact_baseline() -> None:
    found = watch([week(10, 0, 0)] * 21)

    assert found.deviation == pytest.approx(math.sqrt(200**2 / 202))
    assert found.alarms == ()


def test_more_streams_and_fewer_false_alarms_widen_the_limit() -> None:
    periods = [*STEADY, week(5, 3, 2)]

    one = watch(periods).periods[-1].limit
    ten = watch(periods, streams=10).periods[-1].limit

    assert ten / one == pytest.approx(ewma_width(520.0) / ewma_width(52.0))
    assert watch(periods, false_alarms_a_year=0.1).periods[-1].limit == ten


def test_false_alarms_are_as_rare_as_accepted() -> None:
    generator = np.random.default_rng(7)
    chances = np.repeat([[0.5, 0.3, 0.2]], 20 + 52, axis=0)

    rung = 0
    for _ in range(60):
        drawn = generator.multinomial(10, chances)
        rung += bool(watch([week(*map(int, row)) for row in drawn], streams=10).alarms)

    # ten streams share one false alarm a year: about one of ten rings within its year
    assert rung <= 12


def test_cusum_sums_what_goes_beyond_the_reference() -> None:
    found = watch_cusum([*STEADY, week(9, 1, 0), scores.nps({}), week(0, 0, 10), week(0, 0, 10)])

    deviation = found.deviation or 0.0
    up = (90 - 25) / deviation * math.sqrt(10)
    down = (-100 - 25) / deviation * math.sqrt(10)
    limit = cusum_limit(52.0)
    assert found.periods[20] == Watched(
        Signal.QUIET, pytest.approx(up - 0.5), 0.0, pytest.approx(limit)
    )
    assert found.periods[21] == Watched(
        Signal.NO_ANSWERS, pytest.approx(up - 0.5), 0.0, pytest.approx(limit)
    )
    assert found.periods[22] == Watched(
        Signal.DOWN, 0.0, pytest.approx(down + 0.5), pytest.approx(limit)
    )
    assert found.periods[23].lower == pytest.approx(2 * (down + 0.5))
    assert found.alarms == (22, 23)


def test_streams_hold_one_question() -> None:
    with pytest.raises(MixedScalesError):
        watch([week(1, 1, 1), scores.nps_1_10({10: 1})])


@pytest.mark.parametrize(("streams", "alarms"), [(0, 1.0), (1, 0.0), (1, -1.0), (1, math.nan)])
def test_nonsense_wishes_raise(streams: int, alarms: float) -> None:
    with pytest.raises(StatisticsError, match="at least one stream"):
        watch(STEADY, streams=streams, false_alarms_a_year=alarms)


def test_a_step_with_sizes_and_a_known_variance() -> None:
    found = change_point([10, 10, 0, 20, 20], [4, 4, 0, 1, 1], variance=100.0)

    # levels 10 and 20 against 12: 8·2² + 2·8² = 160 squares explained
    assert found == Step(3, 1, 4, 10.0, 20.0, pytest.approx(0.8))


def test_a_clear_step_has_one_date() -> None:
    assert change_point([1, 1, 1, 1, 5, 5, 5, 5], variance=0.01) == Step(
        4, 4, 4, 1.0, 5.0, pytest.approx(1600.0)
    )


def test_a_step_without_any_noise_is_certain() -> None:
    found = change_point([1.0, 1.0, 1.0, 5.0])

    assert found == Step(3, 3, 3, 1.0, 5.0, math.inf)


def test_no_step_to_date() -> None:
    assert change_point([]) is None
    assert change_point([1, 5]) is None
    assert change_point([1, 5, 9], [1, 1, 0]) is None
    assert change_point([3, 3, 3, 3]) is None


def test_nonsense_series_raise() -> None:
    with pytest.raises(StatisticsError, match="2 values have 1 sizes"):
        change_point([1, 2], [1])
    with pytest.raises(StatisticsError, match="values must be finite"):
        change_point([1, math.nan, 3])
    with pytest.raises(StatisticsError, match="sizes must be finite and not negative"):
        change_point([1, 2, 3], [1, -1, 1])
    with pytest.raises(StatisticsError, match="sizes must be finite and not negative"):
        change_point([1, 2, 3], [1, math.inf, 1])


def test_a_step_is_the_greatest_of_all_likelihood_ratios() -> None:
    """Every date's likelihood written out anew, normal with the two levels' own variance."""
    generator = np.random.default_rng(6)
    values = [*generator.normal(3, 1, 9), *generator.normal(4.4, 1, 7)]
    sizes = [1.0, 3.0, 2.0, 0.5] * 4

    def left(parts: list[slice]) -> float:
        total = 0.0
        for part in parts:
            y, w = np.array(values[part]), np.array(sizes[part])
            total += float(w @ (y - (w @ y) / w.sum()) ** 2)
        return total

    whole = left([slice(None)])
    after = [left([slice(None, k), slice(k, None)]) for k in range(1, 16)]
    best = 1 + int(np.argmin(after))
    noise = min(after) / 16
    reach = -math.log(1 - math.sqrt(0.8))
    near = [k for k, rest in enumerate(after, 1) if (rest - min(after)) / 2 <= reach * noise]

    found = change_point(values, sizes, confidence=0.8)

    assert found is not None
    assert (found.at, found.earliest, found.latest) == (best, near[0], near[-1])
    assert found.earliest < found.latest
    assert found.gain == pytest.approx((whole - min(after)) / (2 * noise))


def test_three_periods_can_hold_a_step() -> None:
    found = change_point([1.0, 1.0, 4.0], variance=1.0)

    assert found is not None
    assert (found.at, found.before, found.after) == (2, 1.0, 4.0)
    assert found.gain == pytest.approx(3.0)


def test_rounding_is_no_step() -> None:
    assert change_point([1000.0, 1000.0 + 1e-5, 1000.0]) is None
    assert change_point([0.001, 0.001 + 1e-8, 0.001]) is None
    found = change_point([0.5, 0.5, 0.5 + 2e-6])
    assert found is not None
    assert found.at == 2
