import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, dirichlet, gamma

from regulars.stats import rfm
from regulars.stats.errors import StatisticsError
from regulars.stats.rfm import Clause, Condition, Fact, Rule, Segment

AS_OF = "2026-06-30"


def bought(**customers: list[str]) -> tuple[list[str], list[str]]:
    """One element per purchase, from month and day: bought(ann=["06-01"])."""
    pairs = [(name, f"2026-{day}") for name, days in customers.items() for day in days]
    return [name for name, _ in pairs], [day for _, day in pairs]


def segments(rule: Rule | None = None, **customers: list[str]) -> dict[str, str]:
    found = rfm.segment_customers(*bought(**customers), AS_OF, rule=rule)
    return dict(zip(found.customers.tolist(), found.segment.tolist(), strict=True))


def test_one_of_each_kind() -> None:
    rule = Rule(regular_visits=3, window_days=90, lapsing_after_days=30, lost_after_days=100)

    found = segments(
        rule,
        regular=["05-20", "06-10", "06-20"],
        first=["06-29"],
        few=["01-05", "06-20"],
        lapsing=["05-10", "05-20", "05-31"],
        lost=["03-01", "03-05", "03-22"],
        once_long_ago=["01-01"],
    )

    assert found == {
        "regular": "regular",
        "first": "first_timer",
        "few": "occasional",
        "lapsing": "lapsing",
        "lost": "lost",
        "once_long_ago": "lost",
    }


@pytest.mark.parametrize(
    ("last", "expected"),
    [("06-01", "occasional"), ("05-31", "lapsing"), ("03-23", "lapsing"), ("03-22", "lost")],
)
def test_limits_belong_to_the_later_segment(last: str, expected: str) -> None:
    rule = Rule(regular_visits=3, window_days=90, lapsing_after_days=30, lost_after_days=100)

    assert segments(rule, ann=["01-01", last])["ann"] == expected


def test_the_window_ends_today() -> None:
    rule = Rule(regular_visits=2, window_days=30, lapsing_after_days=60, lost_after_days=100)

    found = segments(rule, inside=["06-01", "06-20"], outside=["05-31", "06-20"])

    assert found == {"inside": "regular", "outside": "occasional"}


def test_late_by_own_rhythm_is_lapsing_long_before_the_limit() -> None:
    weekly = [f"{day:02}" for day in range(1, 29, 3)]
    customers = {
        "often": [f"04-{day}" for day in weekly] + [f"05-{day}" for day in weekly],
        "seldom": ["01-10", "04-10", "05-28"],
    }

    found = rfm.segment_customers(*bought(**customers), AS_OF)

    assert found.customers.tolist() == ["often", "seldom"]
    assert found.segment.tolist() == ["lapsing", "occasional"]
    assert found.rhythm.late.tolist() == [True, False]
    assert found.rhythm.typical_gap.tolist() == [pytest.approx(57 / 19), 69.0]
    assert found.days_since_last.tolist() == [33, 33]
    assert found.rhythm.chance[0] < 0.001
    assert found.rhythm.chance[1] > 0.3


def test_facts_of_each_customer() -> None:
    names, days = bought(ann=["01-01", "06-10", "06-10", "06-20"], bob=["06-30"], eve=["07-01"])

    found = rfm.segment_customers(names, days, AS_OF, amounts=[1, 2, 3, 4, 5, 6])

    assert found.customers.tolist() == ["ann", "bob"]
    assert found.days_since_last.tolist() == [10, 0]
    assert found.visits.tolist() == [3, 1]
    assert found.visits_in_window.tolist() == [3, 1]
    assert found.amount is not None
    assert found.amount.tolist() == [10.0, 5.0]
    assert found.rhythm.typical_gap.tolist() == [85.0, 0.0]
    assert found.rhythm.chance[1] == 1.0
    assert (len(found), found.rule) == (2, Rule())


def test_nobody() -> None:
    found = rfm.segment_customers([], [], AS_OF, amounts=[])

    assert len(found) == 0
    assert found.segment.tolist() == []
    assert found.rhythm.regularity == 1.0
    assert rfm.segment_customers([], [], AS_OF).amount is None


@given(st.permutations(range(7)))
def test_order_of_purchases_does_not_matter(order: list[int]) -> None:
    names, days = bought(ann=["01-01", "06-10", "06-20"], bob=["06-30"], eve=["02-01"] * 3)
    plain = rfm.segment_customers(names, days, AS_OF)

    found = rfm.segment_customers([names[i] for i in order], [days[i] for i in order], AS_OF)

    assert found.segment.tolist() == plain.segment.tolist()
    assert found.rhythm.chance.tolist() == plain.rhythm.chance.tolist()


def test_rule_in_words_as_data() -> None:
    found = rfm.clauses(Rule(5, 180, 60, 200))

    assert found == (
        Clause(Segment.LOST, (Condition(Fact.DAYS_SINCE_LAST, least=200),)),
        Clause(Segment.FIRST_TIMER, (Condition(Fact.VISITS, least=1, most=1),)),
        Clause(
            Segment.LAPSING,
            (
                Condition(Fact.DAYS_SINCE_LAST, least=60),
                Condition(Fact.LATE_BY_OWN_RHYTHM, least=1),
            ),
        ),
        Clause(Segment.REGULAR, (Condition(Fact.VISITS_IN_WINDOW, least=5, window_days=180),)),
        Clause(Segment.OCCASIONAL, ()),
    )


