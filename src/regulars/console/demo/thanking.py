"""The demo thanks its regulars: by mail, by hand, by letter, some with a cake on the house."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db.models import F

from regulars.accounts.models import Staff
from regulars.core.models import Moment
from regulars.customers.models import Customer, Segment
from regulars.mailing.models import Message, State
from regulars.outreach import queries, wording
from regulars.outreach.actions import thanking
from regulars.outreach.actions.thanking import Draft
from regulars.outreach.models import Occasion, Thanks, Way
from regulars.rewards.models import Offer

THANKED = 18
WITH_A_GIFT = 4  # every fourth
LEFT_TO_POST = 2


def thank(
    *, by: Staff, signed: tuple[str, str], gift: Offer, now: datetime, dice: random.Random
) -> None:
    """Thank some regulars on days of the last months; the newest letters still lie on the desk."""
    regulars = list(Customer.objects.filter(standing__segment=Segment.REGULAR).order_by("pk"))
    letters = 0
    for number, customer in enumerate(dice.sample(regulars, min(THANKED, len(regulars)))):
        way = list(Way)[number % len(Way)]
        if queries.obstacle(customer, way):
            way = Way.LETTER
        offer = gift if number % WITH_A_GIFT == 0 else None
        thanks = thanking.thank(
            customer,
            _draft(customer, way, signed, offer),
            key=f"demo:{customer.pk}",
            by=by,
        )
        letters += way == Way.LETTER
        if way == Way.LETTER and letters <= LEFT_TO_POST:
            continue
        if way != Way.EMAIL:
            thanking.mark_sent(thanks, by=by)
        _age(thanks, timedelta(days=dice.randint(3, 80), hours=dice.randint(0, 6)), now)


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


def _age(thanks: Thanks, by: timedelta, now: datetime) -> None:
    """Move it into the past, with its mail and its place in the customer's history."""
    when = now - by
    Thanks.objects.filter(pk=thanks.pk).update(created_at=when, sent_at=when)
    Moment.objects.filter(customer_id=thanks.customer_id, payload__thanks_id=thanks.pk).update(
        happened_at=when
    )
    Message.objects.filter(thanks=thanks).update(
        state=State.SENT, created_at=F("created_at") - by, sent_at=when, settled_at=when
    )
