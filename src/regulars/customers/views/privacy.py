"""What is stored about a person, handed out; and erased."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.accounts.views.account import me
from regulars.business.queries import the_business
from regulars.core import access
from regulars.core.access import Permission
from regulars.customers.actions import erasing
from regulars.customers.actions import retaining as keeping
from regulars.customers.forms import HoldForm
from regulars.customers.models import Customer
from regulars.customers.queries import personal, retaining
from regulars.customers.views.customer import one


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def personal_data(request: HttpRequest, customer: str) -> HttpResponse:
    """Everything about a person: to read, or as a file that programs read. Handing out is noted."""
    found = one(request, customer)
    if request.method != "POST":
        return _everything(request, found)
    erasing.note_export(found, by=me(request))
    if request.POST.get("format") == "html":
        return _page_to_keep(request, found.public_id)
    records = personal.everything_about(found)
    document = {
        "about": found.public_id,
        "from": the_business().name,
        "written_at": timezone.now().isoformat(),
        "records": records,
    }
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    return _file(text, "application/json", f"personal-data-{found.public_id}.json")


def _everything(
    request: HttpRequest, found: Customer, *, form: HoldForm | None = None
) -> HttpResponse:
    context = {
        "customer": found,
        "sections": personal.sections_about(found),
        "hold": retaining.hold_of(found),
        "hold_form": form or HoldForm(),
    }
    status = 200 if form is None else 422
    return render(request, "customers/personal_data.html", context, status=status)


@access.staff(Permission.MANAGE)
@require_POST
def place_hold(request: HttpRequest, customer: str) -> HttpResponse:
    """Delete nothing about somebody until the hold ends."""
    found = one(request, customer)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _everything(request, found, form=form)
    keeping.place_hold(found, reason=form.cleaned_data["reason"], by=me(request))
    messages.success(request, _("Nothing about this person will be deleted."))
    return redirect("customers:personal_data", found.public_id)


@access.staff(Permission.MANAGE)
@require_POST
def end_hold(request: HttpRequest, customer: str) -> HttpResponse:
    """What is due may go again."""
    found = one(request, customer)
    keeping.end_hold(found, by=me(request))
    messages.success(request, _("The hold has ended."))
    return redirect("customers:personal_data", found.public_id)


def _page_to_keep(request: HttpRequest, public_id: str) -> HttpResponse:
    found = one(request, public_id)
    context = {
        "customer": found,
        "business": the_business().name,
        "sections": personal.sections_about(found),
        "now": timezone.now(),
    }
    text = render_to_string("customers/personal_data_file.html", context, request)
    return _file(text, "text/html; charset=utf-8", f"personal-data-{found.public_id}.html")


def _file(text: str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: HttpRequest, customer: str) -> HttpResponse:
    """Erase somebody, after a second look: it cannot be taken back."""
    found = one(request, customer)
    is_sure = request.POST.get("sure") == "yes"
    hold = retaining.hold_of(found)
    if request.method == "POST" and is_sure and hold is None:
        erasing.erase(found, by=me(request))
        messages.success(request, _("Everything about this person has been erased."))
        return redirect("customers:customers")
    context = {"customer": found, "must_tick": request.method == "POST", "hold": hold}
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/erasure.html", context, status=status)