@pytest.mark.parametrize("limits", [(0, 1, 1, 9), (1, 0, 1, 9), (1, 1, 0, 9), (1, 1, 9, 9)])
def test_rules_that_make_no_sense(limits: tuple[int, int, int, int]) -> None:
    with pytest.raises(StatisticsError):
        Rule(*limits)


def test_smallest_rule() -> None:
    assert Rule(1, 1, 1, 2).lost_after_days == 2


def test_rule_from_the_shops_own_gaps() -> None:
    start = np.datetime64("2025-07-10")
    names = [f"c{i}" for i in range(30) for _ in range(6)]
    days = [start + np.timedelta64(10 * visit, "D") for i in range(30) for visit in range(6)]

    assert rfm.suggested_rule(names, days, AS_OF) == Rule(6, 365, 10, 20)


def test_rule_of_a_shop_with_long_gaps() -> None:
    start = np.datetime64("2025-01-01")
    names = [f"c{i}" for i in range(20) for _ in range(2)]
    gaps = [*[40] * 17, 60, 300, 300]
    days = [day for gap in gaps for day in (start, start + np.timedelta64(gap, "D"))]

    assert rfm.suggested_rule(names, days, "2026-06-30") == Rule(3, 365, 60, 300)


def test_too_few_gaps_get_the_standard_rule() -> None:
    start = np.datetime64("2026-01-01")
    names = [f"c{i}" for i in range(19) for _ in range(2)]
    days = [start + np.timedelta64(day, "D") for i in range(19) for day in (0, 3)]

    assert rfm.suggested_rule(names, days, AS_OF) == Rule()
    more = rfm.suggested_rule([*names, "x", "x"], [*days, start, start + 3], AS_OF)
    assert more == Rule(3, 365, 7, 14)


def test_chance_of_a_longer_gap_with_random_gaps() -> None:
    found = rfm.chance_of_longer_gap([0, 10, 30], [20, 20, 20], [2, 2, 4], 1.0)

    assert found.tolist() == pytest.approx([1.0, (1 + 0.5) ** -2, 2.5**-4])


@pytest.mark.parametrize("k", [0.6, 1.0, 4.0])
def test_chance_of_a_longer_gap_is_what_the_gaps_say(k: float) -> None:
    # Given the sum of n gaps the rate has the density of Gamma(k n) with scale 1/sum.
    def longer(rate: float) -> float:
        return float(gamma.sf(25, k, scale=1 / rate) * gamma.pdf(rate, 3 * k, scale=1 / 30))

    expected = quad(longer, 0, 3, limit=200)[0]

    assert rfm.chance_of_longer_gap(25, 30, 3, k) == pytest.approx(expected, rel=1e-6)


def test_without_gaps_nobody_is_late() -> None:
    assert rfm.chance_of_longer_gap([100, 100], [0, 5], [0, 0], 2.0).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "arguments", [(-1, 1, 1, 1), (1, -1, 1, 1), (1, 1, -1, 1), (1, 1, 1, 0), (1, 1, 1, np.nan)]
)
def test_gaps_that_make_no_sense(arguments: tuple[float, float, float, float]) -> None:
    with pytest.raises(StatisticsError):
        rfm.chance_of_longer_gap(*arguments)


@pytest.mark.parametrize("k", [0.7, 1.0, 5.0])
def test_regularity_is_found_again_whatever_the_rates(k: float) -> None:
    random = np.random.default_rng(8)
    owner = np.repeat(np.arange(4000), random.integers(1, 9, 4000))
    rates = random.lognormal(0, 2, 4000)
    gaps = random.gamma(k, size=len(owner)) / rates[owner] + 1e-9

    assert rfm.regularity_of(gaps, owner) == pytest.approx(k, rel=0.05)


def test_regularity_has_the_highest_likelihood() -> None:
    gaps, owner = np.array([3.0, 4.0, 2.0, 5.0, 6.0]), np.array([0, 0, 0, 1, 1])
    found = rfm.regularity_of(gaps, owner)

    def value(k: float) -> float:
        first = dirichlet.logpdf(np.array([3, 4, 2]) / 9, [k] * 3)
        return float(first + dirichlet.logpdf(np.array([5, 6]) / 11, [k] * 2))

    assert value(found) > max(value(found * 1.01), value(found / 1.01))


def test_regularity_at_its_limits() -> None:
    assert rfm.regularity_of(np.array([7.0] * 6), np.array([0, 0, 0, 1, 1, 1])) == 50.0
    assert rfm.regularity_of(np.array([7.0, 3.0]), np.array([0, 1])) == 1.0
    assert rfm.regularity_of(np.zeros(0), np.zeros(0, dtype=int)) == 1.0
    assert rfm.regularity_of(np.array([1e-9, 1e9] * 9), np.repeat(np.arange(9), 2)) == 0.05
    with pytest.raises(StatisticsError, match="positive"):
        rfm.regularity_of(np.array([0.0, 1.0]), np.array([0, 0]))


