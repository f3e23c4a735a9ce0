"""Putting things right: opening, owning, answering, closing and asking again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.queries import the_business, time_zone
from regulars.core import audit, moments
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.customers.actions import consents
from regulars.customers.models import Customer, Pause
from regulars.feedback import emails, queries
from regulars.feedback.models import Case, CaseNote, Feedback
from regulars.feedback.moments import CaseClosed, CaseOpened
from regulars.feedback.opening import due_after
from regulars.mailing import actions as mailing
from regulars.mailing.models import Purpose
from regulars.mailing.queries import language_for
from regulars.surveys.actions import asking, designs
from regulars.surveys.models import SCALES, AskChannel, Invitation, Metric, Response

ANSWER_WITHIN = timedelta(hours=8)
ANSWER_URGENT_WITHIN = timedelta(hours=2)
MAX_REPLY = 5_000


class CaseError(DomainError):
    """Something that may not be done with a case."""

    code = "case_refused"


def open_case(feedback: Feedback, *, reason: str, by: Staff | None = None) -> Case:
    """Open a case, or give the one there is; an urgent reason makes that one urgent too.

    Its due time is counted in opening hours. The customer gets no offers while it is open, and
    whoever looks after the place is told by mail. Call inside a transaction or alone.
    """
    with transaction.atomic():
        drafted = Case(
            feedback=feedback,
            reason=reason,
            due_at=_due(reason),
            owner=by if by and by.may(Permission.SERVE, place=feedback.place) else None,
        )
        Case.objects.bulk_create([drafted], ignore_conflicts=True)
        case = Case.objects.select_related("feedback__customer", "owner").get(feedback=feedback)
        if case.public_id != drafted.public_id:
            return _hurry(case) if reason == Case.Reason.URGENT else case
        _add(case, CaseNote.Event.OPENED, by=by)
        _begin(case, by=by, again=False)
        audit.note("feedback.open_case", by=by, subject=f"case:{case.public_id}", reason=reason)
    return case


def _due(reason: str) -> datetime:
    within = ANSWER_URGENT_WITHIN if reason == Case.Reason.URGENT else ANSWER_WITHIN
    hours = the_business().opening_hours
    return due_after(timezone.now(), within, hours=hours, zone=time_zone())


def _hurry(case: Case) -> Case:
    """Make an open case urgent: it is due sooner, and whoever looks after it is told so."""
    locked = _locked(case)
    if locked.is_closed or locked.reason == Case.Reason.URGENT:
        return locked
    locked.reason = Case.Reason.URGENT
    locked.due_at = min(locked.due_at, _due(locked.reason))
    locked.save(update_fields=["reason", "due_at"])
    _add(locked, CaseNote.Event.URGENT)
    _touch(locked)
    if locked.state == Case.State.OPEN:
        _alert(locked, queries.to_alert(locked.feedback, owner=locked.owner), by=None)
    return locked


def _begin(case: Case, *, by: Staff | None, again: bool) -> None:
    """What happens whenever a case (again) waits for an answer."""
    customer = case.feedback.customer
    if customer is not None:
        consents.pause(customer, kind=Pause.Kind.OPEN_COMPLAINT, key=case.pause_key, by=by)
    moments.record(
        CaseOpened(case_id=case.pk, reason=case.reason, again=again),
        customer_id=case.feedback.customer_id,
        by=by,
    )
    _touch(case)
    _alert(case, queries.to_alert(case.feedback, owner=case.owner), by=by)


def pause_anew(customers: Sequence[Customer], *, by: Staff | None) -> None:
    """Pause each of them for the cases that are open and theirs, and for no other case."""
    cases = Case.objects.filter(feedback__customer__in=customers).exclude(state=Case.State.CLOSED)
    cases = cases.select_related("feedback")
    wanted = {(case.feedback.customer_id, case.pause_key) for case in cases}
    kind = Pause.Kind.OPEN_COMPLAINT
    for customer in customers:
        kept = customer.pauses.filter(kind=kind, key__startswith=Case.PAUSE_PREFIX)
        for key in kept.values_list("key", flat=True):
            if (customer.pk, key) not in wanted:
                consents.lift_pause(customer, kind=kind, key=key, by=by)
        for owner, key in sorted(wanted):
            if owner == customer.pk:
                consents.pause(customer, kind=kind, key=key, by=by)


def alert_team(case: Case) -> None:
    """Tell who answers for the team, once it is known which one it is about."""
    if not case.is_closed:
        _alert(case, queries.leads_told(case.feedback), by=None)


def _alert(case: Case, people: Iterable[Staff], *, by: Staff | None) -> None:
    time = case.notes.filter(event=CaseNote.Event.REOPENED).count()
    for person in people:
        if by is not None and person.pk == by.pk:
            continue
        mailing.queue_message(
            emails.case_alert(case, to=person),
            key=f"case-alert:{case.pk}:{time}:{case.reason}:{person.pk}",
            purpose=Purpose.ALERT,
            staff=person,
            language=emails.language_of(person),
            about=[queries.mention_of(case.feedback)],
        )


def take_over(case: Case, *, by: Staff) -> Case:
    """Make it one's own. Raises CaseError where it is somebody else's and `by` does not manage."""
    return assign(case, to=by, by=by)


def assign(case: Case, *, to: Staff, by: Staff) -> Case:
    """Give a case to somebody who serves at its place. Raises CaseError."""
    with transaction.atomic():
        locked = _locked(case)
        _must_be_open(locked)
        is_free = locked.owner_id is None and to.pk == by.pk
        if not is_free and locked.owner_id != by.pk:
            _must_manage(locked, by)
        if not to.may(Permission.SERVE, place=locked.feedback.place):
            raise CaseError(_("This person does not serve customers at that place."))
        if locked.owner_id == to.pk:
            return locked
        locked.owner = to
        locked.save(update_fields=["owner"])
        event = CaseNote.Event.TAKEN if to.pk == by.pk else CaseNote.Event.ASSIGNED
        _add(locked, event, by=by, about=to)
        _touch(locked)
        if to.pk != by.pk and to.email:
            mailing.queue_message(
                emails.case_alert(locked, to=to),
                key=f"case-assigned:{locked.pk}:{to.pk}:{locked.notes.count()}",
                purpose=Purpose.ALERT,
                staff=to,
                language=emails.language_of(to),
                about=[queries.mention_of(locked.feedback)],
            )
    return locked


def add_note(case: Case, text: str, *, by: Staff, submission_id: str = "") -> CaseNote:
    """Write something down for colleagues. The same submission again adds nothing."""
    written = _text(text)
    with transaction.atomic():
        _must_serve(case, by)
        return _add_once(
            case, kind=CaseNote.Kind.NOTE, text=written, by=by, submission_id=submission_id
        )[0]


def reply_by_email(case: Case, text: str, *, by: Staff, submission_id: str) -> CaseNote:
    """Answer the customer by mail, once per submission. Raises CaseError without an address.

    A case that nobody owns becomes `by`'s; an open one counts as answered.
    """
    written = _text(text)
    feedback = case.feedback
    with transaction.atomic():
        _must_serve(case, by)
        address = queries.address_of(feedback)
        if not address:
            raise CaseError(_("There is no e-mail address to answer to."), code="no_address")
        note, is_new = _add_once(
            case,
            kind=CaseNote.Kind.REPLY,
            event=CaseNote.Event.EMAILED,
            text=written,
            by=by,
            submission_id=submission_id,
        )
        if is_new:
            language = reply_language(feedback)
            message = mailing.queue_message(
                emails.reply(feedback, text=written, by=by, language=language),
                key=f"case-reply:{note.submission_id}",
                purpose=Purpose.SERVICE,
                customer=feedback.customer,
                to=address,
                to_name="" if feedback.customer else feedback.contact_name,
                language=language,
                by=by,
            )
            note.message_id = message.pk
            note.save(update_fields=["message_id"])
            _answered(case, by=by)
    return note


def reply_by_hand(case: Case, text: str, *, by: Staff, submission_id: str) -> CaseNote:
    """Note that `by` answered by phone, chat or in person, with these words. Raises CaseError."""
    written = _text(text)
    feedback = case.feedback
    with transaction.atomic():
        _must_serve(case, by)
        note, is_new = _add_once(
            case,
            kind=CaseNote.Kind.REPLY,
            event=CaseNote.Event.SENT_BY_HAND,
            text=written,
            by=by,
            submission_id=submission_id,
        )
        if is_new:
            if feedback.customer is not None:
                message = mailing.record_sent_by_hand(
                    written,
                    key=f"case-reply:{note.submission_id}",
                    purpose=Purpose.SERVICE,
                    customer=feedback.customer,
                    by=by,
                    address=queries.phone_of(feedback),
                )
                note.message_id = message.pk
                note.save(update_fields=["message_id"])
            _answered(case, by=by)
    return note


def reply_language(feedback: Feedback) -> str:
    """The language to answer in: the customer's own, else the one they wrote in."""
    if feedback.customer is not None and feedback.customer.language:
        return feedback.customer.language
    known = dict(_languages())
    return feedback.language if feedback.language in known else language_for(feedback.customer)


