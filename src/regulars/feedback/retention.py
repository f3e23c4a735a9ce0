"""What of answers, the inbox and the cases grows old. What is not put right yet stays."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from regulars.customers.keeping import Kept, Kind, keep, still_in_touch
from regulars.feedback.models import Case, CaseNote, Feedback
from regulars.surveys.models import Response

_DONE = Q(case=None) | Q(case__state=Case.State.CLOSED)

keep(
    # Scores stay, and so do the results.
    Kept(
        Kind.WORDS,
        Response,
        "answered_at",
        "customer",
        ("comment",),
        Q(feedback=None) | Q(feedback__case=None) | Q(feedback__case__state=Case.State.CLOSED),
    ),
    Kept(
        Kind.WORDS,
        Feedback,
        "said_at",
        "customer",
        (
            *("text", "contact_name", "contact_address", "search_key"),
            *("topics", "urgent", "wishes", "names_praised"),
        ),
        _DONE,
    ),
    Kept(
        Kind.WORDS,
        Case,
        "closed_at",
        "feedback__customer",
        ("what_was_done",),
        Q(state=Case.State.CLOSED),
    ),
    Kept(
        Kind.WORDS,
        CaseNote,
        "created_at",
        "case__feedback__customer",
        ("text",),
        Q(case__state=Case.State.CLOSED),
    ),
)


@still_in_touch
def said(numbers: list[int], since: datetime) -> set[int]:
    """Whoever said something, and whoever waits for something to be put right."""
    lately = Feedback.objects.filter(customer__in=numbers, said_at__gte=since)
    waiting = Feedback.objects.filter(customer__in=numbers, case__isnull=False)
    waiting = waiting.exclude(case__state=Case.State.CLOSED)
    found = {
        *lately.values_list("customer", flat=True),
        *waiting.values_list("customer", flat=True),
    }
    return {number for number in found if number}
