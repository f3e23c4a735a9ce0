"""The audit log: who saw, exported or changed what.

Each package says in its `audit_words.py` what its actions are called in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

from regulars.core.models import AuditEntry
from regulars.core.moments import Actor

WORDS: dict[str, Promise] = {}


def say(words: Mapping[str, Promise]) -> None:
    """Register the words of actions. A test sees to it that none is without."""
    WORDS.update(words)


def in_words(action: str) -> str:
    """An action in words; its name where it has none (an older or newer program noted it)."""
    return str(WORDS.get(action, action))


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
