"""The audit log: who saw, exported or changed what."""

from __future__ import annotations

from typing import Any

from regulars.core.models import AuditEntry
from regulars.core.moments import Actor


def note(
    action: str,
    *,
    by: Actor | None,
    subject: str = "",
    device_id: int | None = None,
    **details: Any,
) -> AuditEntry:
    """Append one line, in the caller's transaction.

    `action` is `package.verb_noun`, `subject` names a row as `model:public_id`. Details hold
    facts, never a person's name or address.
    """
    return AuditEntry.objects.create(
        action=action,
        staff_id=None if by is None else by.pk,
        device_id=device_id,
        subject=subject,
        details=details,
    )
