"""Surveys, invitations and answers as others read them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from regulars.accounts.models import Staff
from regulars.accounts.queries import at_places_of
from regulars.core import prepared
from regulars.core.access import Permission
from regulars.core.ids import token_hash
from regulars.customers.models import Customer
from regulars.mailing.models import Message
from regulars.surveys.models import (
    SATISFACTION,
    AnswerCount,
    AskDecision,
    AskReason,
    AskRun,
    Invitation,
    Metric,
    Response,
    Survey,
    SurveyVersion,
)


def surveys_in_use() -> QuerySet[Survey]:
    """Every survey that is not put away, the oldest first."""
    return Survey.objects.filter(archived_at=None).select_related("touchpoint").order_by("pk")


def surveys_visible_to(staff: Staff) -> QuerySet[Survey]:
    """Every survey in use, for whoever may look."""
    return surveys_in_use() if staff.may(Permission.SEE) else Survey.objects.none()


def invitations() -> QuerySet[Invitation]:
    """Every invitation, with whom it asks what."""
    return Invitation.objects.select_related("survey", "customer", "version__survey")


def runs() -> QuerySet[AskRun]:
    """Every asking of many."""
    return AskRun.objects.select_related("survey")


def with_counts(surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """Surveys with `asked` and `answered` (invitations) and `answers` (all ways)."""
    invited = Invitation.objects.not_given_up()
    return surveys.annotate(
        asked=_how_many(invited),
        answered=_how_many(invited.filter(answered_at__isnull=False)),
        answers=_how_many(Response.objects.all()),
    )


def _how_many(rows: QuerySet[Invitation] | QuerySet[Response]) -> Coalesce:
    """How many of `rows` belong to a survey, counted apart: joined, each would meet each other."""
    of_it = rows.filter(survey=OuterRef("pk")).order_by().values("survey")
    return Coalesce(Subquery(of_it.annotate(n=Count("pk")).values("n")), 0)


_invitation = prepared.Select(
    lambda hashed: Invitation.objects.filter(token_hash=hashed).select_related(
        "survey", "version", "purchase"
    ),
    hashed="an example",
)


def invitation_by(token: str) -> Invitation | None:
    """The invitation whose personal link has this token, with its survey and wording."""
    found = _invitation.first(hashed=token_hash(token))
    if found is not None:
        found.version.survey = found.survey
    return found


def asked_about(buyer: Customer, survey: Survey) -> list[Customer]:
    """Whom the survey asks about a purchase: who paid, or everybody they pay for (K3).

    Who pays for nobody else has bought for themselves.
    """
    if survey.asks == Survey.Asks.BUYER:
        return [buyer]
    users = Customer.objects.in_force().filter(buyer=buyer).order_by("pk")
    return list(users) or [buyer]


def survey_by_link(token: str) -> Survey | None:
    """The survey of an open link, if it is one. Whether something was put right has none."""
    if not (token.isascii() and token.isprintable()):
        return None
    rows = Survey.objects.exclude(trigger=Survey.Trigger.AFTER_CASE)
    return rows.filter(open_token=token).first()


def version_numbered(survey: Survey, number: str) -> SurveyVersion | None:
    """The survey's own version of this number, as a form names it."""
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        return None
    return survey.versions.select_related("survey").filter(number=int(number)).first()


def decisions_about(customer: Customer) -> QuerySet[AskDecision]:
    """Whether and why the customer was asked or not, the newest first."""
    mail = Message.objects.filter(pk=OuterRef("invitation__message_id"))
    decisions = AskDecision.objects.filter(
        customer=customer
    ).annotate(  # type: ignore[no-redef]  # the model reads them
        mail_state=Subquery(mail.values("state")[:1]),
        mail_reason=Subquery(mail.values("reason")[:1]),
    )
    return decisions.select_related("survey", "invitation").order_by("-created_at")


def unsent_links_of(customer: Customer) -> dict[int, Invitation]:
    """The newest link to hand over that is not recorded as sent, by its survey's row number."""
    return {one.survey_id: one for one in customer.invitations.unsent().order_by("pk")}


def why_not(survey: Survey) -> list[tuple[AskReason, int]]:
    """How often and why customers were not asked, the commonest reason first."""
    rows = AskDecision.objects.filter(survey=survey).exclude(reason=AskReason.ASKED)
    counted = rows.values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return [(AskReason(row["reason"]), row["n"]) for row in counted]


def held_back(staff: Staff) -> QuerySet[Response]:
    """Answers that look like junk and wait for somebody's word, of their places, newest first."""
    rows = Response.objects.filter(_seen_by(staff), is_quarantined=True)
    return rows.select_related("survey").order_by("-answered_at", "-pk")


def held_back_until(public_id: str, staff: Staff) -> QuerySet[Response]:
    """What was held back up to this answer, itself included; nothing where it is gone."""
    held = held_back(staff).order_by()
    return held.filter(pk__lte=held.filter(public_id=public_id).values("pk")[:1])


