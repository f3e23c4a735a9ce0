"""What the nightly look compares of surveys."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from regulars.core import soundness
from regulars.surveys.models import AnswerCount, Response, Survey


@soundness.check(
    "surveys.counts",
    says=_("The counts behind the scores do not agree with the answers that are stored."),
)
def counts() -> list[str]:
    """The kept histogram holds as many answers of each survey, metric and score as there are.

    Days and places are left out: an answer keeps its day when the zone changes, and its place
    when the place is removed.
    """
    survey_ids = list(Survey.objects.values_list("pk", flat=True))
    stored = (
        Response.objects.filter(is_quarantined=False)
        .values_list("survey_id", "metric", "score")
        .annotate(n=Count("pk"))
        .order_by()
    )
    kept = (
        AnswerCount.objects.filter(survey_id__in=survey_ids)
        .values_list("survey_id", "metric", "score")
        .annotate(n=Sum("count"))
        .order_by()
    )
    there = Counter({(survey, metric, score): n for survey, metric, score, n in stored})
    counted = Counter({(survey, metric, score): n for survey, metric, score, n in kept})
    return [
        f"survey {survey}, {metric}, score {score}: {there[cell]} answers, counted {counted[cell]}"
        for cell in sorted({*there, *counted})
        if there[cell] != counted[cell]
        for survey, metric, score in [cell]
    ]
