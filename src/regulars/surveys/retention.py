"""Who answered is still in touch. When the words of answers go, the inbox says: cases need them."""

from __future__ import annotations

from datetime import datetime

from regulars.customers.keeping import still_in_touch
from regulars.surveys.models import Response


@still_in_touch
def answered(numbers: list[int], since: datetime) -> set[int]:
    """Whoever answered a question."""
    rows = Response.objects.filter(customer__in=numbers, answered_at__gte=since)
    return {number for number in rows.values_list("customer", flat=True) if number}
