"""The demo company: one click in, one click out."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.accounts.models import Staff
from regulars.console import demo
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError


@access.staff(Permission.OWN)
@require_POST
def begin_demo(request: HttpRequest) -> HttpResponse:
    """Load the demo company into an installation that has no customers."""
    try:
        demo.begin(by=cast("Staff", request.user))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("This is Café Mandula. Look around; nobody is written to."))
    return redirect("/")


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
