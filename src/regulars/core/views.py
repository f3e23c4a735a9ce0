"""Views that belong to no capability: language, light or dark, the living page of the design."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from regulars.core import access, design
from regulars.core.access import Permission

A_YEAR = 60 * 60 * 24 * 365
THEMES = ("light", "dark")


@access.public("Everybody chooses the language they read.")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the chosen language in this browser and go back to the same page."""
    answer = _back(request)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, chosen)
        answer.headers["Content-Language"] = chosen
    return answer


@access.public("Everybody chooses light or dark for their own screen.")
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in this browser; anything else means: like the device."""
    answer = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        _remember(answer, settings.THEME_COOKIE_NAME, chosen)
    else:
        answer.delete_cookie(settings.THEME_COOKIE_NAME, samesite="Lax")
    return answer


@access.staff(Permission.SEE)
@require_GET
def design_page(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "core/design.html", design.samples(request))


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if allowed and target.startswith("/") else "/")


def _remember(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=A_YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