def _seen_by(staff: Staff) -> Q:
    """Answers of the places where `staff` works, and of none; those of none by a customer belong,
    like what is said, to the customer's home place.
    """
    of_places = at_places_of(staff, "place")
    if not of_places:
        return of_places
    return of_places & (Q(place__isnull=False) | at_places_of(staff, "customer__home_place"))


def answers_to(survey: Survey, staff: Staff) -> QuerySet[Response]:
    """The survey's answers that count, of the places where `staff` works; the newest first."""
    rows = responses_in_force().filter(_seen_by(staff), survey=survey)
    return rows.select_related("customer", "place").order_by("-answered_at", "-pk")


def responses_in_force() -> QuerySet[Response]:
    """Answers that count: not held back as junk."""
    return Response.objects.filter(is_quarantined=False)


class Cell(NamedTuple):
    """How often a score was given at a place and stage, to a survey (0 where there is none)."""

    metric: Metric
    place_id: int
    touchpoint_id: int
    survey_id: int
    score: int
    times: int


@dataclass(frozen=True)
class Slice:
    """A part of the answers: days (both included) and, where given, place, stage, survey."""

    since: date
    until: date
    place_id: int | None = None
    touchpoint_ids: tuple[int, ...] | None = None
    survey_id: int | None = None


def histograms(metrics: Collection[Metric], part: Slice) -> dict[Metric, dict[int, int]]:
    """How often each score was given in a slice: {metric: {score: count}}, without what is 0.

    Reads the kept histograms in one query, so it costs the same whatever the number of answers.
    """
    found: dict[Metric, dict[int, int]] = {metric: {} for metric in metrics}
    cells = _cells(metrics, part).values_list("metric", "score")
    for metric, score, total in cells.annotate(total=Sum("count")):
        if total:
            found[Metric(metric)][score] = total
    return found


def daily_histograms(metric: Metric, part: Slice) -> dict[date, dict[int, int]]:
    """The same by day."""
    found: dict[date, dict[int, int]] = {}
    for day, score, total in (
        _cells([metric], part).values_list("day", "score").annotate(total=Sum("count"))
    ):
        if total:
            found.setdefault(day, {})[score] = total
    return found


def surveys_to_ask_with(staff: Staff) -> QuerySet[Survey]:
    """Open surveys to choose among; whether something was put right is asked from its case."""
    return surveys_visible_to(staff).filter(is_open=True).exclude(pk__in=counted_apart())


def surveys_about_mending() -> QuerySet[Survey]:
    """Those that can ask whether something was put right, also closed ones and those put away.

    Only satisfaction can be asked so: the question of another metric speaks of something else.
    """
    return counted_apart().filter(metric__in=SATISFACTION)


def can_ask_about_mending() -> bool:
    """Whether customers can be asked it: unless the owner has closed the survey or put it away."""
    found = surveys_about_mending()
    return found.filter(is_open=True, archived_at=None).exists() or not found.exists()


def cells(metrics: Collection[Metric], part: Slice) -> list[Cell]:
    """The kept counts of several metrics, summed over the days of the slice; one query."""
    fields = ("metric", "place_id", "touchpoint_id", "survey_id", "score")
    rows = _cells(metrics, part).values_list(*fields).annotate(total=Sum("count"))
    return [Cell(Metric(metric), *rest) for metric, *rest in rows if rest[-1]]


def _cells(metrics: Collection[Metric], part: Slice) -> QuerySet[AnswerCount]:
    one = part.survey_id
    cells = pooled() if one is None else AnswerCount.objects.filter(survey_id=one)
    cells = cells.filter(metric__in=metrics, day__gte=part.since, day__lte=part.until)
    if part.place_id is not None:
        cells = cells.filter(place_id=part.place_id)
    if part.touchpoint_ids is not None:
        cells = cells.filter(touchpoint_id__in=part.touchpoint_ids)
    return cells.order_by()


def pooled() -> QuerySet[AnswerCount]:
    """What the scores of several surveys together are made from.

    How satisfied somebody is with an apology says nothing of the visit.
    """
    return AnswerCount.objects.exclude(survey_id__in=counted_apart().values("pk"))


def counted_apart() -> QuerySet[Survey]:
    """Every survey whose answers are counted apart, also those put away."""
    return Survey.objects.filter(trigger=Survey.Trigger.AFTER_CASE)


def reasons_in(run: AskRun) -> list[tuple[AskReason, int]]:
    """What a run decided, the commonest first."""
    counted = run.decisions.values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return [(AskReason(row["reason"]), row["n"]) for row in counted]


def answers_of(customer: Customer, staff: Staff) -> QuerySet[Response]:
    """What the customer answered at the places where `staff` works, the newest first."""
    rows = responses_in_force().filter(_seen_by(staff), customer=customer)
    return rows.select_related("survey").order_by("-answered_at", "-pk")
