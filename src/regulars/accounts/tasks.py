"""Background work of accounts."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone

from regulars.accounts.actions import resets, staff
from regulars.core import crypto, limits
from regulars.core.queue import task
from regulars.core.queue.backend import URGENT


@task(in_transaction=True)
def forget_what_ended() -> None:
    """Delete sessions, their records and counters of limits that are over."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    staff.forget_ended_sessions()
    limits.forget_ended_windows()


@task(in_transaction=True, priority=URGENT)
def send_password_reset(address: str) -> None:
    """Write to an address (encrypted), if somebody signs in with it."""
    resets.send_reset(crypto.decrypt(address))
