"""The search box of the menu."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regulars.accounts.models import Staff
from regulars.console import search as gathered
from regulars.core import access
from regulars.core.access import Permission


@access.staff(Permission.SEE)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What holds the words, of every kind."""
    words = request.GET.get("q", "")
    hits = gathered.everywhere(words, cast("Staff", request.user))
    return render(request, "console/search.html", {"words": words, "hits": hits})
