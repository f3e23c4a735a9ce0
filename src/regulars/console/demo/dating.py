"""Puts what an action wrote just now onto the day on which it would have happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

from regulars.core import triggers
from regulars.core.models import Moment
from regulars.customers.models import Pause
from regulars.feedback.models import CaseNote, Praise
from regulars.mailing.models import Message
from regulars.outreach.models import Thanks
from regulars.rewards.models import Redemption, Voucher

# The tables whose new rows are moved, with their times.
_TIMES: Final[dict[type[models.Model], tuple[str, ...]]] = {
    Moment: ("created_at", "happened_at"),
    CaseNote: ("created_at",),
    Message: ("created_at", "due_at", "sent_at", "settled_at"),
    Pause: ("created_at", "since", "until"),
    Praise: ("created_at",),
    Thanks: ("created_at", "sent_at"),
    Voucher: ("created_at", "valid_from"),
}


@contextmanager
def dated(when: datetime) -> Iterator[None]:
    """Move the rows written in the block from now to `when`; times that are empty stay so."""
    with transaction.atomic():
        last = {model: _newest(model) for model in _TIMES}
        began = timezone.now()
        yield
        earlier = began - when
        for model, times in _TIMES.items():
            _rows(model).filter(pk__gt=last[model]).update(
                **{name: F(name) - earlier for name in times}
            )


def date_uses(days: dict[int, datetime]) -> None:
    """Date entries of vouchers' use, which nobody but the demo may touch, by their row numbers."""
    with transaction.atomic():
        triggers.remove(connection)
        for number, when in days.items():
            Redemption.objects.filter(pk=number).update(created_at=when)
        triggers.install(connection)


def at_daytime(now: datetime, *, days_ago: int, hours: int = 0) -> datetime:
    """The time of day of `now`, some whole days ago, put between nine and five o’clock UTC."""
    day = now - timedelta(days=days_ago)
    return day.replace(hour=9 + (day.hour + hours) % 8)


def _rows(model: type[models.Model]) -> models.QuerySet[Any]:
    return model._default_manager.order_by()


def _newest(model: type[models.Model]) -> int:
    return int(_rows(model).aggregate(newest=models.Max("pk"))["newest"] or 0)