def test_scores() -> None:
    assert rfm.scores(range(10)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert rfm.scores(range(10), high_is_good=False).tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert rfm.scores([7, 7, 7]).tolist() == [3, 3, 3]
    assert rfm.scores([1, 2, 2, 9], groups=2).tolist() == [1, 1, 1, 2]
    assert rfm.scores([]).tolist() == []
    assert rfm.scores([3]).tolist() == [3]


@pytest.mark.parametrize(("values", "groups"), [([1.0, np.nan], 5), ([1.0], 1), ([np.inf], 5)])
def test_scores_that_make_no_sense(values: list[float], groups: int) -> None:
    with pytest.raises(StatisticsError):
        rfm.scores(values, groups=groups)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((["a"], []), "differ in length"),
        ((["a"], ["once"]), "cannot be read"),
        ((["a"], ["NaT"]), "is missing"),
    ],
)
def test_columns_that_make_no_sense(arguments: tuple, words: str) -> None:
    with pytest.raises(StatisticsError, match=words):
        rfm.segment_customers(*arguments, AS_OF)


@pytest.mark.parametrize(("amounts", "words"), [([np.nan], "number"), ([1.0, 2.0], "length")])
def test_amounts_that_make_no_sense(amounts: list[float], words: str) -> None:
    with pytest.raises(StatisticsError, match=words):
        rfm.segment_customers(["a"], ["2026-01-01"], AS_OF, amounts=amounts)


@pytest.mark.parametrize("late_below", [0.0, 1.0])
def test_shares_of_false_alarms_that_make_no_sense(late_below: float) -> None:
    with pytest.raises(StatisticsError, match="late_below"):
        rfm.segment_customers([], [], AS_OF, late_below=late_below)


def test_chance_takes_plain_lists_of_whole_numbers() -> None:
    found = rfm.chance_of_longer_gap([10], [20], [1], 3)

    assert found.dtype == np.float64
    assert found.tolist() == pytest.approx([float(beta.cdf(20 / 30, 3, 3))])


@pytest.mark.parametrize(("known", "gaps"), [(0, 3), (3, 0)])
def test_gaps_without_length_or_number_say_nothing(known: float, gaps: float) -> None:
    assert rfm.chance_of_longer_gap([9], [known], [gaps], 2.0).tolist() == [1.0]


def test_one_gap_is_enough_for_a_rhythm() -> None:
    found = rfm.segment_customers(*bought(ann=["04-01", "04-11"]), "2026-04-21")

    assert found.rhythm.chance.tolist() == pytest.approx([0.5])
    assert found.rhythm.typical_gap.tolist() == [10.0]


def test_words_of_refusal() -> None:
    for arguments, words in (
        ((1, 1, 1, 0), "the regularity is a positive number"),
        ((-1, 1, 1, 1), "gaps cannot be negative"),
    ):
        with pytest.raises(StatisticsError) as refused:
            rfm.chance_of_longer_gap(*arguments)
        assert str(refused.value) == words
    for columns, words in (
        ((["a"], []), "the columns of the purchases differ in length"),
        ((["a"], ["once"]), "a day cannot be read"),
        ((["a"], ["NaT"]), "a day is missing"),
    ):
        with pytest.raises(StatisticsError) as refused:
            rfm.segment_customers(*columns, AS_OF)
        assert str(refused.value) == words
    with pytest.raises(StatisticsError) as refused:
        rfm.segment_customers(["a"], [AS_OF], AS_OF, amounts=[np.nan])
    assert str(refused.value) == "an amount is not a number"
    with pytest.raises(StatisticsError) as refused:
        rfm.segment_customers([], [], AS_OF, late_below=1)
    assert str(refused.value) == "late_below lies between 0 and 1"


def test_regulars_of_the_suggested_rule_are_those_who_came_back_within_a_year() -> None:
    start = np.datetime64("2025-06-30")  # 365 days before: not within the last 365
    names, days = [], []
    for i in range(12):
        for day in (0, 10, 20, 30, *([40, 50] if i < 6 else [])):
            names.append(f"c{i}")
            days.append(start + np.timedelta64(day, "D"))
    once = [f"o{i}" for i in range(40)]

    found = rfm.suggested_rule([*names, *once], [*days, *[start + 99] * 40], AS_OF)

    assert found == Rule(5, 365, 10, 20)


def test_twice_within_the_year_is_returning() -> None:
    start = np.datetime64("2026-01-01")
    names = [f"c{i}" for i in range(30) for _ in range(2)] + ["often"] * 6
    days = [start + np.timedelta64(day, "D") for _ in range(30) for day in (0, 30)]
    often = [start + np.timedelta64(30 * k, "D") for k in range(6)]

    assert rfm.suggested_rule(names, [*days, *often], AS_OF) == Rule(3, 365, 30, 60)
