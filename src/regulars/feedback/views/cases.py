"""Cases: what has to be put right, by whom, until when, and the conversation about it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from regulars.accounts.models import Staff
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.tables import Column, Filter, Table
from regulars.feedback import emails, forms, queries
from regulars.feedback.actions import cases as actions
from regulars.feedback.models import Case, CaseNote
from regulars.surveys import queries as surveys
from regulars.surveys.emails import words_to_share
from regulars.surveys.models import AskChannel, AskReason

TONES: dict[str, str] = {
    Case.State.OPEN: "warn",
    Case.State.ANSWERED: "info",
    Case.State.CLOSED: "good",
}
EVENT_ICONS: dict[str, tuple[str, str]] = {
    CaseNote.Event.OPENED: ("flag", "warn"),
    CaseNote.Event.URGENT: ("clock", "bad"),
    CaseNote.Event.TAKEN: ("person", ""),
    CaseNote.Event.ASSIGNED: ("person", ""),
    CaseNote.Event.EMAILED: ("mail", "info"),
    CaseNote.Event.SENT_BY_HAND: ("share", "info"),
    CaseNote.Event.CLOSED: ("check", "good"),
    CaseNote.Event.REOPENED: ("undo", "warn"),
    CaseNote.Event.ASKED: ("survey", ""),
    CaseNote.Event.NOT_ASKED: ("survey", "warn"),
    CaseNote.Event.PUT_RIGHT: ("good", "good"),
    CaseNote.Event.PARTLY: ("good", "warn"),
    CaseNote.Event.NOT_PUT_RIGHT: ("warn", "bad"),
}


@access.staff(Permission.SEE)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases that are open, one's own, overdue or closed; the most urgent first."""
    staff = _staff(request)
    seen = queries.cases_visible_to(staff)
    show = request.GET.get("show", "")
    table = Table(
        request.GET,
        _shown(seen, show, staff),
        name=_("To put right"),
        columns=_columns(),
        search=queries.searched_cases,
        filters=_filters(staff),
        empty=_("Nothing to put right here"),
        empty_text=_("A weak score or a complaint comes here by itself, with a time to answer by."),
    )
    context = {
        "table": table,
        "counts": queries.case_counts(seen, staff),
        **{f"is_{name}": show == name for name in ("mine", "overdue", "closed")},
        "is_all": show not in {"mine", "overdue", "closed"},
    }
    return render(request, "feedback/cases.html", context)


def _shown(rows: QuerySet[Case], show: str, staff: Staff) -> QuerySet[Case]:
    if show == "mine":
        return rows.filter(owner=staff).exclude(state=Case.State.CLOSED)
    if show == "overdue":
        return queries.overdue(rows)
    if show == "closed":
        return rows.filter(state=Case.State.CLOSED).order_by("-closed_at", "-pk")
    return rows.exclude(state=Case.State.CLOSED)


def _columns() -> list[Column[Case]]:
    return [
        Column(
            "who",
            _("Customer"),
            value=lambda c: c.feedback.who or _("Somebody who gave no name"),
            link=lambda c: c.get_absolute_url(),
        ),
        Column("text", _("What was said"), value=lambda c: _short(c.feedback.text)),
        Column("score", _("Score"), value=lambda c: c.feedback.score_in_words),
        Column(
            "state",
            _("State"),
            value=lambda c: _("overdue") if c.is_overdue else c.get_state_display(),
            tone=lambda c: "bad" if c.is_overdue else TONES[c.state],
        ),
        Column("due_at", _("Answer until"), kind="when", sort="due_at"),
        Column("owner", _("Looked after by"), value=lambda c: c.owner or _("nobody yet")),
        Column("place", _("Place"), value=lambda c: c.feedback.place or "", optional=True),
        Column("opened_at", _("Since"), kind="when", sort="opened_at", optional=True),
    ]


_SHORT = 90


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT].rstrip()}…"


def _filters(staff: Staff) -> list[Filter[Case]]:
    places = [(one.public_id, one.name) for one in queries.places_of(staff)]
    found: list[Filter[Case]] = [
        Filter("why", _("Why"), Case.Reason.choices, lambda rows, one: rows.filter(reason=one)),
    ]
    if len(places) > 1:
        found.append(
            Filter[Case](
                "place",
                _("Place"),
                places,
                lambda rows, one: rows.filter(feedback__place__public_id=one),
            )
        )
    return found


def _staff(request: HttpRequest) -> Staff:
    return cast("Staff", request.user)


def _found(request: HttpRequest, public_id: str) -> Case:
    return get_object_or_404(queries.cases_visible_to(_staff(request)), public_id=public_id)


@access.staff(Permission.SEE)
@require_safe
def case(request: HttpRequest, public_id: str) -> HttpResponse:
    """One case: words, purchases, history, and the forms to answer and to close it."""
    return _page(request, _found(request, public_id))


