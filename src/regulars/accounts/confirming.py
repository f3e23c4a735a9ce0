"""Before something delicate is done in somebody's name: is it really them?

A session that somebody else got hold of opens the console, but neither sets a PIN nor makes a token
nor takes away a second factor. Who has confirmed is not asked again for five minutes
(`ACCOUNT_REAUTHENTICATION_TIMEOUT`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows import reauthentication
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import urlencode

View = Callable[..., HttpResponse]


def is_needed(request: HttpRequest) -> bool:
    """Whether whoever is signed in has not confirmed lately that it is them."""
    return bool(reauthentication.is_reauthentication_required(request, app=""))


def confirmed(view: View) -> View:
    """A view whose forms wait until the person has confirmed; then they are carried out.

    What was sent is kept in the session meanwhile, so it is not for secrets (see `address`).
    """

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and is_needed(request):
            raise ReauthenticationRequired  # allauth's middleware leads there and comes back
        return view(request, *args, **kwargs)

    return asking


def address(*, back: str) -> str:
    """Where to confirm; it leads on to the path `back`."""
    return f"{resolve_url('account_reauthenticate')}?{urlencode({'next': back})}"
