"""What of the answers grows old: the words. Scores stay, and so do the results."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from regulars.customers.keeping import Kept, Kind, keep, still_in_touch
from regulars.surveys.models import Response

keep(
    Kept(
        Kind.WORDS,
        Response,
        "answered_at",
        "customer",
        ("comment",),
        Q(feedback=None) | Q(feedback__case=None) | Q(feedback__case__state="closed"),
    )
)


@still_in_touch
def answered(numbers: list[int], since: datetime) -> set[int]:
    """Whoever answered a question."""
    rows = Response.objects.filter(customer__in=numbers, answered_at__gte=since)
    return {number for number in rows.values_list("customer", flat=True) if number}