def _languages() -> list[tuple[str, str]]:
    return [(code, code) for code in ("en", "hu", "bg", "et", "ka")]


def close(case: Case, *, what_was_done: str, by: Staff) -> Case:
    """Close a case with what was done; the customer's pause ends. Raises CaseError."""
    done = what_was_done.replace("\x00", "").strip()[:MAX_REPLY]
    if not done:
        raise CaseError(_("Please write what was done."), code="nothing_done")
    with transaction.atomic():
        locked = _locked(case)
        _must_steer(locked, by)
        if locked.is_closed:
            return locked
        locked.state = Case.State.CLOSED
        locked.closed_at = timezone.now()
        locked.what_was_done = done
        locked.owner = locked.owner or by
        locked.save(update_fields=["state", "closed_at", "what_was_done", "owner"])
        _add(locked, CaseNote.Event.CLOSED, text=done, by=by)
        customer = locked.feedback.customer
        if customer is not None:
            consents.lift_pause(
                customer, kind=Pause.Kind.OPEN_COMPLAINT, key=locked.pause_key, by=by
            )
        moments.record(
            CaseClosed(case_id=locked.pk), customer_id=locked.feedback.customer_id, by=by
        )
        _touch(locked)
        audit.note("feedback.close_case", by=by, subject=f"case:{locked.public_id}")
    return locked


