"""The inbox: everything that customers say, in one stream."""

from __future__ import annotations

import hashlib
import json
from typing import cast

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.models import Staff
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.tables import Column, Filter, Table
from regulars.feedback import forms, queries
from regulars.feedback.actions import cases, praise, receiving
from regulars.feedback.emails import ready_text
from regulars.feedback.models import Case, Feedback, Feeling, Kind, Source, Topic

PAGE_SIZE = 20


@access.staff(Permission.SEE)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The stream with its search and filters, the newest first."""
    return render(request, "feedback/inbox.html", _stream_context(request, _state(request)))


@access.staff(Permission.SEE)
@require_safe
def stream(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that asks every few seconds: 304 while nothing has changed."""
    state = _state(request)
    if request.headers.get("If-None-Match") == state:
        return HttpResponseNotModified(headers={"ETag": state})
    response = render(request, "feedback/stream.html", _stream_context(request, state))
    response.headers["ETag"] = state
    return response


def _stream_context(request: HttpRequest, state: str) -> dict[str, object]:
    query = request.GET.urlencode()
    return {
        "table": _table(request),
        "stream": reverse("feedback:stream") + (f"?{query}" if query else ""),
        "list_query": query,
        "headers": json.dumps({"If-None-Match": state}),
        "may_serve": staff_of(request).may(Permission.SERVE),
        "may_manage": staff_of(request).may(Permission.MANAGE),
    }


def _state(request: HttpRequest) -> str:
    rows = queries.feedback_visible_to(staff_of(request))
    told = "|".join([queries.state_of(rows), request.GET.urlencode(), get_language() or ""])
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


def _table(request: HttpRequest) -> Table[Feedback]:
    staff = staff_of(request)
    return Table(
        request.GET,
        queries.feedback_visible_to(staff),
        name=_("Inbox"),
        columns=[Column("text", _("What was said"))],
        search=queries.searched,
        filters=_filters(staff),
        page_size=PAGE_SIZE,
        empty=_("Nobody has said anything yet"),
    )


def _filters(staff: Staff) -> list[Filter[Feedback]]:
    places = [(one.public_id, one.name) for one in queries.places_of(staff)]
    found: list[Filter[Feedback]] = [
        Filter(
            "show", _("Show"), [("unread", _("unread"))], lambda rows, _one: queries.unread(rows)
        ),
        Filter("kind", _("Kind"), Kind.choices, lambda rows, one: rows.filter(kind=one)),
        Filter(
            "feeling", _("Feeling"), Feeling.choices, lambda rows, one: rows.filter(feeling=one)
        ),
        Filter("topic", _("About"), Topic.choices, queries.about),
        Filter("source", _("From"), Source.choices, lambda rows, one: rows.filter(source=one)),
    ]
    if len(places) > 1:
        at = Filter[Feedback](
            "place", _("Place"), places, lambda rows, one: rows.filter(place__public_id=one)
        )
        found.append(at)
    return found


def staff_of(request: HttpRequest) -> Staff:
    """Who is signed in; the view's declaration has seen to it that somebody is."""
    return cast("Staff", request.user)


def found_or_404(request: HttpRequest, public_id: str) -> Feedback:
    """What was said, if this person may see it."""
    return get_object_or_404(queries.feedback_visible_to(staff_of(request)), public_id=public_id)


def customer_url(found: Feedback) -> str:
    """The page of the customer who said it, where there is one."""
    return found.customer.get_absolute_url() if found.customer else ""


@access.staff(Permission.SEE)
@require_safe
def feedback(request: HttpRequest, public_id: str) -> HttpResponse:
    """One thing somebody said: the words, what was read in them, and what can be done."""
    return _feedback_page(request, found_or_404(request, public_id))


