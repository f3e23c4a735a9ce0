"""Who may open a view. Every view declares one of these; a house test fails for one that does not.

`@staff(…)` for the console, `@public(…)` for what anybody may open, `@by_link(…)` for what a
customer opens with a signed link, `@by_device(…)` for tills and kiosks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from regulars.core import failures, limits

GUESSES = 20
GUESSES_WITHIN = 600  # seconds
NOT_FOUND = 404
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Permission(TextChoices):
    """What a role allows; each one includes those before it."""

    SEE = "see", _("look")
    SERVE = "serve", _("serve customers")
    MANAGE = "manage", _("manage")
    OWN = "own", _("own")


@dataclass(frozen=True)
class Access:
    """What a view declared."""

    kind: Literal["staff", "public", "link", "device", "token"]
    permission: Permission | None = None
    reason: str = ""
    scope: str = ""


def access_of(view: Callable[..., Any]) -> Access | None:
    """What `view` declared, or None."""
    return cast("Access | None", getattr(view, "regulars_access", None))


def declare(view: Callable[..., Any], access: Access) -> None:
    """Note on `view` who may open it (for views of libraries; the check is theirs)."""
    view.regulars_access = access  # type: ignore[attr-defined]  # functions take attributes


def staff(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Signed-in staff whose role at any place has `permission`; others sign in, or see a 403.

    Which rows they see is the business of the package's gate in `queries.py`.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request"):
                    return HttpResponse(status=401, headers={"HX-Refresh": "true"})
                return _sign_in_first(request)
            if not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        declare(guarded, Access("staff", permission))
        return cast("View[P]", guarded)

    return decorate


def signed_in(reason: str) -> Callable[[View[P]], View[P]]:
    """Whoever is signed in, with or without a role: for what is the person's own."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in_first(request)
            return view(request, *args, **kwargs)

        declare(guarded, Access("staff", reason=reason))
        return cast("View[P]", guarded)

    return decorate


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    from django.contrib.auth.views import redirect_to_login  # needs the user model to be loaded

    return redirect_to_login(request.get_full_path())


def public(reason: str) -> Callable[[View[P]], View[P]]:
    """Anybody, for the stated reason."""
    return _declared(Access("public", reason=reason))


def by_link(reason: str) -> Callable[[View[P]], View[P]]:
    """Whoever holds the link; the view itself finds the row by the token's hash.

    Links that lead nowhere are counted, see `counting_guesses`.
    """

    def decorate(view: View[P]) -> View[P]:
        guarded = counting_guesses(view)
        declare(guarded, Access("link", reason=reason))
        return guarded

    return decorate


def counting_guesses(view: View[P]) -> View[P]:
    """Count the tokens that lead nowhere, per network and across all workers; 429 above the limit.

    A link that works is never refused, whoever guesses beside it: many customers share one
    address (a café's Wi-Fi, a mobile network), and a mailbox provider leaves for thousands.
    What keeps guessers out is the token's 128 random bits; the limit keeps them from writing and
    from being overlooked.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            if _may_guess_on(request):
                raise
            return failures.too_many_guesses(request)
        if response.status_code == NOT_FOUND and not _may_guess_on(request):
            return failures.too_many_guesses(request)
        return response

    return cast("View[P]", guarded)


def _may_guess_on(request: HttpRequest) -> bool:
    key = f"guessed-links:{limits.client_network(request)}"
    return limits.allow(key, limit=GUESSES, window_seconds=GUESSES_WITHIN)


def _declared(access: Access) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        declare(view, access)
        return view

    return decorate
