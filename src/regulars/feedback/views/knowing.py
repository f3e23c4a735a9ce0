"""Who said it: choosing the customer where nobody was known."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.customers.queries import people
from regulars.feedback import queries
from regulars.feedback.actions import knowing
from regulars.feedback.models import Feedback
from regulars.feedback.views.inbox import found_or_404, staff_of

MOST_SHOWN = 20


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest, public_id: str) -> HttpResponse:
    """Look for the customer, and say that it was this one."""
    found = found_or_404(request, public_id)
    seen = people.customers_visible_to(staff_of(request))
    if request.method == "POST":
        customer = get_object_or_404(seen, public_id=request.POST.get("customer", ""))
        try:
            knowing.join_customer(found, customer, by=staff_of(request))
        except DomainError as error:
            notes.error(request, str(error))
        else:
            notes.success(request, _("Noted. You can take it back."))
        return redirect(_back(found))
    words = request.GET.get("q", "").strip()
    matches = people.matching(seen, words).order_by("sort_key", "pk")[:MOST_SHOWN] if words else []
    context = {
        "feedback": found,
        "words": words,
        "matches": matches or ([] if words else queries.likely_customers(found)),
    }
    return render(request, "feedback/who.html", context)


@access.staff(Permission.SERVE)
@require_POST
def not_them(request: HttpRequest, public_id: str) -> HttpResponse:
    """It was somebody else after all."""
    found = found_or_404(request, public_id)
    try:
        knowing.part_customer(found, by=staff_of(request))
    except DomainError as error:
        notes.error(request, str(error))
    else:
        notes.success(request, _("Taken back. The customer is unknown again."))
    return redirect(_back(found))


def _back(found: Feedback) -> str:
    case = queries.case_of(found)
    return (case or found).get_absolute_url()
