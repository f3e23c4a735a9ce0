"""The public form for complaints and suggestions, and the page that hands out its address."""

from __future__ import annotations

from typing import cast

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.models import Staff
from regulars.accounts.queries import places_where
from regulars.business.models import Place
from regulars.core import access, limits, links, qr
from regulars.core.access import Permission
from regulars.feedback import forms, queries
from regulars.feedback.actions import care_lines, receiving
from regulars.feedback.models import CareLine, Source

MAX_BODY_BYTES = 64_000
MESSAGES_AN_HOUR = 10
HOUR = 3600


@csrf_exempt  # anybody may write to the business, also from a page that is old or without cookies
@access.public("whoever has the code may complain or make a suggestion")
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, code: str) -> HttpResponse:
    """The form: what it is, the words and, for whoever wants an answer, an address."""
    line = queries.care_line_by(code)
    if line is None:
        raise Http404
    if request.method != "POST":
        return _page(request, line, forms.SayForm())
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        return HttpResponse(status=413)
    form = forms.SayForm(request.POST)
    if not form.is_valid():
        return _page(request, line, form, status=422)
    who = limits.client_network(request)
    if not limits.allow(f"say:{who}", limit=MESSAGES_AN_HOUR, window_seconds=HOUR):
        form.add_error(
            None, _("Many messages have come from your network. Please try again in an hour.")
        )
        return _page(request, line, form, status=429)
    given = form.cleaned_data
    receiving.receive(
        receiving.Said(
            source=Source.WEB_FORM,
            text=given["text"],
            kind=given["kind"],
            submission_id=f"say:{given['submission_id']}"[:64],
            contact_name=given["contact_name"],
            contact_address=given["contact_address"].strip(),
            language=get_language() or "",
            place=line.place,
        )
    )
    return redirect("feedback:said", code)


def _page(
    request: HttpRequest, line: CareLine, form: forms.SayForm, *, status: int = 200
) -> HttpResponse:
    return render(request, "feedback/say.html", {"line": line, "form": form}, status=status)


@access.public("where the form leads, so that reloading sends nothing twice")
@require_safe
def said(request: HttpRequest, code: str) -> HttpResponse:
    """Thanks for the message."""
    line = queries.care_line_by(code)
    if line is None:
        raise Http404
    return render(request, "feedback/said.html", {"line": line})


@access.staff(Permission.MANAGE)
@require_safe
def care_line(request: HttpRequest) -> HttpResponse:
    """The addresses of the forms, with a QR code for each."""
    staff = _staff(request)
    managed = set(places_where(staff, Permission.MANAGE))
    lines = [
        one
        for one in queries.care_lines_visible_to(staff)
        if one.place in managed or (one.place is None and _manages_all(staff))
    ]
    shown = [
        {"line": one, "link": link, "picture": qr.data_uri(link)}
        for one in lines
        if (link := links.to("feedback:say", one.code))
    ]
    missing = [one for one in managed if one.pk not in {line.place_id for line in lines}]
    context = {
        "lines": shown,
        "missing": sorted(missing, key=lambda place: place.name),
        "lacks_general": _manages_all(staff) and not any(one.place is None for one in lines),
    }
    return render(request, "feedback/care_line.html", context)


@access.staff(Permission.MANAGE)
@require_POST
def make_care_line(request: HttpRequest) -> HttpResponse:
    """Make the form of a place one manages, or (without a place) of the whole business."""
    staff, wanted = _staff(request), request.POST.get("place", "")
    place: Place | None = None
    if wanted:
        place = get_object_or_404(places_where(staff, Permission.MANAGE), public_id=wanted)
    elif not _manages_all(staff):
        raise Http404
    care_lines.make_care_line(place, by=staff)
    notes.success(request, _("The form is ready."))
    return redirect("feedback:care_line")


def _manages_all(staff: Staff) -> bool:
    return any(
        held.place_id is None and staff.may(Permission.MANAGE) for held in staff.roles_held()
    )


def _staff(request: HttpRequest) -> Staff:
    return cast("Staff", request.user)
