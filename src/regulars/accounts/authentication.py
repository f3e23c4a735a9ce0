"""How a program says who it is: a bearer token with narrow scopes, and a limit on its requests."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from regulars.accounts import queries
from regulars.accounts.actions import tokens
from regulars.accounts.models import ApiToken, Scope
from regulars.core import limits
from regulars.core.api import RefusedError

REQUESTS_A_MINUTE = 600


class ApiRequest(HttpRequest):
    """A request that a token was accepted for."""

    auth: ApiToken


class TokenAuth(HttpBearer):
    """Accepts a token that was made for `scope`. Raises RefusedError 403 for another one.

    Adds `request.auth`, the token.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token, or None when it is not (or no longer) one of ours.

        Where ninja asks again about a request that was let in, it is not counted twice.
        """
        if isinstance(known := getattr(request, "auth", None), ApiToken):
            return known
        found = queries.token_for(token)
        if found is None:
            return None
        if not found.allows(self.scope):
            raise RefusedError(
                _("This token was not made for that."), code="scope_missing", status=403
            )
        if not limits.allow(f"api:{found.pk}", limit=REQUESTS_A_MINUTE, window_seconds=60):
            raise RefusedError(
                _("Too many requests. Please wait a minute."), code="too_many", status=429
            )
        if request.method not in {"GET", "HEAD"}:
            tokens.note_token_use(found)
        return found


def needs(scope: Scope) -> Any:
    """`auth=needs(Scope.…)` for an endpoint."""
    return TokenAuth(scope)
