"""NPS 0–10 and its 1–10 likeness are never pooled, whatever is answered in whatever order."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from regulars.business.models import Business
from regulars.surveys import queries
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import SCALES, Metric, Response, Survey

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
        assert {m: queries.histogram(m, part) for m in Metric} == expected
        assert all(row.metric == row.survey.metric for row in Response.objects.all())


def _submit(survey: Survey, number: int, score: int, *, is_junk: bool) -> bool:
    answer = answers.Answer(submission_id=str(number), score=score)
    version = answers.current_version(survey)
    try:
        answers.submit_open(survey, version, answer, is_quarantined=is_junk)
    except answers.AnswerError:
        return False
    return True
