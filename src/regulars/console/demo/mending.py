"""The demo after its answers: what was said is read, cases are worked on, vouchers are used."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from regulars.accounts.models import Role, Staff
from regulars.business.models import Place
from regulars.console.demo import dating
from regulars.core import moments
from regulars.core.models import Moment
from regulars.customers.models import Customer, Pause
from regulars.feedback.actions import cases
from regulars.feedback.models import Case, Feedback
from regulars.feedback.opening import due_after
from regulars.mailing.models import Message, Purpose, State
from regulars.rewards.actions import offers, vouchers
from regulars.rewards.models import Offer, Voucher
from regulars.rewards.queries import Counter, expiry_of
from regulars.surveys.models import Response
from regulars.surveys.moments import SurveyAnswered

WITHIN = timedelta(hours=8)
LEFT_OPEN = 4
ONLY_ANSWERED = 3
MENDED_AT_ONCE = 8


def owner(by: Staff | None) -> Staff | None:
    """Who does the owner's part: whoever asked for the demo, else an owner; None without one."""
    return by or Staff.objects.filter(roles__role=Role.OWNER, is_active=True).order_by("pk").first()


def listen(responses: Sequence[Response]) -> None:
    """Tell of each answer, and let every package react as if it had come on its day."""
    wanted = [one for one in moments.REACTIONS.values() if one.kind == SurveyAnswered.kind]
    for response in responses:
        payload = answered(response)
        with dating.dated(response.answered_at):
            moment = Moment.objects.create(
                kind=payload.kind,
                customer_id=response.customer_id,
                happened_at=timezone.now(),
                payload=payload.model_dump(mode="json"),
            )
            for reaction in wanted:
                reaction.run(moment, payload)


def answered(response: Response) -> SurveyAnswered:
    """What is told of an answer."""
    return SurveyAnswered(
        response_id=response.pk,
        survey_id=response.survey_id,
        metric=response.metric,
        score=response.score,
        is_weak=response.is_weak,
    )


def mend(
    *, by: Staff | None, now: datetime, hours: dict[str, list[list[str]]], zone: ZoneInfo
) -> Iterator[None]:
    """Leave the newest open, answer what is older, close the rest; each with its own times."""
    found = Case.objects.select_related("feedback__customer").order_by("-feedback__said_at", "pk")
    for number, case in enumerate(list(found)):
        said_at = case.feedback.said_at
        answered_at = min(said_at + timedelta(hours=3), now)
        closed_at = min(said_at + timedelta(hours=20), now)
        due_at = due_after(said_at, WITHIN, hours=hours, zone=zone)
        if by is not None and number >= LEFT_OPEN:
            guest = case.feedback.customer
            replies = _REPLIES.get(guest.language if guest is not None else "", _REPLIES["en"])
            words = replies[number % len(replies)]
            with dating.dated(answered_at):
                cases.take_over(case, by=by)
                cases.reply_by_hand(case, words, by=by, submission_id=f"demo:{case.pk}")
            if number >= LEFT_OPEN + ONLY_ANSWERED:
                with dating.dated(closed_at):
                    cases.close(case, what_was_done=_DONE[number % len(_DONE)], by=by)
                Pause.objects.filter(key=case.pause_key).update(until=closed_at)
        mine = Case.objects.filter(pk=case.pk)
        mine.update(created_at=said_at, opened_at=said_at, due_at=due_at)
        mine.filter(answered_at__isnull=False).update(answered_at=answered_at)
        mine.filter(closed_at__isnull=False).update(closed_at=closed_at)
        Feedback.objects.filter(pk=case.feedback_id).update(changed_at=answered_at)
        if number % MENDED_AT_ONCE == MENDED_AT_ONCE - 1:
            yield
    Message.objects.filter(purpose=Purpose.ALERT, state=State.QUEUED).delete()


def offers_of_the_house(*, by: Staff) -> tuple[Offer, Offer]:
    """A cake for regulars and a discount for those who come less often."""
    cake = offers.make_offer(
        by=by, name="Almond cake on us", gives=Offer.Gives.ITEM, item="Almond cake"
    )
    return cake, offers.make_offer(
        by=by, name="Welcome back", gives=Offer.Gives.PERCENT, percent=15
    )


def some_of(segment: str, count: int, dice: random.Random) -> list[Customer]:
    """Some customers of a segment, at most `count`."""
    found = list(Customer.objects.filter(standing__segment=segment).order_by("pk"))
    return dice.sample(found, min(count, len(found)))


def give(
    offer: Offer,
    customers: Sequence[Customer],
    *,
    by: Staff,
    place: Place,
    now: datetime,
    dice: random.Random,
) -> Iterator[None]:
    """Give each a voucher on some day of the last month; some have come back with it."""
    used: dict[int, datetime] = {}
    for customer in customers:
        given_at = dating.at_daytime(now, days_ago=dice.randint(3, 30), hours=dice.randint(0, 7))
        with dating.dated(given_at):
            given = vouchers.issue(offer, customer, key=f"demo:{offer.pk}:{customer.pk}", by=by)
        Voucher.objects.filter(pk=given.voucher.pk).update(expires_at=expiry_of(offer, given_at))
        if dice.random() < 0.4:
            days = dice.randint(1, max(1, (now - given_at).days - 1))
            used_at = given_at + timedelta(days=days, hours=dice.randint(0, 2))
            with dating.dated(used_at):
                use = vouchers.capture(
                    given.code,
                    at=Counter(place, staff=by),
                    key=f"demo:{given.voucher.pk}",
                    total=2_800,
                    currency=offer.currency,
                )
            used[use.pk] = used_at
    dating.date_uses(used)
    yield


# As the shop would answer each guest: the same three in the five languages.
_REPLIES = {
    "en": (
        "Thank you for telling us. We are sorry; your next coffee is on us.",
        "You are right, this should not happen. We talked about it in the team this morning.",
        "We apologise. We are looking into what went wrong and will put it right.",
    ),
    "hu": (
        "Köszönjük, hogy szólt. Sajnáljuk, ami történt; a következő kávéja a mi ajándékunk.",
        "Igaza van, ennek nem lett volna szabad megtörténnie. Ma reggel megbeszéltük a csapattal.",
        "Elnézését kérjük. Utánajárunk, mi történt, és rendbe hozzuk.",
    ),
    "bg": (
        "Благодарим, че ни казахте. Съжаляваме; следващото Ви кафе е от нас.",
        "Имате право, това не биваше да се случва. Тази сутрин го обсъдихме в екипа.",
        "Извиняваме се. Проверяваме какво се е случило и ще го поправим.",
    ),
    "et": (
        "Täname, et andsite teada. Vabandame; Teie järgmine kohv on meie poolt.",
        "Teil on õigus, nii ei tohiks juhtuda. Arutasime seda täna hommikul meeskonnaga.",
        "Palume vabandust. Uurime, mis läks valesti, ja teeme selle korda.",
    ),
    "ka": (
        "გმადლობთ, რომ გვითხარით. ბოდიშს გიხდით; შემდეგ ყავას ჩვენ გაჩუქებთ.",
        "მართალი ბრძანდებით, ასე არ უნდა მომხდარიყო. ამ დილით გუნდში განვიხილეთ.",
        "ბოდიშს გიხდით. ვარკვევთ, რა მოხდა, და აუცილებლად გამოვასწორებთ.",
    ),
}
_DONE = (
    "Called, apologised, replaced the parcel.",
    "Second barista at noon from now on.",
    "Breakfast plates are warmed now.",
)
