"""Django's mail goes through the outbox, so that nothing is sent outside the queue."""

from __future__ import annotations

from django.core.mail.backends.locmem import EmailBackend


class OutboxBackend(EmailBackend):
    """In memory until the outbox table stands."""
