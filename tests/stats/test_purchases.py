from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats.errors import StatisticsError
from regulars.stats.purchases import (
    Granularity,
    Histories,
    customer_histories,
    deduplicate,
    weekly_repeat_purchases,
)
from tests.stats import cdnow
from tests.stats.published import published

CUSTOMERS = ["b", "a", "a", "b", "a", "c"]
DAYS = ["2026-01-05", "2026-01-02", "2026-01-02", "2026-01-12", "2026-01-09", "2026-03-01"]
AMOUNTS = [10.0, 4.0, 6.0, 30.0, 7.0, 1.0]


def as_lists(histories: Histories) -> dict[str, list[float]]:
    return {key: np.round(values, 9).tolist() for key, values in vars(histories).items()}


@published(
    method="Sufficient statistics",
    source="Fader, Hardie & Lee (2005), Marketing Science 24(2), §4: CDNOW sample",
    check="customers, repeat buyers, repeat purchases in 39 weeks; in 78 weeks",
    expected=[2357, 946, 2457, 4339],
    digits=0,
)
def test_cdnow_counts() -> list[float]:
    rows = cdnow.calibration()
    bought = cdnow.purchases()
    weekly = weekly_repeat_purchases(bought.customers, bought.days, cdnow.START, 78)

    return [rows.customers, rows.repeat_buyers, rows.repeat_purchases, float(weekly.sum())]


def test_first_customers_of_cdnow() -> None:
    found = cdnow.customers().histories()

    assert np.round(found.T[:2], 2).tolist() == [38.86, 38.86]
    assert found.x[:4].tolist() == [2, 1, 0, 0]
    assert np.round(found.t_x[:3], 2).tolist() == [30.43, 1.71, 0.0]


def test_purchases_of_one_day_count_once() -> None:
    found = customer_histories(CUSTOMERS, DAYS, "2026-01-31", amounts=AMOUNTS)

    assert found.customers.tolist() == ["a", "b"]
    assert found.x.tolist() == [1, 1]
    assert found.t_x.tolist() == [7, 7]
    assert found.age.tolist() == [29, 26]
    assert found.first.astype(str).tolist() == ["2026-01-02", "2026-01-05"]
    assert found.last.astype(str).tolist() == ["2026-01-09", "2026-01-12"]
    assert found.mean_amount is not None
    assert found.mean_amount.tolist() == [7.0, 30.0]
    assert len(found) == 2
    assert found.granularity is Granularity.DAY


def test_amounts_of_one_day_are_added_and_the_first_day_left_out() -> None:
    days = ["2026-01-01", "2026-01-02", "2026-01-02", "2026-01-04"]

    found = customer_histories([1, 1, 1, 1], days, "2026-01-04", amounts=[100, 1, 2, 5])

    assert found.mean_amount is not None
    assert found.mean_amount.tolist() == [4.0]


def test_without_amounts_there_are_none() -> None:
    found = customer_histories(CUSTOMERS, DAYS, date(2026, 1, 31))

    assert found.mean_amount is None


def test_one_who_never_came_back_has_a_mean_amount_of_zero() -> None:
    found = customer_histories([1], ["2026-01-01"], "2026-01-04", amounts=[100])

    assert found.mean_amount is not None
    assert found.mean_amount.tolist() == [0.0]
    assert (found.x.tolist(), found.t_x.tolist(), found.age.tolist()) == ([0], [0], [3])


@pytest.mark.parametrize(
    ("granularity", "x", "t_x", "age", "weeks"),
    [
        (Granularity.DAY, 3, 31, 59, 31 / 7),
        (Granularity.WEEK, 2, 5, 9, 5.0),
        (Granularity.MONTH, 1, 1, 2, 365.2425 / 84),
    ],
)
def test_granularities(granularity: Granularity, x: int, t_x: int, age: int, weeks: float) -> None:
    # Friday, Sunday and Monday of one turn of a week; then a month later.
    days = ["2026-01-02", "2026-01-04", "2026-01-05", "2026-02-02"]

    found = customer_histories([1] * 4, days, "2026-03-02", granularity=granularity)

    assert (found.x.tolist(), found.t_x.tolist(), found.age.tolist()) == ([x], [t_x], [age])
    assert found.histories().t_x.tolist() == pytest.approx([weeks])
    assert found.deduplicated().t_x.tolist() == pytest.approx([weeks])
    assert found.deduplicated().T.tolist() == pytest.approx([age * weeks / t_x])


def test_weeks_begin_on_monday() -> None:
    monday = np.datetime64("2026-01-05")
    days = monday + np.arange(-1, 8)

    numbers = Granularity.WEEK.periods(days)

    assert (numbers - numbers[0]).tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 2]


def test_nobody() -> None:
    found = customer_histories([], [], "2026-01-01", amounts=[])

    assert len(found) == 0
    assert found.mean_amount is not None
    assert found.mean_amount.tolist() == []
    assert len(found.deduplicated()) == 0
    assert len(found.histories().deduplicated()) == 0
    assert found.deduplicated().customers == 0


