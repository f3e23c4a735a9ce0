"""The demo company: one click in, one click out."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from regulars.accounts.models import Staff
from regulars.console import demo, tasks
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError


@access.staff(Permission.OWN)
@require_POST
def begin_demo(request: HttpRequest) -> HttpResponse:
    """Have the demo company loaded into an installation that has no customers."""
    try:
        demo.begin_later(tasks.load_demo, by=cast("Staff", request.user))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("/")


@access.staff(Permission.SEE)
@require_safe
def demo_progress(request: HttpRequest) -> HttpResponse:
    """How far loading is; asks the page to come again when it is done.

    What was shown already (`silent`) is not sent again: it would be read out again, and whoever
    stands on its button would lose their place.
    """
    loading = demo.loading()
    if loading is None:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    if loading.is_silent and "silent" in request.GET:
        return HttpResponse(status=204)
    return render(request, "console/demo_progress.html", {"loading": loading})


@access.staff(Permission.OWN)
@require_POST
def end_demo(request: HttpRequest) -> HttpResponse:
    """Remove the demo company and everything that was done in it."""
    try:
        demo.end(by=cast("Staff", request.user))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("/")
    messages.success(request, _("The demo company is gone. Now it is your own."))
    return redirect("console:first_run")
