"""What is sent is refused before it is read where it is larger than the page can need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from regulars.core import failures
from regulars.core.api import MAX_BODY_BYTES, is_api

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
_ATTRIBUTE = "largest_body"
LARGEST = 12_000_000  # where a view says nothing: a form with a picture
# A form around a file: its other fields and the lines between them.
_AROUND_A_FILE = 100_000


def takes_files(size: int) -> Callable[[V], V]:
    """A view to which people who are signed in send files of up to `size` bytes."""

    def marked(view: V) -> V:
        setattr(view, _ATTRIBUTE, size + _AROUND_A_FILE)
        return view

    return marked


def middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answers 413 by the length that the request tells; none of it is read.

    A request that tells none has no body for WSGI; one that tells too little is cut there.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_view(
        request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        return failures.too_large(request) if _length(request) > _most(request, view) else None

    respond.process_view = process_view  # type: ignore[attr-defined]  # Django's hook
    return respond


def _most(request: HttpRequest, view: Callable[..., Any]) -> int:
    if is_api(request):
        return MAX_BODY_BYTES
    signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
    return getattr(view, _ATTRIBUTE, LARGEST) if signed_in else LARGEST


def _length(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 10**16
