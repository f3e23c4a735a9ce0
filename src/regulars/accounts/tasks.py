"""Background work of accounts."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone

from regulars.accounts.actions import staff
from regulars.core import limits
from regulars.core.queue import task


@task(in_transaction=True)
def forget_what_ended() -> None:
    """Delete sessions, their records and counters of limits that are over."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    staff.forget_ended_sessions()
    limits.forget_ended_windows()
