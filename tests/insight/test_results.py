"""One metric over time and by its parts, as page and as CSV."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from regulars.business.models import Place
from regulars.insight.periods import period
from regulars.insight.queries import breakdown
from regulars.insight.queries.breakdown import Dimension
from regulars.surveys.models import Metric
from tests.insight.conftest import Answered


def test_without_any_survey_it_says_so(owner_client: Client) -> None:
    assert "No results yet" in owner_client.get("/results/").content.decode()


@pytest.mark.parametrize("by", ["", "place", "department", "stage", "survey", "nonsense"])
def test_each_way_to_look_at_it_opens(
    owner_client: Client, place: Place, answered: Answered, by: str
) -> None:
    answered(Metric.CES, {7: 6, 2: 4}, place_id=place.pk)

    page = owner_client.get("/results/", {"by": by, "period": "year"})

    assert page.status_code == 200
    assert "60%" in page.content.decode()


def test_a_place_that_really_differs_is_told_apart(
    owner_client: Client, place: Place, other_place: Place, answered: Answered
) -> None:
    answered(Metric.NPS, {10: 200, 0: 50}, place_id=place.pk)
    answered(Metric.NPS, {10: 50, 0: 200}, place_id=other_place.pk)

    parts = breakdown.parts(Metric.NPS, Dimension.PLACE, period("month").now)

    assert [(part.name, part.stands_out) for part in parts] == [
        ("Fő utca", True),
        ("Kossuth tér", True),
    ]
    page = owner_client.get("/").content.decode()
    assert "Fő utca: Recommendation (NPS) is lower than elsewhere" in page


def test_chance_is_no_news(place: Place, other_place: Place, answered: Answered) -> None:
    answered(Metric.NPS, {10: 6, 0: 4}, place_id=place.pk)
    answered(Metric.NPS, {10: 4, 0: 6}, place_id=other_place.pk)

    parts = breakdown.parts(Metric.NPS, Dimension.PLACE, period("month").now)

    assert [part.stands_out for part in parts] == [False, False]


def test_answers_of_no_place_belong_to_the_others(place: Place, answered: Answered) -> None:
    answered(Metric.NPS, {10: 6}, place_id=place.pk)
    answered(Metric.NPS, {0: 6})

    parts = breakdown.parts(Metric.NPS, Dimension.PLACE, period("month").now)

    assert [part.name for part in parts] == ["Kossuth tér"]
    assert parts[0].comparison is not None


def test_the_csv_starts_no_formula(
    owner_client: Client, place: Place, other_place: Place, answered: Answered
) -> None:
    Place.objects.filter(pk=place.pk).update(name='=HYPERLINK("http://x")')
    answered(Metric.NPS, {0: 3, 10: 1}, place_id=place.pk)

    answer = owner_client.get("/results/scores.csv", {"by": "place"})

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["name", "score", "low", "high", "answers", "unit"]
    assert rows[1][0] == '\'=HYPERLINK("http://x")'
    assert rows[1][1:2] + rows[1][4:] == ["-50.0", "4", "points"]


def test_who_works_at_one_place_gets_that_place_only(
    colleague_client: Client,
    stranger_client: Client,
    place: Place,
    other_place: Place,
    answered: Answered,
) -> None:
    answered(Metric.NPS, {10: 3}, place_id=place.pk)
    answered(Metric.NPS, {0: 9}, place_id=other_place.pk)
    wanted = {"by": "place", "place": other_place.public_id}

    rows = colleague_client.get("/results/scores.csv", wanted).content.decode().splitlines()

    assert [row.split(",")[0] for row in rows[1:]] == ["Kossuth tér"]
    assert stranger_client.get("/results/").status_code == 403
    assert stranger_client.get("/results/scores.csv").status_code == 403
