"""The demo after its answers: what was said is read, cases are worked on, vouchers are used."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F

from regulars.accounts.models import Role, Staff
from regulars.business.models import Place
from regulars.core import moments
from regulars.core.models import Moment
from regulars.customers.models import Customer, Segment
from regulars.feedback.actions import cases
from regulars.feedback.models import Case, CaseNote
from regulars.feedback.opening import due_after
from regulars.mailing.models import Message, Purpose, State
from regulars.rewards.actions import offers, vouchers
from regulars.rewards.models import Offer, Voucher
from regulars.rewards.queries import Counter
from regulars.surveys.models import Response
from regulars.surveys.moments import SurveyAnswered

WITHIN = timedelta(hours=8)
LEFT_OPEN = 4
ONLY_ANSWERED = 3


def owner(by: Staff | None) -> Staff | None:
    """Who does the owner's part: whoever asked for the demo, else an owner; None without one."""
    return by or Staff.objects.filter(roles__role=Role.OWNER, is_active=True).order_by("pk").first()


def listen(responses: Sequence[Response]) -> None:
    """Tell of each answer, and let every package react as if it had come on its day."""
    wanted = [one for one in moments.REACTIONS.values() if one.kind == SurveyAnswered.kind]
    for response in responses:
        payload = SurveyAnswered(
            response_id=response.pk,
            survey_id=response.survey_id,
            metric=response.metric,
            score=response.score,
            is_weak=response.is_weak,
        )
        moment = Moment.objects.create(
            kind=payload.kind,
            customer_id=response.customer_id,
            happened_at=response.answered_at,
            payload=payload.model_dump(mode="json"),
        )
        for reaction in wanted:
            reaction.run(moment, payload)
        Moment.objects.filter(pk__gt=moment.pk).update(happened_at=response.answered_at)


def mend(
    *, by: Staff | None, now: datetime, hours: dict[str, list[list[str]]], zone: ZoneInfo
) -> None:
    """Leave the newest open, answer what is older, close the rest; each with its own times."""
    found = Case.objects.select_related("feedback").order_by("-feedback__said_at", "pk")
    for number, case in enumerate(found):
        said_at = case.feedback.said_at
        due_at = due_after(said_at, WITHIN, hours=hours, zone=zone)
        if by is not None and number >= LEFT_OPEN:
            cases.take_over(case, by=by)
            cases.reply_by_hand(
                case, _REPLIES[number % len(_REPLIES)], by=by, submission_id=f"demo:{case.pk}"
            )
            if number >= LEFT_OPEN + ONLY_ANSWERED:
                cases.close(case, what_was_done=_DONE[number % len(_DONE)], by=by)
        Case.objects.filter(pk=case.pk).update(created_at=said_at, opened_at=said_at, due_at=due_at)
        Case.objects.filter(pk=case.pk, answered_at__isnull=False).update(
            answered_at=min(said_at + timedelta(hours=3), now)
        )
        Case.objects.filter(pk=case.pk, closed_at__isnull=False).update(
            closed_at=min(said_at + timedelta(hours=20), now)
        )
        CaseNote.objects.filter(case=case).update(created_at=said_at + timedelta(hours=3))
        Moment.objects.filter(
            kind__startswith="case.", payload__case_id=case.pk, happened_at__gt=said_at
        ).update(happened_at=min(said_at + timedelta(hours=20), now))
    Message.objects.filter(purpose=Purpose.ALERT, state=State.QUEUED).delete()


def give_vouchers(*, by: Staff, place: Place, dice: random.Random) -> Offer:
    """Give regulars a cake and those who come less often a discount; some have come back.

    Returns the offer of the cake.
    """
    cake = offers.make_offer(
        by=by, name="Almond cake on us", gives=Offer.Gives.ITEM, item="Almond cake"
    )
    back = offers.make_offer(by=by, name="Welcome back", gives=Offer.Gives.PERCENT, percent=15)
    for offer, segment, count in ((cake, Segment.REGULAR, 24), (back, Segment.LAPSING, 16)):
        found = list(Customer.objects.filter(standing__segment=segment).order_by("pk"))
        for customer in dice.sample(found, min(count, len(found))):
            given = vouchers.issue(offer, customer, key=f"demo:{offer.pk}:{customer.pk}", by=by)
            _age(given.voucher, timedelta(days=dice.randint(1, 30)))
            if dice.random() < 0.4:
                vouchers.capture(
                    given.code,
                    at=Counter(place, staff=by),
                    key=f"demo:{given.voucher.pk}",
                    total=2_800,
                    currency=offer.currency,
                )
    return cake


def _age(voucher: Voucher, by: timedelta) -> None:
    Voucher.objects.filter(pk=voucher.pk).update(
        created_at=F("created_at") - by, valid_from=F("valid_from") - by
    )


_REPLIES = (
    "Thank you for telling us. We are sorry; your next coffee is on us.",
    "You are right, this should not happen. We talked about it in the team this morning.",
    "A new one is on its way to you, with our apologies.",
)
_DONE = (
    "Called, apologised, replaced the parcel.",
    "Second barista at noon from now on.",
    "Breakfast plates are warmed now.",
)
