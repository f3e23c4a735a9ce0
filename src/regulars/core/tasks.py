"""Background work of core: forgetting what is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from regulars.core import limits
from regulars.core.models import IdempotencyKey
from regulars.core.queue import task
from regulars.core.queue.actions import forget_done
from regulars.core.queue.schedule import forget_old_periods

IDEMPOTENCY_KEPT = timedelta(days=30)


@task(in_transaction=True)
def keep_house() -> None:
    """Delete done jobs, ended counters, old periods, idempotency keys and what cached is over."""
    now = timezone.now()
    forget_done(now)
    limits.forget_ended_windows()
    forget_old_periods(now)
    IdempotencyKey.objects.filter(created_at__lt=now - IDEMPOTENCY_KEPT).delete()
    _forget_cached(now)


def _forget_cached(now: datetime) -> None:
    """Django's cache deletes what has run out only when it is full."""
    ended = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_cache WHERE expires < %s", [ended])