def reopen(case: Case, *, by: Staff | None) -> Case:
    """Take up a case again, with a new due time. Raises CaseError."""
    with transaction.atomic():
        locked = _locked(case)
        if by is not None:
            _must_steer(locked, by)
        if locked.state == Case.State.OPEN:
            return locked
        locked.state = Case.State.OPEN
        locked.closed_at = None
        locked.due_at = _due(locked.reason)
        locked.save(update_fields=["state", "closed_at", "due_at"])
        _add(locked, CaseNote.Event.REOPENED, by=by)
        _begin(locked, by=by, again=True)
    return locked


def ask_again(case: Case, *, channel: str, by: Staff) -> asking.Asked:
    """Ask the customer whether it was put right, or note why not.

    While the question waits for its answer it is not asked again: CaseError, except that of a link
    to hand over there may be another, with which the former one ends. Raises CaseError.
    """
    customer = case.feedback.customer
    if customer is None:
        raise CaseError(_("Nobody knows who this customer is."), code="no_customer")
    with transaction.atomic():
        locked = _locked(case)
        _must_serve(locked, by)
        waiting = _may_ask(locked, channel)
        survey = designs.survey_about_mending(by=by)
        if survey is None:
            raise CaseError(_("There is no open survey to ask with."), code="no_survey")
        asked = asking.ask(customer, survey, channel=channel, case_id=locked.pk, by=by)
        if asked.decision.was_asked:
            if waiting is not None:
                asking.end_link(waiting)
            locked.outcome = Case.Outcome.ASKED
            locked.invitation = asked.decision.invitation
            locked.save(update_fields=["outcome", "invitation"])
            _add(locked, CaseNote.Event.ASKED, by=by)
        else:
            _add(locked, CaseNote.Event.NOT_ASKED, text=asked.decision.reason, by=by)
        _touch(locked)
    return asked


