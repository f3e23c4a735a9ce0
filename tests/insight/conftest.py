from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from regulars.insight.periods import local_today
from regulars.surveys.models import AnswerCount, Metric

Answered = Callable[..., None]


@pytest.fixture
def answered() -> Answered:
    """Put answers into the kept histogram: `answered(Metric.NPS, {10: 12}, ago=3)`."""

    def put(metric: Metric, histogram: dict[int, int], *, ago: int = 0, **where: int) -> None:
        day: date = local_today() - timedelta(days=ago)
        AnswerCount.objects.bulk_create(
            AnswerCount(metric=metric, day=day, score=score, count=count, **where)
            for score, count in histogram.items()
        )

    return put
