"""Errors as pages with a way on, or problems for programs, in the reader's language.

None of them touches the database.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.template.loader import get_template
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from regulars.core.api import is_api, problem

Text = str | Promise

# What the API calls these errors (RFC 9457; see `core.api.Problem`).
CODES = {
    400: "unreadable",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "refused",
    429: "too_many",
    500: "server_error",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(
        request,
        400,
        _("We could not read that"),
        _("Something in the address or in what was sent is not as it should be."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(
        request,
        403,
        _("This page is not open to you"),
        _("Your role does not allow it. The owner of the business can change that."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _page(
        request,
        404,
        _("There is nothing at this address"),
        _("It may have been moved or removed, or a letter of the address is missing."),
    )


def not_a_page(request: HttpRequest, *, allowed: str) -> HttpResponse:
    """405: an address that only takes forms was opened; `allowed` is the header `Allow`.

    To a program: that the address does not take this method.
    """
    answer = _page(
        request,
        405,
        _("There is nothing to see here"),
        _("This address only takes what a button sends. Please go back and press it again."),
    )
    answer.headers["Allow"] = allowed
    return answer


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more was sent than this address takes (`core.bodies`)."""
    return _page(
        request,
        413,
        _("That is too large"),
        _("More was sent than fits here. Please send a smaller file or a shorter text."),
    )


def refused(request: HttpRequest, text: Text) -> HttpResponse:
    """422: something that may not be done, with the reason (`core.errors.DomainError.text`)."""
    return _page(request, 422, _("That cannot be done"), text)


def too_many_guesses(request: HttpRequest) -> HttpResponse:
    """429: many links that lead nowhere were opened from one network."""
    return _page(
        request,
        429,
        _("There is nothing at this address"),
        _("Too many wrong addresses were tried from here. Links that are right still work."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(
        request,
        500,
        _("Something went wrong on our side"),
        _("Nothing you entered was at fault. Please try again in a minute."),
    )


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token does not fit, mostly because the page was open for too long."""
    if _came_from_another_address(request, reason):
        return _page(request, 403, _("This page was opened at another address"), _where_to())
    return _page(
        request,
        403,
        _("This page was open for too long"),
        _("For your safety nothing was saved. Please go back, load the page again and repeat it."),
    )


def _came_from_another_address(request: HttpRequest, reason: str) -> bool:
    """Whether the browser's address is not the one that this installation was started for."""
    origin = request.headers.get("Origin", "null")
    if origin in {"null", settings.PUBLIC_URL}:
        return False
    return settings.SERVED_OVER_HTTPS or reason == REASON_BAD_ORIGIN % origin


def _where_to() -> Text:
    if settings.PUBLIC_URL:
        text = _("Nothing was saved. Please open {address} instead.")
        return format_lazy(text, address=settings.PUBLIC_URL)
    return _(
        "Nothing was saved: your browser came by an address that Regulars was not started for. "
        "Whoever runs it sets REGULARS_PUBLIC_URL to that address and starts it again."
    )


def _page(request: HttpRequest, status: int, title: Text, text: Text) -> HttpResponse:
    language = _language(request)
    with translation.override(language):
        if is_api(request):
            return _problem(status, title, text)
        body = get_template("core/failure.html").render(
            {
                "title": title,
                "text": text,
                "status": status,
                "LANGUAGE_CODE": language,
                "theme": request.COOKIES.get(settings.THEME_COOKIE_NAME, ""),
            }
        )
    return HttpResponse(body, status=status, headers={"Content-Language": language})


def _problem(status: int, title: Text, text: Text) -> HttpResponse:
    """The words of 403 and 405 speak of pages and buttons; a program is told the title alone."""
    for_programs = {405: _("This address does not take this method"), 403: _("Not allowed")}
    detail = "" if status in for_programs else str(text)
    title = for_programs.get(status, title)
    return problem(status, code=CODES[status], title=str(title), detail=detail)


def _language(request: HttpRequest) -> str:
    """What the middleware found; before it ran, the cookie's language or the browser's."""
    if found := getattr(request, "LANGUAGE_CODE", ""):
        return str(found)
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if cookie in dict(settings.LANGUAGES):
        return cookie
    return translation.get_language_from_request(request)
