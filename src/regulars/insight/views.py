"""The pages about scores."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.accounts.models import Staff
from regulars.core import access
from regulars.core.access import Permission
from regulars.insight import actions
from regulars.insight import results as gathered
from regulars.insight.queries import recipients


@access.staff(Permission.SEE)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """One metric over time or by its parts."""
    wanted = gathered.wanted(request.GET, cast("Staff", request.user))
    if wanted is None:
        return render(request, "insight/no_results.html")
    context = {"wanted": wanted, "choice": wanted.choice, "results": gathered.results(wanted)}
    return render(request, "insight/results.html", context)


@access.staff(Permission.SEE)
@require_GET
def scores_csv(request: HttpRequest) -> HttpResponse:
    """The figures of the same page as CSV."""
    wanted = gathered.wanted(request.GET, cast("Staff", request.user))
    text = "" if wanted is None else gathered.as_csv(wanted)
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="scores.csv"'
    return answer


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def monday_mail(request: HttpRequest) -> HttpResponse:
    """Switch one's own Monday mail on or off."""
    staff = cast("Staff", request.user)
    if request.method == "POST":
        actions.choose_monday_mail(staff, is_wanted=request.POST.get("wanted") == "yes")
        messages.success(request, _("Saved."))
        return redirect("insight:monday_mail")
    context = {"is_wanted": recipients.wants_monday_mail(staff)}
    return render(request, "insight/monday_mail.html", context)
