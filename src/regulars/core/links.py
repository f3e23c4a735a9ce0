"""Absolute links, made from the stored public address and never from the request's Host."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

_THIS_COMPUTER = frozenset({"localhost", "127.0.0.1", "::1"})


def _nothing_stored() -> str:
    return ""


_stored_address: Callable[[], str] = _nothing_stored


def read_address_with(function: Callable[[], str]) -> None:
    """Say who knows the public address (the business does; core cannot look up to it)."""
    global _stored_address
    _stored_address = function


def origin() -> str:
    """`https://host[:port]`: the stored address, else this computer's own."""
    return _stored_address() or f"http://localhost:{settings.PORT}"


def absolute(path: str) -> str:
    """The absolute link to `path`, which begins with one slash."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ValueError(f"not a path of this installation: {path!r}")
    return origin() + path


def to(name: str, *args: str | int, **kwargs: str | int) -> str:
    """The absolute link to the named page."""
    return absolute(reverse(name, args=args or None, kwargs=kwargs or None))


def works_elsewhere() -> bool:
    """Whether links open on other computers too: an address is set and is not this computer."""
    host = urlsplit(_stored_address()).hostname
    return bool(host) and host not in _THIS_COMPUTER
