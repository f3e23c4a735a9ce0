"""Everything that writes to the outbox, the suppression list and the sending rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business import queries as business
from regulars.business.models import Business
from regulars.core import audit, installation, moments, queue
from regulars.core.crypto import also_reencrypt, encrypt, rotated
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.core.keys import search_key
from regulars.core.links import works_elsewhere
from regulars.core.queue.backend import task_named
from regulars.customers.models import Consent, ContactPoint, Customer
from regulars.mailing import bounces, emails, links, mentions, queries, server
from regulars.mailing.addresses import (
    address_hash,
    is_usable,
    normalised,
    one_line,
    sendable,
)
from regulars.mailing.content import Content, Rendered
from regulars.mailing.logo import logo_of
from regulars.mailing.mentions import About
from regulars.mailing.models import (
    CONSENT_NEEDED,
    PRIORITIES,
    Channel,
    Message,
    Purpose,
    Reason,
    SendingRules,
    State,
    Suppression,
    UnsubscribeLink,
)
from regulars.mailing.moments import MessageSent, Unsubscribed
from regulars.mailing.render import Foot, Look, render

DELIVER = "regulars.mailing.tasks.deliver_due"


class MessageMovedOnError(DomainError):
    """The message is no longer in a state in which this can be done."""

    code = "message_moved_on"

    def __init__(self) -> None:
        super().__init__(_("This message has moved on meanwhile. Please look at it again."))


def queue_message(
    content: Content,
    *,
    key: str,
    purpose: Purpose,
    customer: Customer | None = None,
    to: str = "",
    to_name: str = "",
    staff: Staff | None = None,
    language: str = "",
    due_at: datetime | None = None,
    reply_to: str = "",
    in_reply_to: str = "",
    about: Iterable[About] = (),
    by: Staff | None = None,
) -> Message:
    """Put one e-mail into the outbox; the one already there when `key` was queued before.

    `content` is written in `language` (default: `queries.language_for(customer)`); head and foot
    are added in it. `to` defaults to the customer's e-mail address. Written in the caller's
    transaction. `about` says of which customers a message to staff speaks. The row is never
    refused: where it cannot go out it is `skipped` or `held` with a reason. Consent, pauses,
    suppression and the rest are checked at hand-off, not here.
    """
    language = language or (staff.language if staff else "") or queries.language_for(customer)
    rendered = render(
        content, language=language, look=the_look(), foot=the_foot(purpose, language, content)
    )
    address = to.strip() or _own_address(customer, staff)
    name = to_name or (staff.name if staff else "") or _name_of(customer)
    return _insert(
        rendered,
        key=key,
        purpose=purpose,
        customer=customer,
        staff_id=None if staff is None else staff.pk,
        sent_by_id=None if by is None else by.pk,
        to_address=address,
        to_name=one_line(name),
        reply_to=reply_to if is_usable(reply_to) else "",
        in_reply_to=in_reply_to,
        language=language,
        due_at=due_at or timezone.now(),
        has_links=content.has_links,
        about=about,
    )


def preview(content: Content, *, purpose: Purpose, language: str) -> Rendered:
    """How `content` would arrive, without writing anything."""
    return render(
        content, language=language, look=the_look(), foot=the_foot(purpose, language, content)
    )


def the_look() -> Look:
    """Name, logo, colour and postal address of the business for head and foot."""
    profile = business.the_business()
    colour = {"colour": profile.colour} if profile.colour else {}
    return Look(
        name=profile.name or "Regulars",
        postal_address=profile.postal_address,
        logo=logo_of(profile.logo),
        **colour,
    )


def the_foot(purpose: Purpose, language: str, content: Content) -> Foot:
    """What stands below a message of this purpose."""
    with translation.override(language):
        why = emails.why_written(purpose)
    needs_consent = purpose in CONSENT_NEEDED
    return Foot(
        why=why,
        can_unsubscribe=needs_consent,
        works_here_only=(needs_consent or content.has_links) and not works_elsewhere(),
    )


def queue_rendered(
    rendered: Rendered,
    *,
    key: str,
    purpose: Purpose,
    to: str,
    language: str,
    reply_to: str = "",
    is_hidden: bool = False,
) -> Message:
    """Put mail that a library wrote into the outbox (sign-in mail comes this way)."""
    return _insert(
        rendered,
        key=key,
        purpose=purpose,
        to_address=to.strip(),
        reply_to=reply_to if is_usable(reply_to) else "",
        language=language,
        is_hidden=is_hidden,
        due_at=timezone.now(),
    )


def _insert(
    rendered: Rendered,
    *,
    key: str,
    purpose: Purpose,
    about: Iterable[About] = (),
    **fields: Any,
) -> Message:
    known = Message.objects.filter(key=key).first()
    if known is not None:
        return known
    public_id = new_token()
    state, reason = _first_state(fields["to_address"])
    # What cannot be an address is shown in the list, without what a database would not take.
    fields["to_address"] = one_line(fields["to_address"], limit=320)
    message = Message(
        public_id=public_id,
        key=key,
        purpose=purpose,
        priority=PRIORITIES[purpose],
        subject=one_line(rendered.subject, limit=300),
        html=sendable(rendered.html),
        text=sendable(rendered.text),
        message_id=f"<{public_id}@{links.mail_domain(server.sender_address())}>",
        state=state,
        reason=reason,
        settled_at=timezone.now() if state == State.SKIPPED else None,
        search_key=search_key(
            fields.get("to_name", ""), fields["to_address"], one_line(rendered.subject)
        ),
        **fields,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    stored = Message.objects.get(key=key)
    if stored.public_id == public_id:
        mentions.note(stored, about)
    if stored.state == State.QUEUED:
        transaction.on_commit(wake)
    return stored


def _first_state(address: str) -> tuple[State, Reason]:
    if not address:
        return State.SKIPPED, Reason.NO_ADDRESS
    if not is_usable(address):
        return State.SKIPPED, Reason.BAD_ADDRESS
    return State.QUEUED, Reason.NONE


def _own_address(customer: Customer | None, staff: Staff | None) -> str:
    if customer is not None:
        return queries.email_address(customer).strip()
    return (staff.email or "") if staff is not None else ""


def _name_of(customer: Customer | None) -> str:
    if customer is None:
        return ""
    if customer.kind == Customer.Kind.COMPANY:
        return customer.company
    names = [customer.given_name, customer.family_name]
    if (customer.language or business.the_business().language) == "hu":
        names.reverse()
    return " ".join(name for name in names if name)


def wake() -> None:
    """Have the worker deliver within about a second; many messages need it only once.

    The job of a second is due when that second is over, so it sees all that was queued in it.
    Should this be lost in a crash, the schedule's own run each minute finds the message.
    """
    second = int(timezone.now().timestamp())
    due_at = datetime.fromtimestamp(second + 1, tz=timezone.now().tzinfo)
    queue.add(task_named(DELIVER), {}, key=f"mailing.deliver:{second}", due_at=due_at)


def record_sent_by_hand(
    text: str,
    *,
    key: str,
    purpose: Purpose,
    customer: Customer,
    by: Staff,
    channel: Channel = Channel.HAND,
    address: str = "",
    language: str = "",
    sent_at: datetime | None = None,
) -> Message:
    """Record that `by` sent these words themselves: the phone's share sheet, or by post.

    Idempotent by `key`. Nothing is sent from here, and no consent is claimed.
    """
    with transaction.atomic():
        now = sent_at or timezone.now()
        subject = one_line(text, limit=120)
        public_id = new_token()
        message = Message(
            public_id=public_id,
            key=key,
            channel=channel,
            purpose=purpose,
            customer=customer,
            sent_by_id=by.pk,
            to_address=one_line(address, limit=320),
            to_name=one_line(_name_of(customer)),
            language=language or queries.language_for(customer),
            subject=subject,
            text=sendable(text),
            message_id=f"<{public_id}@hand.invalid>",
            state=State.SENT,
            sent_at=now,
            settled_at=now,
            due_at=now,
            search_key=search_key(_name_of(customer), address, subject),
        )
        if Message.objects.filter(key=key).exists():
            return Message.objects.get(key=key)
        message.save(force_insert=True)
        moments.record(
            MessageSent(message_id=message.pk, purpose=purpose, channel=channel),
            customer_id=customer.pk,
            by=by,
        )
        return message


# --- What a person does with a message ---------------------------------------------------------


def hold(message: Message, *, by: Staff) -> Message:
    """Keep a waiting message back. Raises MessageMovedOnError."""
    return _move(
        message, (State.QUEUED,), state=State.HELD, reason=Reason.BY_PERSON, by=by, done="hold"
    )


def release(message: Message, *, by: Staff) -> Message:
    """Send a held message after all: `by` confirms it although it is late or has no public link.

    Consent, pauses and the suppression list are still checked at hand-off. Raises
    MessageMovedOnError.
    """
    now = timezone.now()
    released = _move(
        message,
        (State.HELD,),
        state=State.QUEUED,
        reason=Reason.NONE,
        confirmed_at=now,
        due_at=max(now, message.due_at),
        by=by,
        done="release",
    )
    transaction.on_commit(wake)
    return released


def cancel(message: Message, *, by: Staff | None) -> Message:
    """A message that has not gone out never will. Raises MessageMovedOnError."""
    return _move(
        message,
        (State.QUEUED, State.HELD),
        state=State.CANCELLED,
        reason=Reason.NONE,
        settled_at=timezone.now(),
        by=by,
        done="cancel",
    )


def send_again(message: Message, *, by: Staff) -> Message:
    """A person's word that a message which perhaps arrived, or failed, is to be sent once more.

    The same row and Message-ID, so that a mail program can tell it is the same message.
    Raises MessageMovedOnError.
    """
    now = timezone.now()
    again = _move(
        message,
        (State.UNKNOWN, State.FAILED),
        state=State.QUEUED,
        reason=Reason.NONE,
        confirmed_at=now,
        due_at=now,
        sent_at=None,
        by=by,
        done="send_again",
    )
    transaction.on_commit(wake)
    return again


def it_arrived(message: Message, *, by: Staff) -> Message:
    """A person's word that a message which was perhaps sent did arrive. Raises as above."""
    return _move(
        message,
        (State.UNKNOWN,),
        state=State.DELIVERED,
        reason=Reason.NONE,
        settled_at=timezone.now(),
        by=by,
        done="it_arrived",
    )


