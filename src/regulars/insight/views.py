"""The pages about scores."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regulars.accounts.models import Staff
from regulars.core import access
from regulars.core.access import Permission
from regulars.insight import results as gathered


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
