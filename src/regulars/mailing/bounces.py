"""What comes back: bounces, complaints and deliveries, each read once, from any source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message as MailPart
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from regulars.core import moments
from regulars.customers.models import ContactPoint
from regulars.mailing.addresses import address_hash, normalised, one_line
from regulars.mailing.models import Message, ProviderEvent, Reason, State, Suppression
from regulars.mailing.moments import MessageBounced

# RFC 3463: 5.1.x the address, 5.2.1 mailbox disabled, 5.4.4 no route to its host.
_ADDRESS_FAULTS = re.compile(r"5\.1\.(?!8|9)\d+|5\.2\.1|5\.4\.4|5\.4\.310")
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPORT_LIMIT = 2_000_000


class Kind(StrEnum):
    """What an event says."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    DEFERRED = "deferred"


@dataclass(frozen=True)
class Event:
    """One thing a provider or a bounce mail says about a message of ours.

    `key` is the provider's own number of the event, so that a repeated one changes nothing.
    """

    kind: Kind
    key: str
    message_id: str = ""
    address: str = ""
    is_permanent: bool = True
    detail: str = ""
    happened_at: datetime | None = None


def is_address_fault(enhanced: str) -> bool:
    """Whether a status code (RFC 3463) says that the address itself does not work."""
    return _ADDRESS_FAULTS.fullmatch(enhanced) is not None


def apply(event: Event) -> bool:
    """Write what `event` says, once; whether it was new.

    A permanent bounce or a complaint puts the address on the suppression list in the same
    transaction. Events in any order end in the same state: a complaint or bounce outweighs
    “delivered”, and only a message that was handed over can change by one.
    """
    with transaction.atomic():
        message = _message_of(event)
        seen = ProviderEvent(key=event.key[:120], kind=event.kind, message=message)
        if ProviderEvent.objects.filter(key=seen.key).exists():
            return False
        seen.save(force_insert=True)
        address = message.to_address if message else event.address
        if event.kind is Kind.DELIVERED and message is not None:
            _delivered(message)
        elif event.kind is Kind.BOUNCED and event.is_permanent:
            _came_back(message, detail=event.detail, complaint=False)
            _suppress(address, Suppression.Kind.BOUNCED, event.detail)
        elif event.kind is Kind.COMPLAINED:
            _came_back(message, detail=event.detail, complaint=True)
            _suppress(address, Suppression.Kind.COMPLAINED, event.detail)
        elif event.kind is Kind.UNSUBSCRIBED:
            _suppress(address, Suppression.Kind.UNSUBSCRIBED, event.detail)
        return True


def suppress_bounced(message: Message, *, detail: str) -> None:
    """The mail server itself said at hand-over that the address does not exist."""
    with transaction.atomic():
        _suppress(message.to_address, Suppression.Kind.BOUNCED, detail)
        _note_moment(message, complaint=False)


def _message_of(event: Event) -> Message | None:
    if not event.message_id:
        return None
    wanted = f"<{event.message_id.strip().strip('<>')}>"
    return Message.objects.filter(message_id=wanted).first()


def _delivered(message: Message) -> None:
    Message.objects.filter(
        pk=message.pk, state__in=(State.SENDING, State.SENT, State.UNKNOWN)
    ).update(state=State.DELIVERED, reason=Reason.NONE, lease_until=None, settled_at=timezone.now())


def _came_back(message: Message | None, *, detail: str, complaint: bool) -> None:
    if message is None:
        return
    changed = Message.objects.filter(
        pk=message.pk, state__in=(State.SENDING, State.SENT, State.UNKNOWN, State.DELIVERED)
    ).update(
        state=State.BOUNCED,
        reason=Reason.COMPLAINED if complaint else Reason.ADDRESS_BOUNCED,
        detail=one_line(detail, limit=300),
        lease_until=None,
        settled_at=timezone.now(),
    )
    if changed:
        _note_moment(message, complaint=complaint)


def _note_moment(message: Message, *, complaint: bool) -> None:
    if message.customer_id is not None:
        moments.record(
            MessageBounced(message_id=message.pk, complaint=complaint),
            customer_id=message.customer_id,
        )


def _suppress(address: str, kind: Suppression.Kind, detail: str) -> None:
    if not address:
        return
    Suppression.objects.get_or_create(
        address_hash=address_hash(address),
        kind=kind,
        purpose="",
        defaults={"address": normalised(address), "detail": one_line(detail, limit=300)},
    )
    if kind == Suppression.Kind.UNSUBSCRIBED:
        return
    state = (
        ContactPoint.State.COMPLAINED
        if kind == Suppression.Kind.COMPLAINED
        else ContactPoint.State.BOUNCED
    )
    ContactPoint.objects.filter(
        channel=ContactPoint.Channel.EMAIL, address=normalised(address)
    ).update(state=state)


def read_report(raw: bytes) -> list[Event]:
    """The events of a bounce mail (RFC 3464), empty when it is none or cannot be read.

    Only a report about a message that names our own Message-ID is believed: anybody can send a
    mail that looks like a bounce.
    """
    if len(raw) > _REPORT_LIMIT:
        return []
    mail = message_from_bytes(raw, policy=policy.compat32)
    message_id = _original_message_id(mail)
    if not message_id:
        return []
    return [
        event
        for part in mail.walk()
        if part.get_content_type() == "message/delivery-status"
        for event in _events_of(part, message_id)
    ]


def _events_of(part: MailPart, message_id: str) -> list[Event]:
    events = []
    for fields in part.get_payload() if part.is_multipart() else []:
        if not isinstance(fields, MailPart) or "Action" not in fields:
            continue
        action = str(fields.get("Action", "")).strip().lower()
        status = _ENHANCED.search(str(fields.get("Status", "")))
        code = status.group(1) if status else ""
        kind = {"failed": Kind.BOUNCED, "delivered": Kind.DELIVERED}.get(action, Kind.DEFERRED)
        detail = one_line(str(fields.get("Diagnostic-Code", "")) or code, limit=300)
        events.append(
            Event(
                kind=kind,
                key=f"dsn:{message_id}:{action}:{code}"[:120],
                message_id=message_id,
                is_permanent=is_address_fault(code),
                detail=detail,
            )
        )
    return events


def _original_message_id(mail: MailPart) -> str:
    for part in mail.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            found = _header_of(part)
            if found:
                return found
    return ""


def _header_of(part: MailPart) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        value = inner.get("Message-ID", "") if isinstance(inner, MailPart) else ""
        return str(value).strip()
    text = part.get_payload(decode=True)
    headers = message_from_bytes(text if isinstance(text, bytes) else b"", policy=policy.compat32)
    return str(headers.get("Message-ID", "")).strip()
