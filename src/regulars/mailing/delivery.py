"""Delivery: claims due messages one at a time and hands them to the mail server.

Four committed steps, so that a crash between any two of them is seen:

1. claim: a conditional UPDATE sets a lease; a worker that dies after it loses only time;
2. MAIL FROM and RCPT TO, outside any transaction; what fails here was certainly not sent;
3. `sending` is committed together with the checks of hand-off and the consent they found;
4. DATA, then `sent` on 250. A worker that dies between 3 and 4 leaves `sending` behind; once its
   lease has run out the message becomes `unknown` and is never sent again by itself.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from regulars.business import queries as business
from regulars.core import installation, moments
from regulars.core.faults import crash_point
from regulars.core.ids import new_token, token_hash
from regulars.core.queue.worker import worker_name
from regulars.customers.models import Customer
from regulars.mailing import bounces, links, logo, mime, queries
from regulars.mailing.addresses import address_hash, one_line
from regulars.mailing.checks import Go, Hold, Later, Skip, Verdict, verdict
from regulars.mailing.models import (
    Message,
    MessageQuerySet,
    Purpose,
    Reason,
    SendingRules,
    State,
    UnsubscribeLink,
)
from regulars.mailing.moments import MessageSent
from regulars.mailing.server import Server, UnreadableServerError, sender_address, the_server
from regulars.mailing.transport import (
    AmbiguousError,
    Connection,
    ConnectionLostError,
    RefusedError,
    ServerUnreachableError,
)

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
RETRY_SECONDS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
_LOOK_AT = 8
_RETRY_SPREAD = 0.2


@dataclass
class Outcome:
    """What one run did: how many messages were handed over, and whether more are due."""

    sent: int = 0
    looked_at: int = 0
    more: bool = False


@dataclass(frozen=True)
class Claim:
    """A message that this worker holds; `attempt` tells this claim from any other."""

    message: Message
    worker: str
    attempt: int


def deliver(*, limit: int = 200, seconds: float = 20.0) -> Outcome:
    """Hand over due messages over one connection, the most urgent first, until none is due.

    Ends after `limit` messages or `seconds`, so that other work gets its turn. Looking writes
    nothing when there is nothing to do.
    """
    outcome = Outcome()
    settle_abandoned(timezone.now())
    server = _ready_server()
    if server is None or not _is_due():
        return outcome
    worker = worker_name()
    until = timezone.now() + timedelta(seconds=seconds)
    try:
        with Connection(server) as connection:
            _note_server("")
            while outcome.looked_at < limit and timezone.now() < until:
                crash_point("mailing.before_claim")
                claim = claim_next(worker)
                if claim is None:
                    return outcome
                outcome.looked_at += 1
                outcome.sent += _deliver_one(claim, connection)
    except ServerUnreachableError as error:
        _note_server(str(error))
        return outcome
    except ConnectionLostError as error:
        log.warning("The mail server closed the connection: %s", error)
    outcome.more = _is_due()
    return outcome


def claim_next(worker: str) -> Claim | None:
    """Take the most urgent due message by a conditional UPDATE, or None.

    Where two workers look at the same row, one row count is 0.
    """
    now = timezone.now()
    leaving = Message.objects.filter(purpose__in=_purposes_that_leave())
    for message in leaving.claimable(now)[:_LOOK_AT]:
        taken = Message.objects.filter(
            pk=message.pk,
            state=State.QUEUED,
            attempts=message.attempts,
            lease_until=message.lease_until,
        ).update(worker=worker, attempts=F("attempts") + 1, lease_until=now + LEASE)
        if taken:
            message.refresh_from_db()
            crash_point("mailing.after_claim")
            return Claim(message, worker, message.attempts)
    return None


def settle_abandoned(now: datetime) -> int:
    """Messages whose worker vanished during the hand-over become `unknown`; how many."""
    abandoned = Message.objects.filter(state=State.SENDING, lease_until__lt=now)
    if not abandoned.exists():
        return 0
    return abandoned.update(
        state=State.UNKNOWN, reason=Reason.WORKER_LOST, lease_until=None, settled_at=now
    )


def _ready_server() -> Server | None:
    """The server, when there is one and sending is on; else the waiting messages say why."""
    leaving = _purposes_that_leave()
    _hold_queued(Reason.PAUSED, frozenset(Purpose) - leaving)
    release_held(Reason.PAUSED, leaving)
    if not leaving:
        return None
    try:
        server = the_server()
    except UnreadableServerError as error:
        _note_server(str(error))
        server = None
    if server is None or not sender_address():
        _hold_queued(Reason.NO_SERVER, leaving)
        return None
    release_held(Reason.NO_SERVER, leaving)
    return server


def _purposes_that_leave() -> frozenset[Purpose]:
    """Why a message must be written to go out now.

    While somebody has switched sending off, and in the demo company, only what opens an account
    does: new passwords and invitations. A restored copy sends nothing at all.
    """
    rules = queries.the_rules()
    is_copy = rules.pause_reason == SendingRules.PauseReason.RESTORED
    if is_copy or not installation.sending_allowed():
        return frozenset()
    if rules.paused_since is not None or business.the_business().is_demo:
        return frozenset({Purpose.SIGN_IN})
    return frozenset(Purpose)


def _hold_queued(reason: Reason, purposes: frozenset[Purpose]) -> None:
    waiting = Message.objects.filter(
        state=State.QUEUED, due_at__lte=timezone.now(), lease_until__isnull=True
    ).filter(purpose__in=purposes)
    if waiting.exists():
        waiting.update(state=State.HELD, reason=reason)


def release_held(reason: Reason, purposes: frozenset[Purpose]) -> int:
    """Messages of these purposes that waited for `reason` alone are queued again; how many."""
    held = Message.objects.filter(state=State.HELD, reason=reason, purpose__in=purposes)
    if not held.exists():
        return 0
    return held.update(state=State.QUEUED, reason=Reason.NONE)


def _is_due() -> bool:
    return Message.objects.claimable(timezone.now()).exists()


def _note_server(error: str) -> None:
    """Keep what went wrong with the server for the settings page; empty when it works."""
    rules = queries.the_rules()
    if rules.server_error == error:
        return
    at = timezone.now() if error else None
    SendingRules.objects.update_or_create(
        pk=1, defaults={"server_error": error, "server_error_at": at}
    )
    if error:
        log.warning("The mail server cannot be used: %s", error)


def _deliver_one(claim: Claim, connection: Connection) -> int:
    """1 when it was handed over. Raises ConnectionLostError when the connection is of no use.

    A fault of ours with one message is logged and holds up no other: the message is tried again
    as when the server says no for now, and given up as late. One that was begun to be handed over
    stays as it is and becomes `unknown`.
    """
    try:
        return _tried(claim, connection)
    except (ConnectionLostError, ServerUnreachableError):
        raise
    except Exception as error:
        log.exception("Message %s could not be sent", claim.message.public_id)
        if not _held(claim).exists():
            raise ConnectionLostError("a fault while a message was handed over") from error
        _retry(claim, detail=type(error).__name__, reason=Reason.FAULT, at_last=Reason.FAULT)
        connection.reset()
        return 0


def _tried(claim: Claim, connection: Connection) -> int:
    message = claim.message
    found = verdict(message, now=timezone.now())
    if not isinstance(found, Go):
        _put_aside(claim, found)
        return 0
    token = new_token()
    try:
        content = _content(message, token)
        to = mime.wire_address(message.to_address)
        connection.announce(mime.wire_address(sender_address()), to)
        crash_point("mailing.before_data")
    except mime.HeaderError as error:
        _settle(claim, State.SKIPPED, Reason.BAD_HEADER, detail=str(error))
        return 0
    except RefusedError as error:
        _refused(claim, error, connection)
        return 0
    except ConnectionLostError:
        _retry(claim, detail="")
        raise
    if not _begin_sending(claim, token):
        connection.reset()
        return 0
    return _hand_over(claim, connection, content)


def _begin_sending(claim: Claim, token: str) -> bool:
    """Commit `sending` with the checks repeated, the consent found and the unsubscribe link."""
    with transaction.atomic():
        message = claim.message
        if message.customer_id is not None:
            # Two messages to one customer are weighed one after the other (SQLite: IMMEDIATE).
            list(Customer.objects.select_for_update().filter(pk=message.customer_id))
        now = timezone.now()
        found = verdict(message, now=now)
        if not isinstance(found, Go):
            _put_aside(claim, found)
            return False
        begun = _held(claim).update(
            state=State.SENDING,
            reason=Reason.NONE,
            detail="",
            consent=found.consent,
            sent_at=now,
            lease_until=now + LEASE,
        )
        if begun and message.needs_consent:
            UnsubscribeLink.objects.create(
                token_hash=token_hash(token),
                customer=message.customer,
                address_hash=address_hash(message.to_address),
                channel=message.channel,
                purpose=message.purpose,
                language=message.language,
            )
        return bool(begun)


def _hand_over(claim: Claim, connection: Connection, content: bytes) -> int:
    try:
        answer = connection.hand_over(content)
    except AmbiguousError as error:
        _settle(claim, State.UNKNOWN, Reason.WORKER_LOST, detail=str(error), by=State.SENDING)
        raise ConnectionLostError(str(error)) from error
    except ConnectionLostError:
        _back_to_queue(claim)
        raise
    except RefusedError as error:
        _back_to_queue(claim)
        _refused(claim, error, connection)
        return 0
    crash_point("mailing.before_commit")
    _sent(claim, answer)
    return 1


def _sent(claim: Claim, answer: str) -> None:
    message = claim.message
    with transaction.atomic():
        kept = {"html": "", "text": ""} if message.is_hidden else {}
        done = (
            Message.objects.filter(
                pk=message.pk,
                attempts=claim.attempt,
                worker=claim.worker,
                state__in=(State.SENDING, State.UNKNOWN),
            )
        ).update(
            state=State.SENT,
            reason=Reason.NONE,
            detail=one_line(answer, limit=300),
            lease_until=None,
            settled_at=timezone.now(),
            **kept,
        )
        if done and message.customer_id is not None:
            moments.record(
                MessageSent(
                    message_id=message.pk, purpose=message.purpose, channel=message.channel
                ),
                customer_id=message.customer_id,
            )


def _refused(claim: Claim, error: RefusedError, connection: Connection) -> None:
    """Put the message right, and keep the connection where it can still be used."""
    if error.is_temporary or error.step == "mail":
        # A sender that is refused is a matter of the settings, not of this recipient.
        _retry(claim, detail=error.reply)
        if error.step == "mail":
            _note_server(error.reply)
    elif bounces.is_address_fault(error.enhanced) and error.step == "rcpt":
        _settle(claim, State.BOUNCED, Reason.ADDRESS_BOUNCED, detail=error.reply)
        bounces.suppress_bounced(claim.message, detail=error.reply)
    else:
        _settle(claim, State.FAILED, Reason.REFUSED, detail=error.reply)
    if error.closes or error.step == "mail":
        raise ConnectionLostError(error.reply)
    connection.reset()


def _put_aside(claim: Claim, found: Verdict) -> None:
    match found:
        case Skip(reason):
            _settle(claim, State.SKIPPED, reason)
        case Hold(reason):
            _settle(claim, State.HELD, reason)
        case Later(reason, until):
            _held(claim).update(
                due_at=until,
                reason=reason,
                lease_until=None,
                worker="",
                attempts=F("attempts") - 1,
            )
        case Go():
            raise AssertionError("a message that may go is not put aside")


def _settle(
    claim: Claim,
    state: State,
    reason: Reason,
    *,
    detail: str = "",
    by: State = State.QUEUED,
) -> None:
    _held(claim, state=by).update(
        state=state,
        reason=reason,
        detail=one_line(detail, limit=300),
        lease_until=None,
        settled_at=timezone.now(),
    )


def _back_to_queue(claim: Claim) -> None:
    """It was certainly not taken: the hand-over is undone, the claim stays."""
    _held(claim, state=State.SENDING).update(state=State.QUEUED, sent_at=None)


def _retry(
    claim: Claim,
    *,
    detail: str,
    reason: Reason = Reason.RETRY,
    at_last: Reason = Reason.GAVE_UP,
) -> None:
    """Queue it again after a pause that grows, with up to a fifth more at random."""
    if claim.attempt > len(RETRY_SECONDS):
        _settle(claim, State.FAILED, at_last, detail=detail)
        return
    pause = RETRY_SECONDS[claim.attempt - 1] * random.uniform(1, 1 + _RETRY_SPREAD)  # noqa: S311
    due_at = timezone.now() + timedelta(seconds=pause)
    _held(claim).update(
        due_at=due_at,
        reason=reason,
        detail=one_line(detail, limit=300),
        lease_until=None,
        worker="",
    )


def _held(claim: Claim, *, state: State = State.QUEUED) -> MessageQuerySet:
    return Message.objects.filter(
        pk=claim.message.pk, state=state, worker=claim.worker, attempts=claim.attempt
    )


def _content(message: Message, token: str) -> bytes:
    """The bytes of the message with the recipient's own links. Raises HeaderError."""
    envelope = mime.Envelope(
        sender=sender_address(),
        sender_name=business.the_business().name,
        to=message.to_address,
        to_name=message.to_name,
        subject=message.subject,
        message_id=message.message_id,
        date=timezone.now(),
        reply_to=message.reply_to,
        in_reply_to=message.in_reply_to,
        unsubscribe=(
            links.unsubscribe_url(token)
            if message.needs_consent and links.served_over_https()
            else ""
        ),
        is_automatic=message.purpose != Purpose.SERVICE,
    )
    return mime.as_bytes(
        envelope,
        text=links.with_personal_links(message.text, token),
        html=links.with_personal_links(message.html, token),
        pictures=logo.pictures_in(message.html),
    )
