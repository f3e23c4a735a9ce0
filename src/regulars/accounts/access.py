"""`@by_device(…)`: views for paired tills and kiosks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from regulars.accounts import queries
from regulars.accounts.actions import devices
from regulars.accounts.models import Device, DeviceScope, Staff
from regulars.core.access import Access, declare

P = ParamSpec("P")
COOKIE_AGE = 60 * 60 * 24 * 400


class DeviceRequest(HttpRequest):
    """A request from a paired device. `person` is who is at it, where the view asks for one."""

    device: Device
    person: Staff | None


DeviceView = Callable[Concatenate[DeviceRequest, P], HttpResponseBase]
PlainView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def cookie_name() -> str:
    """The name of the cookie with the device's token."""
    return f"{settings.SESSION_COOKIE_NAME.removesuffix('session')}device"


def by_device(
    *scopes: DeviceScope, person: bool = False
) -> Callable[[DeviceView[P]], PlainView[P]]:
    """Only a paired device with one of `scopes`; others are led to pairing, or see a 401.

    With `person`, somebody must have picked their name and typed their PIN. The view finds
    `request.device` and `request.person`. A signed-in member of staff without a paired device is
    a stranger here, as a device is one in the console.
    """

    def decorate(view: DeviceView[P]) -> PlainView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            device = queries.device_by(request.COOKIES.get(cookie_name(), ""))
            if device is None or device.scope not in scopes:
                return _turn_away(request, "accounts:pair")
            of_device = cast("DeviceRequest", request)
            of_device.device = device
            of_device.person = queries.person_at(device)
            if person and of_device.person is None:
                return _turn_away(request, "accounts:begin_shift")
            if request.method == "POST":
                devices.note_seen(device)
            return view(of_device, *args, **kwargs)

        declare(guarded, Access("device", scope=" ".join(scopes)))
        return cast("PlainView[P]", guarded)

    return decorate


def _turn_away(request: HttpRequest, to: str) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=401)
    return redirect(to)


def remember_device(response: HttpResponseBase, token: str) -> None:
    """Put the device's token into its cookie."""
    cast("HttpResponse", response).set_cookie(
        cookie_name(),
        token,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