def test_a_known_first_day_counts_from_there() -> None:
    found = customer_histories(
        [1, 1], ["2026-01-10", "2026-01-20"], "2026-01-30", first_days=["2026-01-01"] * 2
    )

    assert (found.x.tolist(), found.t_x.tolist(), found.age.tolist()) == ([2], [19], [29])
    assert found.first.astype(str).tolist() == ["2026-01-01"]


def test_a_purchase_before_the_first_one_is_refused() -> None:
    with pytest.raises(StatisticsError, match="before the customer's first"):
        customer_histories(
            [1, 1], ["2026-01-10", "2026-01-20"], "2026-01-30", first_days=["2026-01-11"] * 2
        )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([1, 2], ["2026-01-01"], None), "differ in length"),
        (([1], ["2026-01-01"], [1.0, 2.0]), "differ in length"),
        (([1], ["2026-01-01"], [-1.0]), "negative or not a number"),
        (([1], ["2026-01-01"], [float("nan")]), "negative or not a number"),
        (([1], ["2026-01-01"], [float("inf")]), "negative or not a number"),
        (([1], ["yesterday"], None), "cannot be read"),
        (([1], ["NaT"], None), "is missing"),
    ],
)
def test_columns_that_make_no_sense(columns: tuple, words: str) -> None:
    customers, days, amounts = columns

    with pytest.raises(StatisticsError, match=words):
        customer_histories(customers, days, "2026-02-01", amounts=amounts)


def test_deduplicated_rows() -> None:
    found = deduplicate([1, 0, 1, 0, 2], [7, 0, 7, 0, 7], [14, 21, 14, 21, 14])

    assert as_lists(found) == {
        "x": [1, 2, 0],
        "t_x": [1.0, 1.0, 0.0],
        "T": [2.0, 2.0, 3.0],
        "weights": [2.0, 1.0, 2.0],
    }
    assert (len(found), found.customers, found.repeat_buyers) == (3, 5, 3)
    assert found.repeat_purchases == 4.0


ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(4, 6)), min_size=1, max_size=60
)


@given(ROWS, st.sampled_from([1, 2_000, 3_000_000]))
def test_both_ways_of_deduplication_agree_and_keep_everybody(
    rows: list[tuple[int, int, int]], stretch: int
) -> None:
    x = np.array([row[0] for row in rows])
    t_x = np.array([row[1] * stretch * (row[0] > 0) for row in rows])
    age = np.array([row[2] * stretch for row in rows])

    packed = deduplicate(x, t_x, age, weeks_per_period=1.0)
    sorted_rows = Histories(x, t_x * 1.0, age * 1.0, np.ones(len(x))).deduplicated()

    assert as_lists(packed) == as_lists(sorted_rows)
    assert packed.customers == len(rows)
    assert len({*zip(packed.T, packed.t_x, packed.x, strict=True)}) == len(packed)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1], [1], [1, 2]), "differ in length"),
        (([-1], [1], [1]), "cannot be negative"),
        (([1], [-1], [1]), "cannot be negative"),
        (([1], [1.5], [2]), "whole numbers"),
        (([[1]], [[1]], [[1]]), "one-dimensional"),
        (([1], [2**31], [2**40]), "too large"),
        (([1], [3], [2]), "after the end"),
        (([0], [1], [2]), "never came back"),
        (([1], [0], [2]), "never came back"),
    ],
)
def test_histories_that_cannot_be(arguments: tuple, words: str) -> None:
    with pytest.raises(StatisticsError, match=words):
        deduplicate(*arguments)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("x", [-1], "cannot be negative"),
        ("weights", [-1.0], "cannot be negative"),
        ("t_x", [-1.0], "before the customer's first"),
        ("T", [np.nan], "finite"),
        ("weights", [np.inf], "finite"),
        ("weights", [1.0, 1.0], "differ in length"),
    ],
)
def test_rows_that_cannot_be(column: str, value: list[float], words: str) -> None:
    columns = {"x": [1], "t_x": [1.0], "T": [2.0], "weights": [1.0], column: value}

    with pytest.raises(StatisticsError, match=words):
        Histories(**{key: np.array(values) for key, values in columns.items()})


def test_floats_that_are_whole_numbers_may_be_given() -> None:
    assert as_lists(deduplicate([1.0], [7.0], [14.0])) == as_lists(deduplicate([1], [7], [14]))


def test_repeat_purchases_by_week() -> None:
    customers = [1, 1, 1, 1, 2, 2]
    days = ["2026-01-01", "2026-01-07", "2026-01-08", "2026-01-08", "2026-01-08", "2026-01-22"]

    weekly = weekly_repeat_purchases(customers, days, "2026-01-01", 3)

    assert weekly.tolist() == [1, 1, 0]


@given(st.permutations(range(6)))
def test_order_of_purchases_does_not_matter(order: list[int]) -> None:
    plain = customer_histories(CUSTOMERS, DAYS, "2026-03-31", amounts=AMOUNTS)

    shuffled = customer_histories(
        [CUSTOMERS[i] for i in order],
        [DAYS[i] for i in order],
        "2026-03-31",
        amounts=[AMOUNTS[i] for i in order],
    )

    for field in ("customers", "x", "t_x", "age", "first", "last", "mean_amount"):
        assert getattr(shuffled, field).tolist() == getattr(plain, field).tolist()
