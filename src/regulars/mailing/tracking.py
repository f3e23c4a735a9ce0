"""What mail providers report (through anymail) becomes events of ours."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from regulars.mailing import bounces
from regulars.mailing.bounces import Event, Kind

_KINDS: dict[str, Kind] = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.BOUNCED: Kind.BOUNCED,
    EventType.REJECTED: Kind.BOUNCED,
    EventType.COMPLAINED: Kind.COMPLAINED,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
    EventType.DEFERRED: Kind.DEFERRED,
}
_PERMANENT = {None, RejectReason.BOUNCED, RejectReason.INVALID}


def receive(sender: object, event: AnymailTrackingEvent, esp_name: str, **_: object) -> None:
    """Anymail's signal `tracking`: the webhook's signature has been checked by then."""
    read = event_of(event, esp_name)
    if read is not None:
        bounces.apply(read)


def event_of(event: AnymailTrackingEvent, esp_name: str) -> Event | None:
    """`event` in our terms; None for what does not concern delivery (opens, clicks)."""
    kind = _KINDS.get(event.event_type)
    if kind is None:
        return None
    return Event(
        kind=kind,
        key=f"{esp_name}:{event.event_id or _digest(event)}",
        message_id=_our_message_id(event),
        address=event.recipient or "",
        is_permanent=event.reject_reason in _PERMANENT,
        detail=event.mta_response or event.description or "",
        happened_at=event.timestamp,
    )


def _our_message_id(event: AnymailTrackingEvent) -> str:
    """The Message-ID that we made; providers that were reached by SMTP report it in own places."""
    raw: Any = event.esp_event if isinstance(event.esp_event, dict) else {}
    headers = raw.get("mail", {}).get("commonHeaders", {}) if isinstance(raw, dict) else {}
    for found in (raw.get("smtp-id"), headers.get("messageId"), event.message_id):
        if isinstance(found, str) and "@" in found:
            return found
    return ""


def _digest(event: AnymailTrackingEvent) -> str:
    """A number for an event that the provider did not number: the same report, the same number."""
    told = [event.event_type, event.message_id, event.recipient, str(event.timestamp)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:40]
