"""Whose birthday it is: once in every year, also on 29 February (28 February in other years)."""

from __future__ import annotations

import calendar
from collections import Counter
from datetime import date, timedelta

import pytest

from regulars.business.models import Business
from regulars.customers.models import Customer
from regulars.insight.queries.people import birthdays

pytestmark = pytest.mark.django_db
EVERY_DAY = [
    (month, day)
    for month in range(1, 13)
    for day in range(1, calendar.monthrange(2024, month)[1] + 1)
]


@pytest.fixture
def everybody(business: Business) -> None:
    """A customer for each of the 366 days that one can be born on."""
    Customer.objects.bulk_create(
        Customer(given_name=f"{month}-{day}", birth_month=month, birth_day=day)
        for month, day in EVERY_DAY
    )


@pytest.mark.parametrize("first_monday", [date(2026, 12, 28), date(2027, 12, 27)])
def test_the_weeks_of_a_year_tell_every_birthday_once(everybody: None, first_monday: date) -> None:
    """The week that holds 1 January, and the 52 after it; 2028 has a 29 February, 2027 has none."""
    year = first_monday.year + 1
    told: Counter[tuple[int, int]] = Counter()
    on: dict[tuple[int, int], date] = {}
    for week in range(54):
        monday = first_monday + timedelta(weeks=week)
        for one in birthdays(days=7, today=monday):
            if one.on.year == year:
                born = (one.customer.birth_month or 0, one.customer.birth_day or 0)
                told[born] += 1
                on[born] = one.on

    assert told == Counter(EVERY_DAY)
    leap = date(year, 2, 29) if calendar.isleap(year) else date(year, 2, 28)
    assert on.pop((2, 29)) == leap
    assert all((day.month, day.day) == born for born, day in on.items())


@pytest.mark.parametrize(
    ("today", "names"),
    [
        (date(2027, 2, 28), {"2-28", "2-29"}),
        (date(2027, 3, 1), {"3-1"}),
        (date(2028, 2, 28), {"2-28"}),
        (date(2028, 2, 29), {"2-29"}),
    ],
)
def test_a_day_at_the_end_of_february(everybody: None, today: date, names: set[str]) -> None:
    found = birthdays(days=1, today=today)

    assert {one.customer.given_name for one in found} == names
