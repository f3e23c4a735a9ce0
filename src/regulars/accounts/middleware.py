"""Leads whoever must have a second factor, and has none, to its set-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from regulars.accounts import queries
from regulars.core.access import access_of

# What stays open, so that a second factor can be set up or the person can leave.
ALWAYS_OPEN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "accounts:second_factor_needed",
    }
)


class SecondFactor:
    """After `queries.GRACE`, console pages wait until a required second factor is set up.

    Whoever joined within the grace costs no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Turns away from staff's views only; customers' and devices' pages are not concerned."""
        access = access_of(view)
        user = request.user
        if access is None or access.kind != "staff" or not user.is_authenticated:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS_OPEN or name.startswith("mfa_"):
            return None
        now = timezone.now()
        if user.joined_at + queries.GRACE > now:
            return None
        due = queries.second_factor_due(user)
        if due is None or due > now:
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403, headers={"HX-Refresh": "true"})
        return redirect("accounts:second_factor_needed")
