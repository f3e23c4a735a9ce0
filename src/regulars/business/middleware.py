"""The business's clock on every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from regulars.business.queries import time_zone
from regulars.core.access import access_of


class LocalTime:
    """Days and times on pages are those of the business's zone, wherever the server stands.

    Views that declare nobody (files, whether the process answers) ask no database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """Sets the zone for the view and what it renders."""
        access = access_of(view)
        if access is not None and access.kind != "public":
            timezone.activate(time_zone())
