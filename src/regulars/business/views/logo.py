"""The logo as public pages show it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from regulars.business import pictures
from regulars.core import access


@access.public("The logo stands on every page that customers see")
@require_safe
def logo(request: HttpRequest, name: str) -> HttpResponse:
    """The picture whose digest the address holds; it never changes."""
    file = pictures.path_of(name)
    if file is None:
        raise Http404
    return HttpResponse(
        file.read_bytes(),
        content_type="image/png",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
