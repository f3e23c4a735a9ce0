"""The console's own pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regulars.console import navigation
from regulars.console.context import Shell
from regulars.core import access
from regulars.core.access import Permission


@access.staff(Permission.MANAGE)
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """Everything that can be set, as far as the role allows."""
    groups = navigation.links(
        (navigation.SETTINGS,), path=request.path, permissions=Shell(request).permissions
    )
    return render(
        request, "console/settings.html", {"entries": [one for group in groups for one in group]}
    )
