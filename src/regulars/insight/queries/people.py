"""Whom to thank, whom to call, whose birthday it is, and what was said lately."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.queries import time_zone
from regulars.customers.models import ContactPoint, Customer, Pause
from regulars.feedback.models import Case, Feedback, Praise
from regulars.feedback.queries import feedback_visible_to
from regulars.insight.periods import local_today
from regulars.insight.queries.scores import EVERYWHERE, Where
from regulars.mailing.models import NOT_ARRIVED, Message, Purpose
from regulars.surveys.models import DELIGHTED_FROM, SCALES, WEAK_UP_TO, Metric, Response
from regulars.surveys.queries import responses_in_force

LATELY = timedelta(days=14)
MOST_LOOKED_AT = 500


def voices(
    staff: Staff, where: Where = EVERYWHERE, *, most: int = 5, since: datetime | None = None
) -> list[Feedback]:
    """The newest words from every channel that `staff` may read, the newest first.

    At a place: what was said there; what belongs to no place is among those of all places.
    """
    said = feedback_visible_to(staff).exclude(text="")
    if where.place_id is not None:
        said = said.filter(place_id=where.place_id)
    if since is not None:
        said = said.filter(said_at__gte=since)
    return list(said.select_related(None).select_related("customer", "place", "response")[:most])


def to_thank(where: Where = EVERYWHERE, *, most: int = 3) -> list[Response]:
    """The best answers of the last fourteen days, one a customer, those with words first.

    Nobody who has died, wants silence or no greetings, or has a complaint open, and nobody who was
    thanked since: for praise from the inbox, or with a message, card or letter.
    """
    delighted = Q()
    for metric, lowest in DELIGHTED_FROM.items():
        delighted |= Q(metric=metric, score__gte=lowest)
    answers = _newest(_answers(where).filter(delighted, **_lately()))
    answers = answers.filter(_may_be_thanked("customer_id"), *_not_thanked_since())
    return _one_a_customer(answers, most=most, first=lambda answer: not answer.comment)


def to_call(where: Where = EVERYWHERE, *, most: int = 1) -> list[Response]:
    """The lowest answers of the last fourteen days by customers with a telephone number.

    Without those whose case was answered or closed, until it is opened again.
    """
    weak = Q()
    for metric, highest in WEAK_UP_TO.items():
        weak |= Q(metric=metric, score__lte=highest)
    phones = ContactPoint.objects.filter(
        customer=OuterRef("customer_id"), channel=ContactPoint.Channel.PHONE
    )
    answers = _newest(_answers(where).filter(weak, **_lately())).filter(Exists(phones))
    dealt_with = Case.objects.filter(feedback__response=OuterRef("pk"))
    dealt_with = dealt_with.exclude(state=Case.State.OPEN)
    answers = answers.filter(
        _not_paused("customer_id", [Pause.Kind.DIED, Pause.Kind.SILENCE]), ~Exists(dealt_with)
    )
    return _one_a_customer(answers, most=most, first=_badness)


class _Glance(NamedTuple):
    """What it takes to choose an answer, without reading all of it."""

    pk: int
    customer_id: int
    metric: str
    score: int
    comment: str


def _badness(answer: _Glance) -> float:
    low, high = SCALES[Metric(answer.metric)]
    return (answer.score - low) / (high - low)


def _answers(where: Where) -> QuerySet[Response]:
    answers = responses_in_force().order_by("-answered_at")
    return answers if where.place_id is None else answers.filter(place_id=where.place_id)


def _newest(answers: QuerySet[Response]) -> QuerySet[Response]:
    """No more of them than a person could look through, so that a large chain costs no more."""
    newest = answers.filter(customer__isnull=False).values("pk")[:MOST_LOOKED_AT]
    return responses_in_force().filter(pk__in=newest).order_by("-answered_at")


def _lately() -> dict[str, datetime]:
    return {"answered_at__gte": timezone.now() - LATELY}


def _one_a_customer(
    answers: QuerySet[Response], *, most: int, first: Callable[[_Glance], float]
) -> list[Response]:
    """The newest answer of each customer, the lowest by `first` before the others, newest first."""
    known = answers.filter(
        customer__isnull=False, customer__merged_into=None, customer__erased_at=None
    )
    newest: dict[int, _Glance] = {}
    for row in known.values_list(*_Glance._fields)[:60]:
        answer = _Glance(*row)
        newest.setdefault(answer.customer_id, answer)
    chosen = [one.pk for one in sorted(newest.values(), key=first)[:most]]
    read = responses_in_force().select_related("customer").in_bulk(chosen)
    return [read[pk] for pk in chosen if pk in read]


def _not_paused(field: str, kinds: list[Pause.Kind]) -> Q:
    now = timezone.now()
    lasting = Q(until=None) | Q(until__gt=now)
    paused = Pause.objects.filter(lasting, customer=OuterRef(field), kind__in=kinds)
    return ~Q(Exists(paused))


def _may_be_thanked(field: str) -> Q:
    return _not_paused(field, list(Pause.Kind))


def _not_thanked_since() -> tuple[Q, Q]:
    """Nobody thanked the customer after the answer, in a way that can have arrived."""
    customer, answered = OuterRef("customer_id"), OuterRef("answered_at")
    praise = Praise.objects.filter(feedback__customer=customer, thanked_at__gte=answered)
    sent = Message.objects.filter(
        customer=customer, purpose=Purpose.APPRECIATION, created_at__gte=answered
    )
    return ~Q(Exists(praise)), ~Q(Exists(sent.exclude(state__in=NOT_ARRIVED)))


@dataclass(frozen=True)
class Birthday:
    """A customer's birthday, on its day this year."""

    customer: Customer
    on: date


def birthdays(*, days: int = 7, today: date | None = None, most: int = 50) -> list[Birthday]:
    """Whose birthday is on one of the coming `days`, today included, in that order.

    Who was born on 29 February is greeted on the 28th where the year has no 29th. Nobody who has
    died or does not want greetings.
    """
    on = _coming(days, today or local_today())
    people = _may_be_greeted()
    found: list[Birthday] = []
    for month in dict.fromkeys(month for month, _number in on):
        numbers = [number for its_month, number in on if its_month == month]
        born = people.filter(birth_month=month, birth_day__range=(min(numbers), max(numbers)))
        found += [
            Birthday(person, on[month, person.birth_day or 0])
            for person in born.order_by("birth_day", "sort_key", "pk")[:most]
        ]
    return sorted(found, key=lambda one: one.on)[:most]


def birthday_of(customer: Customer, *, days: int = 7) -> date | None:
    """The customer's birthday where it is on one of the coming `days` and may be greeted."""
    on = _coming(days, local_today()).get((customer.birth_month or 0, customer.birth_day or 0))
    return on if on and _may_be_greeted().filter(pk=customer.pk).exists() else None


def _coming(days: int, first: date) -> dict[tuple[int, int], date]:
    """The days to come by month and number; 28 February also stands for a missing 29th."""
    coming = [first + timedelta(days=ahead) for ahead in range(days)]
    on = {(day.month, day.day): day for day in coming}
    for day in coming:
        if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
            on[2, 29] = day
    return on


def _may_be_greeted() -> QuerySet[Customer]:
    refused = [Pause.Kind.DIED, Pause.Kind.DO_NOT_GREET, Pause.Kind.SILENCE]
    return Customer.objects.in_force().filter(_not_paused("pk", refused))


def start_of(day: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time(), time_zone())
