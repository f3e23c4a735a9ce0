"""What many parts of a page ask for is read once, while a page is only being read.

A GET changes nothing here, so what it has read stays true until it is answered. Writes, background
work and tests' own calls read anew each time, but where they say that they change nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponseBase

T = TypeVar("T")
_read: ContextVar[dict[str, Any] | None] = ContextVar("regulars_read", default=None)


def once_a_page(query: Callable[[], T]) -> Callable[[], T]:
    """`query`, whose answer is kept while a page is being read."""
    name = f"{query.__module__}.{query.__qualname__}"

    @wraps(query)
    def remembered() -> T:
        known = _read.get()
        if known is None:
            return query()
        if name not in known:
            known[name] = query()
        return cast("T", known[name])

    return remembered


@contextmanager
def once() -> Iterator[None]:
    """For code that changes nothing of what `once_a_page` keeps, and asks for it often."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Keeps answers while a GET or HEAD is served."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return get_response(request)
        with once():
            return get_response(request)

    return respond
