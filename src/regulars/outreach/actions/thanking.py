"""Thanking one customer: by mail at once, by hand and by post when somebody says it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.customers.models import Customer
from regulars.mailing import actions as mailing
from regulars.mailing.content import Content
from regulars.mailing.models import Channel, Purpose
from regulars.outreach import queries, wording
from regulars.outreach.errors import (
    AlreadyOutError,
    JustThankedError,
    NotConfirmedError,
    NotThankedError,
)
from regulars.outreach.models import Thanks, Way
from regulars.outreach.moments import ThanksGiven
from regulars.rewards import codes
from regulars.rewards.actions import vouchers
from regulars.rewards.models import Offer


@dataclass(frozen=True)
class Draft:
    """Thanks as somebody wrote them; subject and text may hold placeholders."""

    occasion: str
    way: str
    language: str
    subject: str
    text: str
    signed_name: str
    signed_title: str = ""
    offer: Offer | None = None


def thank(
    customer: Customer,
    draft: Draft,
    *,
    key: str,
    by: Staff,
    again: bool = False,
    confirmed: bool = False,
) -> Thanks:
    """Thank the customer once for this `key`; the row already there when it was done before.

    Two colleagues at once thank once: whoever comes second within a day is refused with
    JustThankedError, unless they say that it is meant (`again`).

    Gives the voucher, and queues the mail (purpose appreciation: consent and pauses are checked
    again at hand-over) or keeps the words for sending by hand or by post. What speaks against that
    (`queries.doubts`) must be `confirmed`. Raises NotThankedError, NotConfirmedError, the errors of
    giving a voucher, and UnknownPlaceholderError.
    """
    try:
        with transaction.atomic():
            # Held until the thanks are written, so that two of them come one after the other.
            Customer.objects.select_for_update().get(pk=customer.pk)
            known = Thanks.objects.filter(key=key).first()
            if known is not None:
                return known
            if not again and (just := queries.just_thanked(customer)) is not None:
                raise JustThankedError(str(just.given_by))
            return _thank(customer, draft, key, by, confirmed=confirmed)
    except IntegrityError:
        return Thanks.objects.get(key=key)


def _thank(customer: Customer, draft: Draft, key: str, by: Staff, *, confirmed: bool) -> Thanks:
    if why := queries.obstacle(customer, draft.way, with_voucher=draft.offer is not None):
        raise NotThankedError(why)
    doubts = queries.doubts(customer, draft.way)
    if doubts and not confirmed:
        raise NotConfirmedError(doubts[0].label)
    thanks = Thanks(
        customer=customer,
        occasion=draft.occasion,
        way=draft.way,
        language=draft.language,
        subject=wording.filled(draft.subject, customer),
        text=wording.filled(draft.text, customer),
        signed_name=draft.signed_name,
        signed_title=draft.signed_title,
        given_by=by,
        key=key,
        confirmed=" ".join(doubts),
    )
    if draft.offer is not None:
        issued = vouchers.issue(draft.offer, customer, key=f"thanks:{key}", by=by)
        thanks.voucher, thanks.code = issued.voucher, issued.code
    if draft.way == Way.EMAIL:
        _queue(thanks, by)
    # The outbox has the code that was mailed; it is kept here only for printing and sharing.
    if draft.way == Way.EMAIL:
        thanks.code = ""
    thanks.save(force_insert=True)
    if doubts:
        audit.note(
            "outreach.thank_all_the_same",
            by=by,
            subject=f"thanks:{thanks.public_id}",
            doubts=list(doubts),
        )
    return thanks


def _queue(thanks: Thanks, by: Staff) -> None:
    thanks.message = mailing.queue_message(
        content_of(thanks),
        key=f"thanks:{thanks.key}",
        purpose=Purpose.APPRECIATION,
        customer=thanks.customer,
        language=thanks.language,
        by=by,
    )


def content_of(thanks: Thanks) -> Content:
    """The message that the thanks are."""
    voucher = thanks.voucher
    gift = (
        queries.gift_of(voucher.offer, voucher, thanks.code, thanks.language)
        if voucher is not None and thanks.code
        else None
    )
    return wording.content(
        thanks.subject, thanks.text, name=thanks.signed_name, title=thanks.signed_title, gift=gift
    )


def mark_sent(thanks: Thanks, *, by: Staff) -> bool:
    """Note that `by` sent it by hand or by post; whether that was news.

    From then on the voucher's code is known to the customer alone. Raises NotThankedError where
    it must not go out now.
    """
    with transaction.atomic():
        if not _note_time(thanks, timezone.now()):
            return False
        if why := queries.what_stops(thanks):
            raise NotThankedError(why)
        thanks.message = mailing.record_sent_by_hand(
            words_of(thanks, with_code=False),
            key=f"thanks:{thanks.key}",
            purpose=Purpose.APPRECIATION,
            customer=thanks.customer,
            by=by,
            channel=Channel.POST if thanks.way == Way.LETTER else Channel.HAND,
            language=thanks.language,
        )
        thanks.code = ""
        thanks.save(update_fields=["message", "code"])
        _record(thanks, by)
    return True


def note_mailed(thanks: Thanks, *, at: datetime) -> bool:
    """Note that its mail was handed over at that time; whether that was news."""
    with transaction.atomic():
        if not _note_time(thanks, at):
            return False
        _record(thanks, thanks.given_by, at=at)
    return True


def _note_time(thanks: Thanks, at: datetime) -> bool:
    return Thanks.objects.filter(pk=thanks.pk, sent_at=None).update(sent_at=at) == 1


def take_voucher_back(thanks: Thanks, *, by: Staff) -> None:
    """Take back the voucher of thanks that never went out. Raises AlreadyOutError."""
    with transaction.atomic():
        locked = Thanks.objects.select_for_update(of=("self",)).select_related("message", "voucher")
        found = locked.get(pk=thanks.pk)
        voucher = found.voucher
        if voucher is None or not found.has_a_voucher_to_take_back:
            raise AlreadyOutError
        if not vouchers.cancel(voucher, by=by):
            raise AlreadyOutError
        found.code = ""
        found.save(update_fields=["code"])


def words_of(thanks: Thanks, *, with_code: bool = True) -> str:
    """The thanks as plain words for the phone's share sheet."""
    before, closing = wording.apart(thanks.text)
    parts = [before]
    if with_code and thanks.voucher is not None and thanks.code:
        gift = queries.gift_of(thanks.voucher.offer, thanks.voucher, thanks.code, thanks.language)
        parts.append(f"{gift.gives}\n{codes.shown(thanks.code)}\n{gift.note}")
    signed = ", ".join(part for part in (thanks.signed_name, thanks.signed_title) if part)
    return "\n\n".join(part for part in [*parts, f"{closing}\n{signed}"] if part)


def _record(thanks: Thanks, by: Staff, *, at: datetime | None = None) -> None:
    moments.record(
        ThanksGiven(thanks_id=thanks.pk, occasion=thanks.occasion, way=thanks.way),
        customer_id=thanks.customer_id,
        happened_at=at,
        by=by,
    )
