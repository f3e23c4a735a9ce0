"""Scores from the kept histograms: value, interval, n, response rate, verdict."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.business.models import Business, Place
from regulars.customers.models import Customer
from regulars.insight import wording
from regulars.insight.periods import period
from regulars.insight.queries import scores
from regulars.surveys.actions import answers, asking, designs
from regulars.surveys.models import AnswerCount, AskChannel, Metric
from tests.insight.conftest import Answered

pytestmark = pytest.mark.django_db


def read(metric: Metric, **where: Any) -> scores.Reading:
    return scores.reading(metric, period("month"), scores.Where(**where))


def test_recommendation_is_in_points_with_its_interval(
    business: Business, answered: Answered
) -> None:
    answered(Metric.NPS, {10: 12, 8: 36, 3: 2})

    shown = wording.shown(read(Metric.NPS))

    assert (shown.value, shown.n, shown.unit) == (pytest.approx(20.0), 50, "")
    assert shown.range_text == "probably 6 to 34"


def test_satisfaction_is_a_share(business: Business, answered: Answered) -> None:
    answered(Metric.CSAT, {5: 81, 1: 182})

    shown = wording.shown(read(Metric.CSAT))

    assert shown.range_text == "probably 26% to 37%"
    assert shown.shown_value == "31%"


@pytest.mark.parametrize(
    ("now", "then", "verdict"),
    [
        ({10: 300, 3: 100}, {10: 200, 3: 200}, "up"),
        ({10: 200, 3: 200}, {10: 300, 3: 100}, "down"),
        ({10: 600, 3: 200, 8: 200}, {10: 590, 3: 210, 8: 200}, "same"),
        ({10: 6, 3: 2}, {10: 5, 3: 2}, "early"),
        ({10: 6}, {}, ""),
    ],
)
def test_the_verdict(
    business: Business,
    answered: Answered,
    now: dict[int, int],
    then: dict[int, int],
    verdict: str,
) -> None:
    answered(Metric.NPS, now)
    answered(Metric.NPS, then, ago=40)

    assert wording.shown(read(Metric.NPS)).verdict == verdict


def test_too_few_answers_say_how_many_more(business: Business, answered: Answered) -> None:
    answered(Metric.NPS, {10: 6, 3: 2})
    answered(Metric.NPS, {10: 5, 3: 2}, ago=40)

    found = read(Metric.NPS)

    assert found.comparison.more_needed is not None
    assert str(found.comparison.more_needed) in wording.shown(found).needed


def test_the_two_recommendation_scales_never_meet(business: Business, answered: Answered) -> None:
    answered(Metric.NPS, {10: 3})
    answered(Metric.NPS_1_10, {1: 4})

    assert (read(Metric.NPS).score.n, read(Metric.NPS_1_10).score.n) == (3, 4)
    assert read(Metric.NPS_1_10).score.value == -100


def test_a_place_counts_its_own(place: Place, other_place: Place, answered: Answered) -> None:
    answered(Metric.NPS, {10: 3}, place_id=place.pk)
    answered(Metric.NPS, {0: 5}, place_id=other_place.pk)

    assert read(Metric.NPS, place_id=place.pk).histogram == {10: 3}


@pytest.mark.parametrize("answers", [1, 1_000_000])
def test_reading_costs_four_queries_whatever_the_number_of_answers(
    business: Business,
    answered: Answered,
    django_assert_num_queries: Any,
    answers: int,
) -> None:
    answered(Metric.NPS, {10: answers})

    chosen = period("month")

    # The histograms, those before, the business's zone, and who was asked.
    with django_assert_num_queries(4):
        scores.readings(list(Metric), chosen)


def test_whether_something_was_put_right_is_no_metric_of_the_shop(business: Business) -> None:
    survey = designs.survey_about_mending(by=None)
    assert survey is not None
    given = answers.Answer(submission_id="right", score=5)
    asked = asking.ask(
        Customer.objects.create(given_name="Anna"), survey, channel=AskChannel.HAND, case_id=1
    )
    assert asked.decision.invitation is not None
    answers.submit_invited(asked.decision.invitation, given)

    assert AnswerCount.objects.get().survey_id == survey.pk
    assert (scores.metrics_in_use(), scores.has_answers()) == ([], False)

    visit = designs.make_survey(name="Visit", metric=Metric.NPS, by=None)
    assert (scores.metrics_in_use(), scores.has_answers()) == ([Metric.NPS], False)
    answers.submit_open(visit, answers.current_version(visit), answers.Answer("visit", 9))
    assert (scores.metrics_in_use(), scores.has_answers()) == ([Metric.NPS], True)