def _move(
    message: Message, allowed: tuple[State, ...], *, by: Staff | None, done: str, **changes: Any
) -> Message:
    with transaction.atomic():
        # A row that a worker holds right now is left to it.
        moved = Message.objects.filter(
            pk=message.pk, state__in=allowed, lease_until__isnull=True
        ).update(**changes)
        if not moved:
            raise MessageMovedOnError
        audit.note(f"mailing.{done}", by=by, subject=f"message:{message.public_id}")
        message.refresh_from_db()
        return message


# --- Leaving -----------------------------------------------------------------------------------


def unsubscribe(link: UnsubscribeLink, *, evidence: str) -> int:
    """End all messages that need consent on the link's channel; how many purposes were changed.

    In one transaction: a withdrawn consent per purpose for the customer (who may be erased by
    now) and the address on the suppression list. Repeating it changes nothing.
    """
    now = timezone.now()
    with transaction.atomic():
        __, is_new = Suppression.objects.get_or_create(
            address_hash=link.address_hash,
            kind=Suppression.Kind.UNSUBSCRIBED,
            purpose="",
            defaults={"since": now},
        )
        customer = queries.survivor(link.customer) if link.customer else None
        if customer is None or customer.erased_at is not None:
            return int(is_new)
        wanted = [
            choice.purpose
            for choice in queries.choices_of(customer, channel=link.channel)
            if choice.wanted or _has_unconfirmed(customer, link.channel, choice.purpose)
        ]
        if not is_new:
            _suppress_again(link, now)
        for purpose in wanted:
            _withdraw(customer, link, purpose, evidence=evidence, at=now)
        if wanted or is_new:
            moments.record(
                Unsubscribed(channel=link.channel, purposes=tuple(wanted)), customer_id=customer.pk
            )
        return len(wanted)


