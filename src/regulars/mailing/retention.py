"""What of the outbox grows old."""

from __future__ import annotations

from django.db.models import Q

from regulars.customers.keeping import Kept, Kind, keep
from regulars.mailing.models import Message, State

_UNDER_WAY = (State.QUEUED, State.HELD, State.SENDING, State.UNKNOWN)

keep(
    Kept(
        Kind.MESSAGES,
        Message,
        "created_at",
        "customer",
        ("subject", "html", "text", "to_address", "to_name", "reply_to", "detail", "search_key"),
        ~Q(state__in=_UNDER_WAY),
    )
)