def _page(request: HttpRequest, found: Case, *, status: int = 200, **filled: Any) -> HttpResponse:
    staff, feedback = _staff(request), found.feedback
    manages = staff.may(Permission.MANAGE, place=feedback.place)
    serves = staff.may(Permission.SERVE, place=feedback.place)
    language = actions.reply_language(feedback)
    ready = emails.ready_text(request.GET.get("text", ""), feedback, language=language)
    context: dict[str, Any] = {
        "case": found,
        "feedback": feedback,
        "tone": "bad" if found.is_overdue else TONES[found.state],
        "history": [_line(note) for note in queries.history_of(found)],
        "purchases": queries.purchases_beside(feedback),
        "address": queries.address_of(feedback),
        "phone": queries.phone_of(feedback),
        "ready_texts": _ready_texts(found),
        "language": language,
        "may_serve": serves,
        "may_manage": manages,
        "may_steer": serves and (manages or found.owner_id in {None, staff.pk}),
        "is_mine": found.owner_id == staff.pk,
        "reply_form": forms.ReplyForm(initial={"text": ready}),
        "note_form": forms.NoteForm(auto_id="note_%s"),
        "closing_form": forms.ClosingForm(initial={"what_was_done": found.what_was_done}),
        "owner_form": forms.OwnerForm(
            people=queries.may_own(feedback), initial={"person": found.owner}
        ),
        "question": queries.unanswered_question(found),
        "can_ask": feedback.customer is not None and surveys.can_ask_about_mending(),
        "customer_url": feedback.customer.get_absolute_url() if feedback.customer else "",
        **filled,
    }
    return render(request, "feedback/case.html", context, status=status)


def _ready_texts(found: Case) -> list[tuple[str, str]]:
    address = reverse("feedback:case", args=[found.public_id])
    labels = {"sorry": _("Apology"), "explain": _("Explanation"), "offer": _("Offer to mend it")}
    return [(str(labels[name]), f"{address}?text={name}#reply") for name in emails.TEMPLATES]


def _line(note: CaseNote) -> dict[str, Any]:
    """A note as the history shows it."""
    icon, tone = EVENT_ICONS.get(note.event, ("pencil", ""))
    text = note.text
    if note.event == CaseNote.Event.NOT_ASKED and text in AskReason.values:
        text = str(AskReason(text).label)
    title = note.get_event_display() if note.event else note.get_kind_display().capitalize()
    if note.event == CaseNote.Event.ASSIGNED and note.about:
        title = _("Given to %(name)s") % {"name": note.about.name}
    return {"title": title, "icon": icon, "tone": tone, "text": text, "note": note}


@access.staff(Permission.SERVE)
@require_POST
def take_over(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make the case one's own."""
    found = _found(request, public_id)
    return _done(request, found, lambda: actions.take_over(found, by=_staff(request)))


@access.staff(Permission.MANAGE)
@require_POST
def assign(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the case to somebody."""
    found = _found(request, public_id)
    form = forms.OwnerForm(request.POST, people=queries.may_own(found.feedback))
    if not form.is_valid():
        return _page(request, found, owner_form=form, status=422)
    to = form.cleaned_data["person"]
    return _done(request, found, lambda: actions.assign(found, to=to, by=_staff(request)))


def _done(request: HttpRequest, found: Case, deed: Any) -> HttpResponse:
    try:
        deed()
    except actions.CaseError as error:
        notes.error(request, str(error))
    return redirect(found)


@access.staff(Permission.SERVE)
@require_POST
def add_note(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write something down for colleagues."""
    found = _found(request, public_id)
    form = forms.NoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return _page(request, found, note_form=form, status=422)
    given = form.cleaned_data
    return _done(
        request,
        found,
        lambda: actions.add_note(
            found, given["text"], by=_staff(request), submission_id=given["submission_id"]
        ),
    )


@access.staff(Permission.SERVE)
@require_POST
def reply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the customer: by mail from here, or (`way` is `hand`) by one's own phone."""
    found = _found(request, public_id)
    form = forms.ReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, reply_form=form, status=422)
    by_hand = request.POST.get("way") == "hand"
    send = actions.reply_by_hand if by_hand else actions.reply_by_email
    given = form.cleaned_data
    try:
        sent = send(found, given["text"], by=_staff(request), submission_id=given["submission_id"])
    except actions.CaseError as error:
        form.add_error(None, str(error))
        return _page(request, found, reply_form=form, status=422)
    if by_hand:
        context = {"case": found, "words": sent.text, "phone": queries.phone_of(found.feedback)}
        return render(request, "feedback/by_hand.html", context)
    notes.success(request, _("Your answer is on its way."))
    return redirect(found)


@access.staff(Permission.SERVE)
@require_POST
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close the case with what was done."""
    found = _found(request, public_id)
    form = forms.ClosingForm(request.POST)
    if not form.is_valid():
        return _page(request, found, closing_form=form, status=422)
    try:
        actions.close(found, what_was_done=form.cleaned_data["what_was_done"], by=_staff(request))
    except actions.CaseError as error:
        form.add_error(None, str(error))
        return _page(request, found, closing_form=form, status=422)
    notes.success(request, _("Closed. Offers reach the customer again."))
    return redirect(found)


@access.staff(Permission.SERVE)
@require_POST
def reopen(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the case up again."""
    found = _found(request, public_id)
    return _done(request, found, lambda: actions.reopen(found, by=_staff(request)))


@access.staff(Permission.SERVE)
@require_POST
def ask_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the customer whether it was put right, by mail or (`way` is `hand`) by hand."""
    found = _found(request, public_id)
    channel = AskChannel.HAND if request.POST.get("way") == "hand" else AskChannel.EMAIL
    try:
        asked = actions.ask_again(found, channel=channel, by=_staff(request))
    except actions.CaseError as error:
        notes.error(request, str(error))
        return redirect(found)
    invitation = asked.decision.invitation
    if invitation is None:
        notes.warning(request, asked.decision.get_reason_display())
    elif channel == AskChannel.HAND:
        words = words_to_share(invitation, asked.token)
        context = {"case": found, "words": words, "phone": queries.phone_of(found.feedback)}
        return render(request, "feedback/by_hand.html", context)
    else:
        notes.success(request, _("The question is on its way."))
    return redirect(found)
