"""Taking in what customers say, and noting what was read in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Department, Place, Touchpoint
from regulars.core import moments, queue
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.core.keys import search_key
from regulars.core.queue.backend import task_named
from regulars.customers.models import Customer, Purchase
from regulars.feedback.actions import cases, praise
from regulars.feedback.models import Case, Feedback, Feeling, Kind, Source, Topic, Urgency
from regulars.feedback.moments import FeedbackReceived
from regulars.surveys.models import SCALES, Metric, Response

if TYPE_CHECKING:
    from regulars.text.reading import Reading

MAX_TEXT = 5_000
READ = "regulars.feedback.tasks.read_feedback"


class FeedbackError(DomainError):
    """Something that cannot be stored as feedback."""

    code = "bad_feedback"
    status = 422


@dataclass(frozen=True)
class Said:
    """What was said. `kind` is empty where nobody has said what it is: then it is guessed."""

    source: Source
    text: str = ""
    kind: str = ""
    submission_id: str = field(default_factory=new_token)
    customer: Customer | None = None
    response: Response | None = None
    purchase: Purchase | None = None
    contact_name: str = ""
    contact_address: str = ""
    language: str = ""
    is_weak: bool = False
    may_quote: bool = False
    place: Place | None = None
    touchpoint: Touchpoint | None = None
    typed_by: Staff | None = None
    said_at: datetime | None = None
    follows_case: bool = False


def receive(said: Said) -> tuple[Feedback, bool]:
    """Store what was said, and whether it is new: the same submission again gives the same row.

    A weak score, or what a person called a complaint, opens a case in the same transaction; the
    words are read later, as work of their own. Raises FeedbackError where nothing was said.
    """
    text = said.text.replace("\x00", "").strip()[:MAX_TEXT]
    if not text and not said.is_weak:
        raise FeedbackError(_("Please write what was said."), code="nothing_said")
    with transaction.atomic():
        drafted = _draft(said, text)
        Feedback.objects.bulk_create([drafted], ignore_conflicts=True)
        stored = Feedback.objects.filter(public_id=drafted.public_id).first()
        if stored is None:
            return _the_one_before(said), False
        moments.record(
            FeedbackReceived(feedback_id=stored.pk, source=stored.source, is_weak=stored.is_weak),
            customer_id=stored.customer_id,
            happened_at=stored.said_at,
            by=said.typed_by,
        )
        if text:
            queue.add(
                task_named(READ), {"feedback_id": stored.pk}, key=f"feedback.read:{stored.pk}"
            )
        if not said.follows_case:
            _open_case_at_once(stored)
    return stored, True


def _the_one_before(said: Said) -> Feedback:
    known = Feedback.objects.filter(submission_id=said.submission_id).first()
    return known or Feedback.objects.get(response=said.response)


def _draft(said: Said, text: str) -> Feedback:
    place = said.place or (said.purchase.place if said.purchase else None)
    if place is None and said.customer is not None:
        place = said.customer.home_place
    who = str(said.customer) if said.customer else said.contact_name
    return Feedback(
        submission_id=said.submission_id,
        source=said.source,
        customer=said.customer,
        response=said.response,
        purchase=said.purchase,
        contact_name=said.contact_name,
        contact_address=said.contact_address,
        text=text,
        language=said.language,
        kind=said.kind or (Kind.COMPLAINT if said.is_weak else Kind.REMARK),
        kind_is_guess=not said.kind,
        is_weak=said.is_weak,
        may_quote=said.may_quote,
        place=place,
        touchpoint=said.touchpoint,
        department=said.touchpoint.department if said.touchpoint else None,
        typed_by=said.typed_by,
        said_at=said.said_at or timezone.now(),
        search_key=search_key(who, text),
    )


def _open_case_at_once(feedback: Feedback) -> None:
    if feedback.is_weak:
        cases.open_case(feedback, reason=Case.Reason.WEAK_SCORE)
    elif feedback.kind == Kind.COMPLAINT and not feedback.kind_is_guess:
        cases.open_case(feedback, reason=Case.Reason.COMPLAINT)


def score_share(response: Response) -> float:
    """The score as a share of its scale: 0 worst, 1 best."""
    low, high = SCALES[Metric(response.metric)]
    return (response.score - low) / (high - low)


def understood(feedback: Feedback, reading: Reading) -> Feedback:
    """Note what was read in the words, and open a case or note praise where they say so.

    Written once; what a person has said about it stays. All of it is kept as a guess, except the
    feeling that the customer's own score states.
    """
    with transaction.atomic():
        cases.lock_case_of(feedback)  # first, as whoever acts on the case does
        locked = Feedback.objects.select_for_update().get(pk=feedback.pk)
        if locked.understood_at is not None:
            return locked
        _note(locked, reading)
        if not _follows_case(locked):
            _act_on(locked)
    return locked


def _note(feedback: Feedback, reading: Reading) -> None:
    if reading.language.is_clear or not feedback.language:
        feedback.language = reading.language.code
    if feedback.feeling_is_guess:
        feedback.feeling = Feeling(reading.feeling.label)
        feedback.feeling_is_guess = reading.feeling.is_guess
    feedback.topics = [t.slug for t in reading.topics if t.slug in Topic.values]
    feedback.urgent = [u.kind for u in reading.urgent if u.kind in Urgency.values]
    feedback.wishes = [span.of(feedback.text) for span in reading.suggestions]
    feedback.names_praised = [one.name for one in reading.praise]
    if feedback.kind_is_guess:
        feedback.kind = _kind(feedback, reading)
    if feedback.department is None:
        feedback.department = _department(reading)
    feedback.understood_at = feedback.changed_at = timezone.now()
    feedback.save(
        update_fields=[
            "language", "feeling", "feeling_is_guess", "topics", "urgent", "wishes",
            "names_praised", "kind", "department", "understood_at", "changed_at",
        ]
    )  # fmt: skip


def _kind(feedback: Feedback, reading: Reading) -> Kind:
    """The likeliest kind by what was read."""
    felt = Feeling(reading.feeling.label)
    if feedback.is_weak or felt == Feeling.NEGATIVE:
        return Kind.COMPLAINT
    if reading.urgent and felt != Feeling.POSITIVE:
        return Kind.COMPLAINT
    if reading.suggestions:
        return Kind.SUGGESTION
    if reading.questions:
        return Kind.QUESTION
    if felt == Feeling.POSITIVE or reading.praise:
        return Kind.PRAISE
    return Kind.REMARK


# What the trades' own teams (business.trades.TEAMS) answer for, by the reading's names for teams.
_ALSO: dict[str, tuple[str, ...]] = {
    "production": ("kitchen", "specialists"),
    "purchasing": ("kitchen",),
    "logistics": ("web",),
    "online": ("web",),
    "operations": ("service", "reception"),
    "customer_care": ("service", "reception"),
    "service": ("reception",),
}


def _department(reading: Reading) -> Department | None:
    named = [topic.department for topic in reading.topics if topic.department]
    slugs = [slug for one in named for slug in (one, *_ALSO.get(one, ()))]
    found = {one.slug: one for one in Department.objects.filter(slug__in=slugs)}
    return next((found[slug] for slug in slugs if slug in found), None)


def _follows_case(feedback: Feedback) -> bool:
    """Whether it answers the question if a case was put right: that case has it already."""
    response = feedback.response
    invitation = response.invitation if response else None
    return invitation is not None and invitation.case_id is not None


def _act_on(feedback: Feedback) -> None:
    if feedback.urgent:
        cases.alert_team(cases.open_case(feedback, reason=Case.Reason.URGENT))
    elif feedback.kind == Kind.COMPLAINT:
        cases.alert_team(cases.open_case(feedback, reason=Case.Reason.COMPLAINT))
    elif feedback.kind == Kind.PRAISE:
        praise.note_praise(feedback)


def say_what_it_is(feedback: Feedback, *, kind: Kind, by: Staff) -> Feedback:
    """A person's word on what kind of feedback it is; a complaint opens a case."""
    with transaction.atomic():
        feedback.kind = kind
        feedback.kind_is_guess = False
        feedback.changed_at = timezone.now()
        feedback.save(update_fields=["kind", "kind_is_guess", "changed_at"])
        if kind == Kind.COMPLAINT:
            cases.open_case(feedback, reason=Case.Reason.BY_STAFF, by=by)
        elif kind == Kind.PRAISE:
            praise.note_praise(feedback)
    return feedback


def mark_read(feedback: Feedback, *, by: Staff, is_read: bool = True) -> None:
    """Note that somebody has read it, or that it is to be looked at again."""
    Feedback.objects.filter(pk=feedback.pk).update(
        read_at=timezone.now() if is_read else None,
        read_by=by if is_read else None,
        changed_at=timezone.now(),
    )
