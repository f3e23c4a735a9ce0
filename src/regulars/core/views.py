"""Views that belong to no capability: language, light or dark, the living page of the design."""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from regulars.core import access, design
from regulars.core import health as parts
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


@access.public("A monitor asks without signing in; nothing is told but that this process lives.")
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@access.public("A monitor asks without signing in; one word is told about each part.")
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether each part works; 503 when one fails. A late backup is told, but is no 503."""
    found = parts.health()
    ready = parts.Health.FAILING not in found.values()
    return JsonResponse({"ready": ready, **found}, status=200 if ready else 503)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page of `next`, or where that address only takes forms, to the nearest above it."""
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(_readable(target) if allowed and target.startswith("/") else "/")


def _readable(target: str) -> str:
    """`target` unless it only takes forms, as where a refused one is shown; then a page above it.

    An address that leads nowhere stays: its error is read in the other language, too.
    """
    path = urlsplit(target).path
    if _takes_get(path) is not False:
        return target
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _takes_get(path):
            return path
    return "/"


def _takes_get(path: str) -> bool | None:
    """Whether the address can be opened, by what its view is declared with; None for no address."""
    try:
        view: Any = resolve(path).func
    except Resolver404:
        return None
    while inspect.isfunction(view):
        methods = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if methods is not None:
            return "GET" in methods
        view = getattr(view, "__wrapped__", None)
    return True


def _remember(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=A_YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
