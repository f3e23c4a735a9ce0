"""NPS 0–10 and its 1–10 likeness are never pooled, whatever is answered in whatever order."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from regulars.business.models import Business
from regulars.customers.models import Customer
from regulars.insight.queries.scores import MEASURED
from regulars.mailing.content import Scale
from regulars.surveys import emails, queries
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import SCALES, Invitation, Metric, Response, Survey

METRICS = st.sampled_from(list(Metric))
GIVEN = st.lists(st.tuples(METRICS, st.integers(-1, 11), st.booleans()), max_size=12)


class ScalesTest(TestCase):
    """Each example in a transaction of its own."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(GIVEN)
    def test_scales_are_never_mixed(self, drawn: list[tuple[Metric, int, bool]]) -> None:
        Business.objects.create(name="Café", currency="EUR")
        surveys = {m: designs.make_survey(name=m, metric=m, by=None) for m in Metric}
        expected: dict[Metric, Counter[int]] = {metric: Counter() for metric in Metric}
        for number, (metric, score, is_junk) in enumerate(drawn):
            low, high = SCALES[metric]
            stored = _submit(surveys[metric], number, score, is_junk=is_junk)
            assert stored == (low <= score <= high)
            if stored and not is_junk:
                expected[metric][score] += 1

        today = timezone.localdate()
        part = queries.Slice(today - timedelta(days=1), today + timedelta(days=1))
        assert queries.histograms(list(Metric), part) == expected
        assert all(row.metric == row.survey.metric for row in Response.objects.all())


def _submit(survey: Survey, number: int, score: int, *, is_junk: bool) -> bool:
    answer = answers.Answer(submission_id=str(number), score=score)
    version = answers.current_version(survey)
    try:
        answers.submit_open(survey, version, answer, is_quarantined=is_junk)
    except answers.AnswerError:
        return False
    return True


pytestmark = pytest.mark.django_db
SATISFIED = [
    # metric, scores, look, the mail's last choice, weakest that is well, share of the histogram
    (Metric.CSAT, 5, "faces", "5", 3, 2 / 5),
    (Metric.CSAT_STARS, 5, "stars", "5 ★", 3, 2 / 5),
    (Metric.CSAT_1_7, 7, "numbers", "7", 4, 2 / 7),
    (Metric.CSAT_1_10, 10, "numbers", "10", 5, 2 / 10),
]


@pytest.mark.parametrize(("metric", "highest", "look", "label", "well", "share"), SATISFIED)
def test_satisfaction_on_each_scale(
    business: Business,
    metric: Metric,
    highest: int,
    look: str,
    label: str,
    well: int,
    share: float,
) -> None:
    survey = designs.make_survey(name="Visit", metric=metric, by=None)
    asked = invitation(survey)

    page = Client().get(f"/o/{survey.open_token}/").content.decode()
    scale = emails.invitation(asked, "token").pieces[0]
    each_once = MEASURED[metric](dict.fromkeys(range(1, highest + 1), 1))

    assert f'class="rating rating--{look}"' in page
    assert [int(v) for v in re.findall(r'name="score" value="(\d+)"', page)] == list(
        range(1, highest + 1)
    )
    assert isinstance(scale, Scale)
    assert (len(scale.choices), scale.choices[-1].label) == (highest, label)
    assert each_once.value == pytest.approx(share)
    weak = [s for s in range(1, highest + 1) if Response(metric=metric, score=s).is_weak]
    assert weak == list(range(1, well))


def invitation(survey: Survey) -> Invitation:
    return Invitation(
        survey=survey,
        version=answers.current_version(survey),
        customer=Customer(given_name="Anna", language="en"),
        language="en",
    )