def _may_ask(case: Case, channel: str) -> Invitation | None:
    """The link to hand over that a new one replaces, if there is one; raises CaseError."""
    waiting = queries.unanswered_question(case)
    if waiting is not None and not (channel == waiting.channel == AskChannel.HAND):
        raise CaseError(
            _("The customer was asked already and can still answer."), code="asked_already"
        )
    return waiting


def note_outcome(case: Case, response: Response) -> Case:
    """Note the answer whether it was put right; a weak score opens the case again."""
    with transaction.atomic():
        locked = _locked(case)
        locked.outcome = outcome_of(response)
        locked.save(update_fields=["outcome"])
        _add(locked, CaseNote.Event(locked.outcome), text=response.comment)
        _touch(locked)
        if locked.outcome == Case.Outcome.NOT_PUT_RIGHT:
            reopen(locked, by=None)
            locked.refresh_from_db()
    return locked


def outcome_of(response: Response) -> Case.Outcome:
    """What a score says: one of the two highest grades is right, a weak one not, others partly.

    These are the grades that count as satisfied in the scores: 4–5 of 5, 6–7 of 7, 9–10 of 10.
    """
    _lowest, highest = SCALES[Metric(response.metric)]
    if response.score >= highest - 1:
        return Case.Outcome.PUT_RIGHT
    return Case.Outcome.NOT_PUT_RIGHT if response.is_weak else Case.Outcome.PARTLY


def lock_case_of(feedback: Feedback) -> None:
    """Lock the case that it opened, if it did, for the caller's transaction."""
    _lock(Case.objects.filter(feedback=feedback))


def _lock(rows: QuerySet[Case]) -> None:
    list(rows.select_for_update().values_list("pk", flat=True))


def _locked(case: Case) -> Case:
    """The case as it is now, locked. Read after the lock is held: PostgreSQL gives whoever waited
    the row itself anew, but what is joined to it as it was before.
    """
    _lock(Case.objects.filter(pk=case.pk))
    rows = Case.objects.select_related("feedback__customer", "feedback__place", "owner")
    return rows.select_related("invitation").get(pk=case.pk)


def _text(text: str) -> str:
    written = text.replace("\x00", "").strip()[:MAX_REPLY]
    if not written:
        raise CaseError(_("Please write something."), code="nothing_written")
    return written


def _must_serve(case: Case, by: Staff) -> None:
    if not by.may(Permission.SERVE, place=case.feedback.place):
        raise CaseError(_("You do not serve customers at this place."), code="not_yours")


def _must_manage(case: Case, by: Staff) -> None:
    if not by.may(Permission.MANAGE, place=case.feedback.place):
        raise CaseError(
            _("This belongs to somebody else. A manager can change that."), code="not_yours"
        )


def _must_steer(case: Case, by: Staff) -> None:
    """Its owner, a manager, or (while nobody owns it) whoever serves there."""
    _must_serve(case, by)
    if case.owner_id not in {None, by.pk}:
        _must_manage(case, by)


def _must_be_open(case: Case) -> None:
    if case.is_closed:
        raise CaseError(_("This is closed. Open it again first."), code="closed")


def _answered(case: Case, *, by: Staff) -> None:
    Case.objects.filter(pk=case.pk, owner=None).update(owner=by)
    Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(
        state=Case.State.ANSWERED, answered_at=timezone.now()
    )
    _touch(case)


def _add(
    case: Case, event: str, *, text: str = "", by: Staff | None = None, about: Staff | None = None
) -> CaseNote:
    return CaseNote.objects.create(
        case=case, kind=CaseNote.Kind.SYSTEM, event=event, text=text, by=by, about=about
    )


def _add_once(
    case: Case, *, kind: str, text: str, by: Staff, submission_id: str, event: str = ""
) -> tuple[CaseNote, bool]:
    drafted = CaseNote(
        case=case,
        kind=kind,
        event=event,
        text=text,
        by=by,
        submission_id=submission_id or new_token(),
    )
    CaseNote.objects.bulk_create([drafted], ignore_conflicts=True)
    stored = CaseNote.objects.get(submission_id=drafted.submission_id)
    return stored, stored.public_id == drafted.public_id


def _touch(case: Case) -> None:
    """Let open inboxes see that something changed."""
    Feedback.objects.filter(pk=case.feedback_id).update(changed_at=timezone.now())