def _has_unconfirmed(customer: Customer, channel: str, purpose: Consent.Purpose) -> bool:
    record = queries.newest_consent(customer, channel=channel, purpose=purpose)
    return record is not None and record.given


def _suppress_again(link: UnsubscribeLink, now: datetime) -> None:
    """Somebody who had agreed anew and leaves again: the entry counts from now on."""
    Suppression.objects.filter(
        address_hash=link.address_hash, kind=Suppression.Kind.UNSUBSCRIBED, purpose=""
    ).update(since=now)


def _withdraw(
    customer: Customer,
    link: UnsubscribeLink,
    purpose: Consent.Purpose,
    *,
    evidence: str,
    at: datetime,
) -> None:
    _append_consent(
        customer,
        link,
        purpose,
        given=False,
        basis=Consent.Basis.WITHDRAWN,
        wording="",
        evidence=evidence,
        at=at,
    )


def _append_consent(
    customer: Customer,
    link: UnsubscribeLink,
    purpose: Consent.Purpose,
    *,
    given: bool,
    basis: Consent.Basis,
    wording: str,
    evidence: str,
    at: datetime,
    language: str = "",
) -> None:
    """One record for the survivor and for every row merged into it: an unmerge forgets nothing."""
    Consent.objects.bulk_create(
        Consent(
            customer_id=number,
            channel=link.channel,
            purpose=purpose,
            basis=basis,
            given=given,
            confirmed=True,
            wording=wording,
            language=language or link.language,
            evidence=evidence,
            happened_at=at,
        )
        for number in queries.same_person(customer)
    )


