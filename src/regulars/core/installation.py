"""What this installation knows about itself: which copy it is, and whether it may send."""

from __future__ import annotations

from datetime import datetime

from django.db import connections, transaction

from regulars.core import audit
from regulars.core.clock import now
from regulars.core.ids import new_token
from regulars.core.models import InstallationState
from regulars.core.moments import Actor


def ensure(using: str = "default") -> None:
    """Make the state's row where the table exists and has none."""
    with connections[using].cursor() as cursor:
        tables = connections[using].introspection.table_names(cursor)
    if InstallationState._meta.db_table in tables:
        rows = InstallationState.objects.using(using)
        if not rows.exists():
            rows.bulk_create([InstallationState()], ignore_conflicts=True)


def state() -> InstallationState:
    """The state. Raises InstallationState.DoesNotExist before the first migration."""
    return InstallationState.objects.get(pk=1)


def sending_allowed() -> bool:
    """Whether messages may leave. False for a restored copy, and when nobody can tell."""
    return InstallationState.objects.filter(pk=1, sending_allowed=True).exists()


def allow_sending(*, by: Actor | None) -> None:
    """Let a restored copy send; written into the audit log."""
    with transaction.atomic():
        if InstallationState.objects.filter(sending_allowed=False).update(sending_allowed=True):
            audit.note("core.allow_sending", by=by)


def forbid_sending(*, by: Actor | None) -> None:
    """Keep every message back until `allow_sending`; written into the audit log."""
    with transaction.atomic():
        if InstallationState.objects.filter(sending_allowed=True).update(sending_allowed=False):
            audit.note("core.forbid_sending", by=by)


def mark_restored() -> None:
    """This is a copy from now on: another identity, and nothing is sent."""
    with transaction.atomic():
        InstallationState.objects.update(
            instance_id=new_token(), sending_allowed=False, restored_at=now()
        )
        audit.note("core.restore", by=None)


def mark_backed_up(when: datetime) -> None:
    """Note the time of a finished backup, which `/readyz` tells."""
    InstallationState.objects.update(backed_up_at=when)
