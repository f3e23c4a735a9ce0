"""Who holds a voucher that can still be used is not forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from regulars.customers.keeping import still_in_touch
from regulars.rewards.models import Voucher


@still_in_touch
def holds_a_voucher(numbers: list[int], since: datetime) -> set[int]:
    """Whoever was given a voucher since then, or has one that has not run out."""
    rows = Voucher.objects.filter(customer__in=numbers)
    rows = rows.filter(Q(created_at__gte=since) | Q(expires_at__gt=timezone.now()))
    return {number for number in rows.values_list("customer", flat=True) if number}
