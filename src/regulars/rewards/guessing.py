"""How often codes may be guessed, per till and in all, without blocking the honest till.

Only wrong codes count, and codes with a typing error do not: the check letter tells them from
guesses. When the whole business has seen too many, only who has failed more than a few times
lately is stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from regulars.core import limits
from regulars.core.api import caller, problem
from regulars.rewards import queries
from regulars.rewards.errors import Refusal
from regulars.rewards.queries import Check, Counter

TILL_TRIES, TILL_WINDOW = 20, 10 * 60
ALL_TRIES, ALL_WINDOW = 100, 60
HONEST = 3


def may_try(who: str) -> bool:
    """Whether `who` (a till or a program) may try another code."""
    if limits.is_reached(f"codes:{who}", limit=TILL_TRIES, window_seconds=TILL_WINDOW):
        return False
    if not limits.is_reached("codes", limit=ALL_TRIES, window_seconds=ALL_WINDOW):
        return True
    return not limits.is_reached(f"codes:{who}", limit=HONEST, window_seconds=TILL_WINDOW)


def note_wrong(who: str) -> None:
    """Count a code that nobody has."""
    limits.allow(f"codes:{who}", limit=TILL_TRIES, window_seconds=TILL_WINDOW)
    limits.allow("codes", limit=ALL_TRIES, window_seconds=ALL_WINDOW)


def checked(
    typed: str, *, who: str, at: Counter, total: int | None = None, currency: str = ""
) -> Check:
    """`queries.check`, counting what was guessed wrongly."""
    if not may_try(who):
        return Check(None, Refusal.TOO_MANY_TRIES)
    check = queries.check(typed, at=at, total=total, currency=currency)
    if check.refusal == Refusal.UNKNOWN_CODE:
        note_wrong(who)
    return check


def counted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Count wrong codes of an endpoint outside of its transaction, which an error undoes."""

    @wraps(view)
    def counting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        who = f"token:{caller(request)}"
        if not may_try(who):
            refusal = Refusal.TOO_MANY_TRIES
            return problem(429, code=refusal.value, title=_("Refused"), detail=str(refusal.label))
        response = view(request, *args, **kwargs)
        if response.status_code == 404:
            note_wrong(who)
        return response

    return counting
