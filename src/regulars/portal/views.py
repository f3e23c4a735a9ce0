"""The public pages' shell."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from regulars.core import access


@access.public("A style sheet with the colour that the address names.")
@require_GET
def colour(request: HttpRequest, colour: str) -> HttpResponse:
    """The business's colour, made dark (or, in the dark, light) enough to be read on paper."""
    if not re.fullmatch(r"[0-9a-fA-F]{6}", colour):
        raise Http404
    css = (
        f":root{{--chosen:#{colour};--brand:light-dark("
        "oklch(from var(--chosen) min(l,.5) c h),oklch(from var(--chosen) max(l,.78) c h));"
        "--accent:var(--brand);--accent-strong:light-dark("
        "oklch(from var(--chosen) min(l,.42) c h),oklch(from var(--chosen) max(l,.85) c h))}"
    )
    return HttpResponse(
        css,
        content_type="text/css",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
