"""Headers that every answer carries, and the language that a page is written in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils import translation
from django.utils.translation import gettext

from regulars.core import failures
from regulars.core.api import is_api, problem
from regulars.core.errors import DomainError

Handler = Callable[[HttpRequest], HttpResponseBase]


def headers(get_response: Handler) -> Handler:
    """Personal pages are never stored by a cache; powerful features are switched off."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault(
            "Permissions-Policy",
            "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), "
            "publickey-credentials-get=(self), publickey-credentials-create=(self)",
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def language(get_response: Handler) -> Handler:
    """The language just chosen, else the person's own, else what the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        translation.activate(chosen_language(request))
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        response = get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return middleware


def chosen_language(request: HttpRequest) -> str:
    """One of the installed languages' codes."""
    offered = dict(settings.LANGUAGES)
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if cookie in offered:
        return cookie
    own = getattr(request.user, "language", "")
    if own in offered:
        return str(own)
    return translation.get_language_from_request(request)


def storable(get_response: Handler) -> Handler:
    """An address with NUL in it names nothing, and PostgreSQL cannot even look for it (400)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\0" not in request.path and "%00" not in request.META.get("QUERY_STRING", ""):
            return get_response(request)
        if is_api(request):
            return problem(400, code="nul_in_text", title=gettext("The address cannot be read"))
        return failures.bad_request(request, BadRequest())

    return middleware


def refusals(get_response: Handler) -> Handler:
    """A refusal that no view caught becomes a page that says why (422); NUL in a field a 400.

    Who opens an address that only takes forms, as after signing in again, reads so (405); a
    program reads so of every method that its address does not take.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_read = request.method == "GET" or is_api(request)
        if is_read and isinstance(response, HttpResponseNotAllowed):
            return failures.not_a_page(request, allowed=response.headers["Allow"])
        return response

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return failures.refused(request, exception.text)
        if isinstance(exception, DataError) and "NUL" in str(exception):
            return failures.bad_request(request, exception)
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]  # Django's hook
    return middleware