def _feedback_page(
    request: HttpRequest,
    found: Feedback,
    *,
    thanks: forms.ReplyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    staff = staff_of(request)
    language = cases.reply_language(found)
    noted = getattr(found, "praise", None)
    people = queries.may_own(found).exclude(email=None).exclude(email="")
    context = {
        "feedback": found,
        "case": getattr(found, "case", None),
        "praise": noted,
        "purchases": queries.purchases_beside(found),
        "may_serve": staff.may(Permission.SERVE, place=found.place),
        "address": queries.address_of(found),
        "kind_form": forms.KindForm(initial={"kind": found.kind}),
        "thanks_form": thanks
        or forms.ReplyForm(initial={"text": ready_text("thanks", found, language=language)}),
        "pass_on_form": forms.PassOnForm(
            people=people,
            initial={"person": noted.employee if noted else queries.employee_named(found)},
        ),
        "people": people,
        "customer_url": customer_url(found),
    }
    return render(request, "feedback/feedback.html", context, status=status)


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Type in what somebody said at the counter, by phone or by mail."""
    staff = staff_of(request)
    if request.method != "POST":
        form = forms.SaidForm(staff=staff, initial={"who": request.GET.get("who", "")})
        return render(request, "feedback/add.html", {"form": form})
    form = forms.SaidForm(request.POST, staff=staff)
    if not form.is_valid():
        return render(request, "feedback/add.html", {"form": form}, status=422)
    given = form.cleaned_data
    stored, _is_new = receiving.receive(
        receiving.Said(
            source=Source(given["source"]),
            text=given["text"],
            kind=given["kind"],
            submission_id=given["submission_id"],
            customer=given["found"],
            contact_name=given["contact_name"],
            contact_address=given["contact_address"],
            place=given.get("place"),
            touchpoint=given.get("touchpoint"),
            typed_by=staff,
        )
    )
    receiving.mark_read(stored, by=staff)
    notes.success(request, _("It is in the inbox now."))
    case = queries.case_of(stored)
    return redirect(case or stored)


@access.staff(Permission.SERVE)
@require_POST
def mark_read(request: HttpRequest, public_id: str) -> HttpResponse:
    """Note that it was read, or (`read` is empty) that it is to be looked at again."""
    found = found_or_404(request, public_id)
    receiving.mark_read(found, by=staff_of(request), is_read=request.POST.get("read", "1") == "1")
    return redirect(_back(request) or found)


def _back(request: HttpRequest) -> str:
    """The list that the button stood on, with its filters."""
    query = request.POST.get("list", "")
    return f"{reverse('feedback:inbox')}?{query}" if "list" in request.POST else ""


@access.staff(Permission.SERVE)
@require_POST
def say_what_it_is(request: HttpRequest, public_id: str) -> HttpResponse:
    """Correct the kind that was guessed."""
    found = found_or_404(request, public_id)
    form = forms.KindForm(request.POST)
    if form.is_valid():
        receiving.say_what_it_is(found, kind=Kind(form.cleaned_data["kind"]), by=staff_of(request))
        notes.success(request, _("Thank you. Noted."))
    return redirect(found)


@access.staff(Permission.SERVE)
@require_POST
def open_case(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that this has to be put right."""
    found = found_or_404(request, public_id)
    return redirect(cases.open_case(found, reason=Case.Reason.BY_STAFF, by=staff_of(request)))


@access.staff(Permission.SERVE)
@require_POST
def thank(request: HttpRequest, public_id: str) -> HttpResponse:
    """Thank for praise by mail."""
    found = found_or_404(request, public_id)
    form = forms.ReplyForm(request.POST)
    if not form.is_valid():
        return _feedback_page(request, found, thanks=form, status=422)
    try:
        praise.thank(
            found,
            form.cleaned_data["text"],
            language=cases.reply_language(found),
            by=staff_of(request),
        )
    except praise.PraiseError as error:
        form.add_error(None, str(error))
        return _feedback_page(request, found, thanks=form, status=422)
    notes.success(request, _("Your thanks are on their way."))
    return redirect(found)


@access.staff(Permission.SERVE)
@require_POST
def pass_on(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pass praise on to the employee whom it is about."""
    found = found_or_404(request, public_id)
    form = forms.PassOnForm(request.POST, people=queries.may_own(found))
    if not form.is_valid():
        notes.error(request, _("Please choose a person."))
        return redirect(found)
    praise.pass_on(found, to=form.cleaned_data["person"], by=staff_of(request))
    notes.success(request, _("Passed on."))
    return redirect(found)
