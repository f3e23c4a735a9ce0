"""Fills an empty installation with the demo company. The same every time, relative to today.

Rows are written in bulk and are the ones that the actions write: moments, decisions, histograms.
Every step ends where a transaction may, so that no lock is held for long.
What other packages make of answers happens through the reactions to their moments.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext

from regulars.accounts.models import Staff
from regulars.business import actions as business
from regulars.business import trades
from regulars.business.models import Department, Place, Signature, Touchpoint, Trade
from regulars.console.demo import dating, goods, mending, people, staff, thanking, voices
from regulars.core import keys, planning
from regulars.core.ids import new_token, token_hash
from regulars.core.models import Moment
from regulars.core.moments import Payload
from regulars.customers.actions import standings
from regulars.customers.actions.purchases import NEWS_FOR
from regulars.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Item,
    Purchase,
    PurchaseLine,
    Segment,
)
from regulars.customers.moments import ConsentChanged, CustomerJoined, PurchaseRecorded
from regulars.mailing import actions as mailing
from regulars.mailing.models import Message, Purpose, State
from regulars.surveys import emails
from regulars.surveys.actions import designs
from regulars.surveys.actions.answers import current_version
from regulars.surveys.actions.asking import LINK_LIVES
from regulars.surveys.models import (
    AnswerCount,
    AskChannel,
    AskDecision,
    AskReason,
    Invitation,
    Metric,
    Response,
    Survey,
    SurveyVersion,
)
from regulars.surveys.moments import CustomerAsked

T = TypeVar("T")
SEED: Final = 1907
CUSTOMERS = 400
DAYS: Final = 91
SOURCE: Final = "demo"
CURRENCY: Final = "HUF"
ZONE: Final = ZoneInfo("Europe/Budapest")
MESSAGES: Final = 24
COUNTER_ANSWERS_A_DAY: Final = 8
# What fifty guests at the counter answer.
COUNTER_PACK: Final = (*[5] * 26, *[4] * 15, *[3] * 8, 2)
WRITTEN_AT_ONCE: Final = 500
LISTENED_AT_ONCE: Final = 15
SIGNED: Final = "Mandula Eszter"
HOURS: Final = {
    **{day: [["07:30", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    **{day: [["09:00", "17:00"]] for day in ("sat", "sun")},
}
# What the demo changes of the business's profile.
PROFILE: Final[dict[str, Any]] = {
    "name": "Café Mandula",
    "trade": Trade.CAFE,
    "languages": list(people.NAMES),
    "currency": CURRENCY,
    "country": "HU",
    "time_zone": ZONE.key,
    "opening_hours": HOURS,
    "visit_rhythm_days": 7,
    "colour": "#8a2846",
    "postal_address": "Kossuth tér 1., 1055 Budapest",
    "setup_step": business.SETUP_DONE,
}
# How customers come: share in percent, days between visits, first and last day (days ago).
_HABITS: Final = (
    (30, 5.0, 90, 0),
    (30, 19.0, 90, 2),
    (14, 400.0, 25, 1),
    (13, 6.0, 90, 32),
    (13, 7.0, 90, 66),
)
# Scores from the best down, with their weights.
_SCORES: Final[dict[str, tuple[tuple[int, ...], tuple[int, ...]]]] = {
    Metric.CSAT: ((5, 4, 3, 2, 1), (50, 29, 11, 6, 4)),
    Metric.CSAT_STARS: ((5, 4, 3, 2, 1), (46, 30, 12, 7, 5)),
    Metric.NPS: ((10, 9, 8, 7, 6, 5, 3, 0), (30, 22, 20, 11, 6, 5, 4, 2)),
    Metric.CES: ((7, 6, 5, 4, 3, 2, 1), (34, 28, 16, 9, 6, 4, 3)),
}
# Of the café, and of its web shop.
_VOICES: Final = {
    False: (voices.GLAD, voices.SO_SO, voices.DISPLEASED),
    True: (voices.WEB_GLAD, voices.WEB_SO_SO, voices.WEB_DISPLEASED),
}
_NOT_ASKED: Final = (
    AskReason.ASKED_LATELY,
    AskReason.SAME_KIND_LATELY,
    AskReason.NO_CONSENT,
    AskReason.NO_ADDRESS,
)


@dataclass
class Demo:
    """What has been made so far."""

    by: Staff | None
    now: datetime
    dice: random.Random
    places: dict[str, Place] = field(default_factory=dict)
    stages: dict[str, Touchpoint] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    agreed: set[int] = field(default_factory=set)
    purchases: list[Purchase] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)


def steps(*, by: Staff | None) -> Iterator[tuple[int, int]]:
    """Make everything, piece by piece: (pieces done, pieces) wherever the caller may commit.

    How many pieces a part has is about right on any day, which is enough for a bar.
    """
    demo = Demo(by=by, now=timezone.now(), dice=random.Random(SEED))  # noqa: S311  # no secrets
    parts: tuple[tuple[Callable[[Demo], Iterable[None] | None], int], ...] = (
        *((_business, 1), (_surveys, 1), (_items, 1), (_customers, 1), (_consents, 1)),
        *((_purchases, 9), (_known, 1), (_asked, 1), (_answers, 20), (_counter_answers, 6)),
        *((_mending, 14), (_messages, 1)),
    )
    before, of = 0, sum(pieces for _part, pieces in parts)
    for part, pieces in parts:
        for done, _step in enumerate(part(demo) or (), start=1):
            yield before + min(done, pieces), of
        before += pieces
        yield before, of


def _business(demo: Demo) -> None:
    business.change_profile(by=demo.by, **PROFILE)
    for position, stage in enumerate(trades.pack_of(Trade.CAFE).stages, start=1):
        team, _made = Department.objects.get_or_create(
            slug=stage.team, defaults={"name": str(trades.TEAMS[stage.team])}
        )
        demo.stages[stage.slug], _made = Touchpoint.objects.get_or_create(
            slug=stage.slug,
            defaults={"name": str(stage.name), "department": team, "position": position},
        )
    demo.places = {
        "counter": business.save_place(Place(), by=demo.by, name="Kossuth tér"),
        "web": business.save_place(
            Place(), by=demo.by, name="mandula.example.com", kind=Place.Kind.WEB
        ),
    }
    business.save_signature(Signature(), by=demo.by, name=SIGNED, title=gettext("Owner"))


def _surveys(demo: Demo) -> None:
    wanted = (
        (Metric.CSAT, "Your visit", "food", Survey.Trigger.AFTER_PURCHASE, 3),
        (Metric.CES, "Ordering on the web", "ordering", Survey.Trigger.BY_HAND, 120),
        (Metric.CSAT_STARS, "The parcel", "delivery", Survey.Trigger.BY_HAND, 120),
        (Metric.NPS, "Recommendation", None, Survey.Trigger.BY_HAND, 24),
    )
    for metric, name, stage, trigger, hours in wanted:
        demo.surveys[metric] = designs.make_survey(
            name=name,
            metric=metric,
            trigger=trigger,
            delay_hours=hours,
            touchpoint=demo.stages[stage] if stage else None,
            by=demo.by,
        )


def _known(demo: Demo) -> None:
    planning.know(Customer, ContactPoint, Consent, Item, Purchase, PurchaseLine, Moment)


def _items(demo: Demo) -> None:
    made = Item.objects.bulk_create(
        Item(
            source=SOURCE,
            code=good.code,
            name=good.name,
            category=good.category,
            is_discreet=good.is_discreet,
            search_key=keys.search_key(good.name, good.code, good.category),
        )
        for good in (*goods.COUNTER, *goods.WEB)
    )
    demo.items = {item.code: item for item in made}


def _customers(demo: Demo) -> None:
    dice, drafts, addresses = demo.dice, [], {}
    languages, guests = list(people.SHARES), people.Guests(demo.dice)
    for number in range(CUSTOMERS):
        customer = Customer(source=SOURCE, is_demo=True)
        if number < len(people.COMPANIES):
            customer.kind, customer.company = Customer.Kind.COMPANY, people.COMPANIES[number]
            customer.language = "hu"
        else:
            language = dice.choices(languages, list(people.SHARES.values()))[0]
            customer.language = language
            customer.given_name, customer.family_name = guests.name(language)
            if dice.random() < 0.4:
                customer.birth_month, customer.birth_day = dice.randint(1, 12), dice.randint(1, 28)
        address = f"guest{number + 1:03d}@example.com" if dice.random() < 0.87 else ""
        addresses[number] = address
        names = (customer.given_name, customer.family_name)
        customer.search_key = keys.search_key(
            *names, customer.company, " ".join(names), " ".join(reversed(names)), address
        )
        sorted_by = customer.company or f"{customer.family_name} {customer.given_name}"
        customer.sort_key = keys.sort_key(sorted_by)[:260]
        drafts.append(customer)
    demo.customers = Customer.objects.bulk_create(drafts)
    ContactPoint.objects.bulk_create(
        ContactPoint(
            customer=customer,
            channel=ContactPoint.Channel.EMAIL,
            address=addresses[number],
            shown_as=addresses[number],
            is_preferred=True,
        )
        for number, customer in enumerate(demo.customers)
        if addresses[number]
    )
    demo.agreed = {
        customer.pk for number, customer in enumerate(demo.customers) if addresses[number]
    }


def _consents(demo: Demo) -> None:
    """Most who gave an address agreed; some of them only to questions, a few said no later."""
    rows: list[Consent] = []
    joined: list[tuple[Payload, int | None, datetime]] = []
    for customer in demo.customers:
        when = _at(demo, demo.dice.randint(91, 180))
        joined.append((CustomerJoined(way="counter"), customer.pk, when))
        customer.created_at = when
        if customer.pk not in demo.agreed:
            continue
        for purpose, share in zip(Consent.Purpose, (0.55, 0.9, 0.8), strict=True):
            if demo.dice.random() < share:
                rows.append(_consent(customer, purpose, when, given=True))
            elif purpose == Consent.Purpose.SURVEYS:
                demo.agreed.discard(customer.pk)
    for customer in demo.dice.sample(demo.customers, 12):
        if customer.pk in demo.agreed:
            demo.agreed.discard(customer.pk)
            when = _at(demo, demo.dice.randint(2, 40))
            rows.append(_consent(customer, Consent.Purpose.SURVEYS, when, given=False))
    Consent.objects.bulk_create(rows)
    Customer.objects.bulk_update(demo.customers, ["created_at"], batch_size=100)
    _tell(
        joined
        + [
            (
                ConsentChanged(channel=row.channel, purpose=row.purpose, given=row.given),
                row.customer_id,
                row.happened_at,
            )
            for row in rows
        ]
    )


def _consent(customer: Customer, purpose: str, when: datetime, *, given: bool) -> Consent:
    return Consent(
        customer=customer,
        channel=ContactPoint.Channel.EMAIL,
        purpose=purpose,
        basis=Consent.Basis.CONSENT if given else Consent.Basis.WITHDRAWN,
        given=given,
        wording="" if not given else "Demo",
        language=customer.language,
        evidence="demo",
        happened_at=when,
    )


def _purchases(demo: Demo) -> Iterator[None]:
    """Each customer with a habit and a favourite; some sales name nobody."""
    drafts: list[tuple[Purchase, list[goods.Good]]] = []
    habits = demo.dice.choices(_HABITS, [habit[0] for habit in _HABITS], k=len(demo.customers))
    for customer, (_share, gap, first, last) in zip(demo.customers, habits, strict=True):
        on_web = demo.dice.random() < 0.18
        favourite = demo.dice.choice(goods.WEB if on_web else goods.COUNTER)
        day = float(demo.dice.randint(max(last, first - int(min(gap, 24))), first))
        while day >= last:
            drafts.append(_purchase(demo, customer, int(day), favourite, on_web=on_web))
            day -= max(1.0, demo.dice.gauss(gap * (3 if on_web else 1), gap * 0.25))
    for _number in range(250):
        favourite = demo.dice.choice(goods.COUNTER)
        day = demo.dice.randint(0, DAYS - 1)
        drafts.append(_purchase(demo, None, day, favourite, on_web=False))
    drafts.sort(key=lambda draft: draft[0].purchased_at)
    for number, (purchase, _bought) in enumerate(drafts, start=1):
        purchase.document = f"M-{number:05d}"
    for part in _parts(drafts):
        demo.purchases += Purchase.objects.bulk_create([purchase for purchase, _bought in part])
        PurchaseLine.objects.bulk_create(
            PurchaseLine(
                purchase=purchase, number=line, item=demo.items[good.code], amount=good.price
            )
            for purchase, bought in part
            for line, good in enumerate(bought, start=1)
        )
        yield
    _tell(
        [
            (
                PurchaseRecorded(purchase_id=one.pk, total=one.total, currency=CURRENCY),
                one.customer_id,
                one.purchased_at,
            )
            for one in demo.purchases
            if not one.is_history
        ]
    )
    yield
    standings.refresh_all()


def _purchase(
    demo: Demo, customer: Customer | None, days_ago: int, favourite: goods.Good, *, on_web: bool
) -> tuple[Purchase, list[goods.Good]]:
    shelf = goods.WEB if on_web else goods.COUNTER
    bought = [favourite if demo.dice.random() < 0.65 else demo.dice.choice(shelf)]
    if demo.dice.random() < 0.35:
        bought.append(demo.dice.choice(shelf))
    when = _at(demo, days_ago)
    purchase = Purchase(
        customer=customer,
        source=SOURCE,
        place=demo.places["web" if on_web else "counter"],
        purchased_at=when,
        total=sum(good.price for good in bought),
        currency=CURRENCY,
        served_by="" if on_web else demo.dice.choice(goods.STAFF),
        is_history=when < demo.now - NEWS_FOR,
    )
    return purchase, bought


def _asked(demo: Demo) -> None:
    """Ask about a part of the purchases, never twice in three weeks; write down why not."""
    versions = {metric: current_version(survey) for metric, survey in demo.surveys.items()}
    last_asked: dict[int, datetime] = {}
    decisions: list[AskDecision] = []
    for purchase in demo.purchases:
        customer_id = purchase.customer_id
        when = purchase.purchased_at + timedelta(hours=3)
        if customer_id is None or when > demo.now or demo.dice.random() < 0.45:
            continue
        lately = last_asked.get(customer_id)
        may = customer_id in demo.agreed and (lately is None or when - lately > timedelta(days=21))
        metric = _metric(demo, purchase)
        if may:
            last_asked[customer_id] = when
            demo.invitations.append(_invitation(purchase, versions[metric], when))
        elif demo.dice.random() < 0.3:
            reason = demo.dice.choice(_NOT_ASKED[:2] if lately else _NOT_ASKED[2:])
            decisions.append(_decision(purchase, demo.surveys[metric], reason, when))
    demo.invitations = Invitation.objects.bulk_create(demo.invitations)
    for asked in demo.invitations:
        decision = _decision(asked.purchase, asked.survey, AskReason.ASKED, asked.created_at)
        decision.invitation = asked
        decisions.append(decision)
    AskDecision.objects.bulk_create(decisions)
    _tell(
        [
            (
                CustomerAsked(invitation_id=one.pk, survey_id=one.survey_id, channel=one.channel),
                one.customer_id,
                one.created_at,
            )
            for one in demo.invitations
        ]
    )


def _metric(demo: Demo, purchase: Purchase) -> Metric:
    if demo.dice.random() < 0.3:
        return Metric.NPS
    if purchase.place != demo.places["web"]:
        return Metric.CSAT
    return Metric.CSAT_STARS if demo.dice.random() < 0.4 else Metric.CES


def _invitation(purchase: Purchase, version: SurveyVersion, when: datetime) -> Invitation:
    return Invitation(
        survey=version.survey,
        version=version,
        customer=purchase.customer,
        purchase=purchase,
        channel=AskChannel.EMAIL,
        language=purchase.customer.language if purchase.customer else "",
        token_hash=token_hash(new_token()),
        expires_at=when + LINK_LIVES,
        created_at=when,
    )


def _decision(
    purchase: Purchase | None, survey: Survey, reason: AskReason, when: datetime
) -> AskDecision:
    return AskDecision(
        customer=purchase.customer if purchase else None,
        survey=survey,
        purchase=purchase,
        reason=reason,
        channel=AskChannel.EMAIL,
        created_at=when,
    )


def _answers(demo: Demo) -> Iterator[None]:
    """Nearly half of them answer within two days, half of those with words."""
    drafts: list[Response] = []
    for asked in demo.invitations:
        when = asked.created_at + timedelta(minutes=demo.dice.randint(4, 2600))
        if demo.dice.random() < 0.46 and when < demo.now:
            asked.answered_at = when
            drafts.append(_response(demo, asked, when))
    demo.responses = Response.objects.bulk_create(drafts)
    answered = [asked for asked in demo.invitations if asked.answered_at is not None]
    Invitation.objects.bulk_update(answered, ["answered_at"], batch_size=200)
    for part in _parts(demo.responses, LISTENED_AT_ONCE):
        yield
        mending.listen(part)


def _counter_answers(demo: Demo) -> Iterator[None]:
    """Nameless answers by the QR code at the counter, also from the three months before.

    They are dealt from a shuffled pack, so that the café is as good as it was before.
    """
    version = current_version(demo.surveys[Metric.CSAT])
    pack: list[int] = []
    drafts: list[Response] = []
    for days_ago in range(2 * DAYS - 1, -1, -1):
        for _guest in range(COUNTER_ANSWERS_A_DAY):
            if not pack:
                pack = demo.dice.sample(COUNTER_PACK, len(COUNTER_PACK))
            drafts.append(_counter_answer(demo, version, pack.pop(), _at(demo, days_ago)))
    made: list[Response] = []
    for part in _parts(drafts):
        made += Response.objects.bulk_create(part)
        _tell([(mending.answered(one), None, one.answered_at) for one in part if not one.comment])
        yield
    _count([*demo.responses, *made])
    for few in _parts([one for one in made if one.comment], LISTENED_AT_ONCE):
        yield
        mending.listen(few)


def _counter_answer(demo: Demo, version: SurveyVersion, score: int, when: datetime) -> Response:
    language = demo.dice.choices(list(people.SHARES), list(people.SHARES.values()))[0]
    return Response(
        submission_id=new_token(),
        survey=version.survey,
        version=version,
        place=demo.places["counter"],
        touchpoint=version.survey.touchpoint,
        metric=Metric.CSAT,
        score=score,
        comment=demo.dice.choice(voices.DISPLEASED[language]) if score <= 2 else "",
        language=language,
        channel=AskChannel.OPEN,
        answered_at=when,
        created_at=when,
    )


def _mending(demo: Demo) -> Iterator[None]:
    """Cases in all their states, vouchers given and used, regulars thanked."""
    by = mending.owner(demo.by)
    yield from mending.mend(by=by, now=demo.now, hours=HOURS, zone=ZONE)
    staff.somebody_unknown(place=demo.places["counter"], now=demo.now)
    if by is None:
        return
    staff.hire(place=demo.places["counter"], by=by)
    staff.praise_by_name()
    staff.a_dispute(by=by)
    yield
    cake, back = mending.offers_of_the_house(by=by)
    for offer, segment, count in ((cake, Segment.REGULAR, 24), (back, Segment.LAPSING, 16)):
        chosen = mending.some_of(segment, count, demo.dice)
        yield from mending.give(
            offer, chosen, by=by, place=demo.places["counter"], now=demo.now, dice=demo.dice
        )
    signed = (SIGNED, gettext("Owner"))
    yield from thanking.thank(by=by, signed=signed, gift=cake, now=demo.now, dice=demo.dice)


def _response(demo: Demo, asked: Invitation, when: datetime) -> Response:
    metric = Metric(asked.survey.metric)
    score = demo.dice.choices(*_SCORES[metric])[0]
    purchase = asked.purchase
    return Response(
        submission_id=new_token(),
        survey=asked.survey,
        version=asked.version,
        invitation=asked,
        customer=asked.customer,
        purchase=purchase,
        place=purchase.place if purchase else None,
        touchpoint=asked.survey.touchpoint,
        metric=metric,
        score=score,
        comment=_comment(demo, metric, score, asked.language),
        may_quote=demo.dice.random() < 0.3,
        language=asked.language,
        channel=AskChannel.EMAIL,
        answered_at=when,
        created_at=when,
    )


def _comment(demo: Demo, metric: Metric, score: int, language: str) -> str:
    best = _SCORES[metric][0]
    share = best.index(score) / (len(best) - 1)
    if demo.dice.random() < (0.55 if share < 0.5 else 0.25):
        return ""
    kind = 0 if share < 0.3 else 1 if share < 0.6 else 2
    return demo.dice.choice(_VOICES[metric in (Metric.CES, Metric.CSAT_STARS)][kind][language])


def _count(responses: Sequence[Response]) -> None:
    cells = Counter(
        (
            one.metric,
            one.answered_at.astimezone(ZONE).date(),
            one.survey_id,
            one.place_id or 0,
            one.touchpoint_id or 0,
            one.score,
        )
        for one in responses
    )
    names = ("metric", "day", "survey_id", "place_id", "touchpoint_id", "score")
    AnswerCount.objects.bulk_create(
        AnswerCount(**dict(zip(names, cell, strict=True)), count=count)
        for cell, count in cells.items()
    )


def _messages(demo: Demo) -> None:
    """The newest questions as they would stand in the outbox; none of them ever left."""
    for asked in demo.invitations[-MESSAGES:]:
        with dating.dated(asked.created_at):
            message = mailing.queue_message(
                emails.invitation(asked, new_token()),
                key=f"survey:{asked.pk}",
                purpose=Purpose.SURVEY,
                customer=asked.customer,
                language=asked.language,
            )
        asked.message_id = message.pk
        if message.state == State.QUEUED and asked.answered_at is not None:
            Message.objects.filter(pk=message.pk).update(
                state=State.SENT, sent_at=asked.created_at, settled_at=asked.created_at
            )
    Invitation.objects.bulk_update(demo.invitations[-MESSAGES:], ["message_id"])


def _tell(happened: Sequence[tuple[Payload, int | None, datetime]]) -> None:
    """Write moments of the past, to which nobody reacts any more."""
    Moment.objects.bulk_create(
        Moment(
            kind=payload.kind,
            customer_id=customer_id,
            happened_at=when,
            payload=payload.model_dump(mode="json"),
        )
        for payload, customer_id, when in happened
    )


def _parts(rows: Sequence[T], size: int = WRITTEN_AT_ONCE) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _at(demo: Demo, days_ago: int) -> datetime:
    """A time in opening hours, mostly in the morning; the day before where it is still to come."""
    day = demo.now.astimezone(ZONE).date() - timedelta(days=days_ago)
    minute = min(int(demo.dice.triangular(9 * 60, 17 * 60, 10 * 60)), 17 * 60)
    when = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZONE)
    return when if when < demo.now else when - timedelta(days=1)