def choose(
    link: UnsubscribeLink,
    *,
    wanted: set[Consent.Purpose],
    wordings: dict[str, str],
    language: str = "",
) -> None:
    """Store what the holder of the link chose on the preference page; only changes are written.

    A purpose chosen is a confirmed consent: the link was sent to this very address. `wordings`
    are the labels the person saw, by purpose, in `language` (default: the link's).
    """
    now = timezone.now()
    customer = queries.survivor(link.customer) if link.customer else None
    if customer is None or customer.erased_at is not None:
        return
    with transaction.atomic():
        ended: list[str] = []
        for choice in queries.choices_of(customer, channel=link.channel):
            if choice.purpose in wanted and not choice.wanted:
                _append_consent(
                    customer,
                    link,
                    choice.purpose,
                    given=True,
                    basis=Consent.Basis.CONSENT,
                    wording=wordings.get(choice.purpose, choice.label),
                    evidence="preference page",
                    at=now,
                    language=language,
                )
            elif choice.purpose not in wanted and choice.wanted:
                _withdraw(customer, link, choice.purpose, evidence="preference page", at=now)
                ended.append(choice.purpose)
        if wanted:
            Suppression.objects.filter(
                address_hash=link.address_hash,
                kind=Suppression.Kind.UNSUBSCRIBED,
                since__gte=now,
            ).update(since=now - timedelta(microseconds=1))
        if ended:
            moments.record(
                Unsubscribed(channel=link.channel, purposes=tuple(ended)), customer_id=customer.pk
            )


# --- Addresses not written to ------------------------------------------------------------------


def bounce(event: bounces.Event) -> bool:
    """Take in what a provider or a bounce mail says; whether it was new."""
    return bounces.apply(event)


