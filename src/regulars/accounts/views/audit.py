"""The audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from regulars.accounts import queries
from regulars.core import access
from regulars.core.access import Permission


@access.staff(Permission.OWN)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who did what, the newest first, a hundred lines a page."""
    action = request.GET.get("action", "")
    before = request.GET.get("before", "")
    page = queries.audit_page(
        action=action, before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    shown = {"page": page, "action": action, "actions": queries.audit_actions()}
    return render(request, "accounts/audit_log.html", shown)
