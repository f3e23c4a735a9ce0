"""Background work of core: forgetting what is over."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from regulars.core import limits
from regulars.core.models import IdempotencyKey
from regulars.core.queue import task
from regulars.core.queue.actions import forget_done
from regulars.core.queue.schedule import forget_old_periods

IDEMPOTENCY_KEPT = timedelta(days=30)


@task(in_transaction=True)
def keep_house() -> None:
    """Delete done jobs, ended counters, old periods and idempotency keys."""
    now = timezone.now()
    forget_done(now)
    limits.forget_ended_windows()
    forget_old_periods(now)
    IdempotencyKey.objects.filter(created_at__lt=now - IDEMPOTENCY_KEPT).delete()
