"""What of the customers' own rows grows old."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from regulars.core.models import Moment
from regulars.customers.keeping import Kept, Kind, keep, still_in_touch
from regulars.customers.models import Consent, Purchase

keep(
    Kept(Kind.PURCHASES, Purchase, "purchased_at", "customer", ("customer",)),
    Kept(Kind.HISTORY, Moment, "happened_at", "customer_id", among=Q(customer_id__isnull=False)),
)


@still_in_touch
def bought_or_agreed(numbers: list[int], since: datetime) -> set[int]:
    """Whoever bought something, or said yes or no to something."""
    bought = Purchase.objects.filter(customer__in=numbers, purchased_at__gte=since)
    chose = Consent.objects.filter(customer__in=numbers, happened_at__gte=since)
    return {*bought.values_list("customer", flat=True), *chose.values_list("customer", flat=True)}