def suppress(address: str, *, detail: str, by: Staff) -> Suppression:
    """Never write to `address` again, by a person's decision."""
    with transaction.atomic():
        entry, is_new = Suppression.objects.get_or_create(
            address_hash=address_hash(address),
            kind=Suppression.Kind.BLOCKED,
            purpose="",
            defaults={"address": normalised(address), "detail": one_line(detail, limit=300)},
        )
        if is_new:
            audit.note("mailing.suppress", by=by, subject=f"suppression:{entry.public_id}")
        return entry


class NotOursToLiftError(DomainError):
    """Only the recipient can take back an unsubscription or a complaint."""

    code = "not_ours_to_lift"

    def __init__(self) -> None:
        super().__init__(_("Only the recipient can agree to mail again."))


def lift_suppression(entry: Suppression, *, by: Staff) -> None:
    """Write to a bounced or blocked address again. Raises NotOursToLiftError for the others."""
    if entry.kind not in {Suppression.Kind.BOUNCED, Suppression.Kind.BLOCKED}:
        raise NotOursToLiftError
    with transaction.atomic():
        if entry.kind == Suppression.Kind.BOUNCED and entry.address:
            ContactPoint.objects.filter(
                channel=ContactPoint.Channel.EMAIL,
                address=entry.address,
                state=ContactPoint.State.BOUNCED,
            ).update(state=ContactPoint.State.UNKNOWN)
        entry.delete()
        audit.note("mailing.lift_suppression", by=by, subject=f"suppression:{entry.public_id}")


# --- The mail server and the rules -------------------------------------------------------------


@dataclass(frozen=True)
class RulesWanted:
    """What the settings page sets."""

    quiet_from: time
    quiet_until: time
    week_cap: int
    marketing_gap_days: int
    daily_limit: int
    gradual_since: date | None


def change_rules(wanted: RulesWanted, *, by: Staff) -> SendingRules:
    """Store the sending rules."""
    with transaction.atomic():
        rules, __ = SendingRules.objects.update_or_create(pk=1, defaults=vars(wanted))
        audit.note("mailing.change_rules", by=by)
        return rules


def set_server(wanted: server.Server | None, *, sender: str, by: Staff) -> None:
    """Store the mail server (encrypted) and the sender's address; None takes the server away."""
    with transaction.atomic():
        profile = business.the_business()
        profile.smtp_url = encrypt(wanted.url) if wanted else ""
        profile.mail_from = sender
        if profile.pk is None:
            profile.save(force_insert=True)
        else:
            Business.objects.filter(pk=profile.pk).update(
                smtp_url=profile.smtp_url, mail_from=profile.mail_from
            )
        audit.note("mailing.set_server", by=by)
        transaction.on_commit(wake)


@also_reencrypt
def reencrypt_server() -> int:
    """Move the stored mail server to the newest key; how many values there were."""
    profile = business.the_business()
    if not profile.smtp_url:
        return 0
    return Business.objects.filter(pk=profile.pk).update(smtp_url=rotated(profile.smtp_url))


def pause_sending(reason: SendingRules.PauseReason, *, by: Staff | None) -> None:
    """Send nothing more until somebody resumes it. Restoring a backup calls this too."""
    with transaction.atomic():
        SendingRules.objects.update_or_create(
            pk=1, defaults={"paused_since": timezone.now(), "pause_reason": reason}
        )
        audit.note("mailing.pause_sending", by=by)


def resume_sending(*, by: Staff) -> None:
    """Send again; what waited for this alone is queued again."""
    with transaction.atomic():
        SendingRules.objects.filter(pk=1).update(
            paused_since=None, pause_reason=SendingRules.PauseReason.NONE
        )
        installation.allow_sending(by=by)
        audit.note("mailing.resume_sending", by=by)
        transaction.on_commit(wake)


def send_test_mail(*, to: str, by: Staff) -> Message:
    """Queue a test mail to `to`."""
    return queue_message(
        emails.test_mail(business=business.the_business().name or "Regulars"),
        key=f"test:{new_token()}",
        purpose=Purpose.ALERT,
        to=to,
        language=by.language,
        by=by,
    )
