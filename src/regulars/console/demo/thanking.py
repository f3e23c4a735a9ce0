"""The demo thanks its regulars: by mail, by hand, by letter, some with a cake on the house."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime

from regulars.accounts.models import Staff
from regulars.console.demo import dating
from regulars.customers.models import Customer, Segment
from regulars.mailing.models import Message, State
from regulars.outreach import queries, wording
from regulars.outreach.actions import thanking
from regulars.outreach.actions.thanking import Draft
from regulars.outreach.models import Occasion, Thanks, Way
from regulars.rewards.models import Offer, Voucher
from regulars.rewards.queries import expiry_of

THANKED = 18
WITH_A_GIFT = 4  # every fourth
LEFT_TO_POST = 2
THANKED_AT_ONCE = 6


def thank(
    *, by: Staff, signed: tuple[str, str], gift: Offer, now: datetime, dice: random.Random
) -> Iterator[None]:
    """Thank some regulars on days of the last months; the newest letters still lie on the desk."""
    regulars = list(Customer.objects.filter(standing__segment=Segment.REGULAR).order_by("pk"))
    letters = 0
    for number, customer in enumerate(dice.sample(regulars, min(THANKED, len(regulars)))):
        way = list(Way)[number % len(Way)]
        if queries.obstacle(customer, way):
            way = Way.LETTER
        offer = gift if number % WITH_A_GIFT == 0 else None
        if queries.doubts(customer, way) or queries.obstacle(
            customer, way, with_voucher=offer is not None
        ):
            continue
        when = dating.at_daytime(now, days_ago=dice.randint(3, 80), hours=dice.randint(0, 7))
        letters += way == Way.LETTER
        lies_there = way == Way.LETTER and letters <= LEFT_TO_POST
        if lies_there:
            when = dating.at_daytime(now, days_ago=1)
        draft = _draft(customer, way, signed, offer)
        with dating.dated(when):
            thanks = thanking.thank(customer, draft, key=f"demo:{customer.pk}", by=by)
            if way == Way.EMAIL:
                thanking.note_mailed(thanks, at=when)
            elif not lies_there:
                thanking.mark_sent(thanks, by=by)
        _settle(thanks, when)
        if number % THANKED_AT_ONCE == THANKED_AT_ONCE - 1:
            yield


def _draft(customer: Customer, way: Way, signed: tuple[str, str], offer: Offer | None) -> Draft:
    language = queries.language_for(customer)
    reasons = queries.reasons_for(customer, language)
    return Draft(
        occasion=Occasion.REGULAR,
        way=way,
        language=language,
        subject=wording.ready_subject(Occasion.REGULAR, language),
        text=wording.ready_text(
            customer, Occasion.REGULAR, language=language, reason=reasons[0] if reasons else ""
        ),
        signed_name=signed[0],
        signed_title=signed[1],
        offer=offer,
    )


def _settle(thanks: Thanks, when: datetime) -> None:
    """Its mail is out, and its voucher is good from that day on."""
    Message.objects.filter(thanks=thanks).update(state=State.SENT, sent_at=when, settled_at=when)
    if thanks.voucher is not None:
        ends = expiry_of(thanks.voucher.offer, when)
        Voucher.objects.filter(pk=thanks.voucher.pk).update(expires_at=ends)
