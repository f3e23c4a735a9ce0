import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, kstest

from regulars.stats.errors import StatisticsError
from regulars.stats.experiments import assignment
from regulars.stats.experiments.assignment import Arm

CROWD = [f"customer-{i}" for i in range(2000)]


def held(arms: dict[str, Arm]) -> list[str]:
    return [customer for customer, arm in arms.items() if arm is Arm.HELD_OUT]


def test_draws_never_change() -> None:
    assert [assignment.draw("birthday", name) for name in ("ann", "bob")] == [
        0.22520360330904066,
        0.4612321161980566,
    ]


def test_draws_are_uniform_and_independent_between_plays() -> None:
    one = np.array([assignment.draw("one", name) for name in CROWD])
    other = np.array([assignment.draw("other", name) for name in CROWD])

    assert kstest(one, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.08
    assert (one.min() >= 0, one.max() < 1) == (True, True)


def test_names_cannot_run_into_each_other() -> None:
    assert assignment.draw("a", "bc") != assignment.draw("ab", "c")


def test_arm_holds_out_its_share_and_keeps_whom_it_held_out() -> None:
    few = [name for name in CROWD if assignment.arm("p", name, held_out=0.1) is Arm.HELD_OUT]
    more = [name for name in CROWD if assignment.arm("p", name, held_out=0.2) is Arm.HELD_OUT]

    assert binom.cdf(len(few), 2000, 0.1) == pytest.approx(0.5, abs=0.499)
    assert set(few) < set(more)
    assert assignment.arm("p", few[0], held_out=0.1) is Arm.HELD_OUT


@pytest.mark.parametrize(("share", "expected"), [(0.2, 400), (0.1, 200), (0.5, 1000), (0.15, 300)])
def test_an_audience_is_split_exactly(share: float, expected: int) -> None:
    assert len(held(assignment.assign("p", CROWD, held_out=share))) == expected


@given(st.permutations(CROWD[:23]))
@settings(max_examples=20)
def test_the_order_of_the_audience_does_not_matter(order: list[str]) -> None:
    value = {name: float(len(name)) + hash(name[-1]) % 3 for name in CROWD}

    found = assignment.assign(
        "p", order, held_out=0.2, expected_value=[value[name] for name in order]
    )

    plain = assignment.assign(
        "p", CROWD[:23], held_out=0.2, expected_value=[value[name] for name in CROWD[:23]]
    )
    assert found == plain


def test_plays_hold_out_different_customers() -> None:
    one, other = (set(held(assignment.assign(p, CROWD, held_out=0.2))) for p in "ab")

    assert 40 < len(one & other) < 130


def test_every_block_of_neighbours_holds_out_one() -> None:
    value = [float(i) for i in range(100)]

    found = held(assignment.assign("p", CROWD[:100], held_out=0.2, expected_value=value))

    assert sorted(int(name.split("-")[1]) // 5 for name in found) == list(range(20))
    assert len({int(name.split("-")[1]) % 5 for name in found}) > 2


def test_groups_agree_in_expected_value_better_than_by_chance() -> None:
    value = np.random.default_rng(1).lognormal(0, 1, 2000)
    stratified, plain = [], []
    for play in range(30):
        arms = assignment.assign(str(play), CROWD, held_out=0.2, expected_value=value.tolist())
        stratified.append(assignment.balance(list(arms.values()), value))
        arms = {name: assignment.arm(str(play), name, held_out=0.2) for name in CROWD}
        plain.append(assignment.balance(list(arms.values()), value))

    assert np.std(stratified) < 0.4 * np.std(plain)
    assert abs(np.mean(stratified)) < 0.02


def test_strata_are_split_each_by_itself() -> None:
    strata = ["north" if i % 2 else "south" for i in range(100)]

    arms = assignment.assign("p", CROWD[:100], held_out=0.2, strata=strata)

    assert [strata[CROWD.index(name)] for name in held(arms)].count("north") == 10


def test_the_incomplete_last_block_has_its_due_chance() -> None:
    plays = [f"play-{i}" for i in range(2000)]
    times = sum(len(held(assignment.assign(p, ["ann", "bob"], held_out=0.2))) for p in plays)
    ann = sum(
        assignment.assign(p, ["ann", "bob"], held_out=0.2)["ann"] is Arm.HELD_OUT for p in plays
    )

    assert 0.001 < binom.cdf(times, 2000, 0.4) < 0.999
    assert 0.001 < binom.cdf(ann, 2000, 0.2) < 0.999


def test_an_empty_audience() -> None:
    assert assignment.assign("p", [], held_out=0.2) == {}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"customers": ["a", "a"]}, "twice"),
        ({"expected_value": [1.0]}, "length"),
        ({"strata": ["x"]}, "length"),
        ({"expected_value": [1.0, float("nan")]}, "not a number"),
        ({"held_out": 0.0}, "between 0 and 1"),
        ({"held_out": 1.0}, "between 0 and 1"),
        ({"held_out": 0.51}, "half"),
    ],
)
def test_audiences_that_make_no_sense(changed: dict, words: str) -> None:
    arguments = {"customers": ["a", "b"], "held_out": 0.2, **changed}
    with pytest.raises(StatisticsError, match=words):
        assignment.assign("p", **arguments)


def test_ratio_of_the_groups() -> None:
    fine = assignment.sample_ratio(810, 190, share=0.2)
    odd = assignment.sample_ratio(900, 100, share=0.2)

    assert (fine.expected_held_out, fine.suspicious) == (200.0, False)
    chances = binom.pmf(np.arange(1001), 1000, 0.2)
    as_odd = chances[chances <= chances[190] * (1 + 1e-9)].sum()
    assert fine.p_value == pytest.approx(as_odd, rel=1e-6)
    assert (odd.treated, odd.held_out, odd.suspicious) == (900, 100, True)
    assert odd.p_value < 1e-15


def test_ratio_alarm_is_rare_by_intention() -> None:
    assert not assignment.sample_ratio(500, 596, share=0.5).suspicious
    assert assignment.sample_ratio(500, 613, share=0.5).suspicious


@pytest.mark.parametrize("sizes", [(0, 0), (-1, 5), (5, -1)])
def test_ratios_that_make_no_sense(sizes: tuple[int, int]) -> None:
    with pytest.raises(StatisticsError):
        assignment.sample_ratio(*sizes, share=0.2)


def test_balance() -> None:
    treated, out = Arm.TREATED, Arm.HELD_OUT

    assert assignment.balance([treated, out], [3.0, 1.0]) == 2.0
    assert assignment.balance([treated, treated], [3.0, 1.0]) == 0.0
    assert assignment.balance([out, out], [3.0, 1.0]) == 0.0
    assert assignment.balance([treated, out], [1.0, 1.0]) == 0.0
    assert assignment.balance([], []) == 0.0
    with pytest.raises(StatisticsError, match="length"):
        assignment.balance([treated], [1.0, 2.0])
