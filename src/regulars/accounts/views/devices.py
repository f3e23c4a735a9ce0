"""Tills and kiosks: pairing them, and who is at them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts import queries
from regulars.accounts.access import DeviceRequest, by_device, remember_device
from regulars.accounts.actions import devices
from regulars.accounts.forms import CodeForm, PairingForm, ShiftForm
from regulars.accounts.models import DeviceScope
from regulars.accounts.views.account import me
from regulars.core import access, limits, links, qr
from regulars.core.access import Permission
from regulars.core.errors import DomainError


@access.staff(Permission.MANAGE)
@require_safe
def device_list(request: HttpRequest) -> HttpResponse:
    """The paired devices, and a form to pair one."""
    return _list(request, PairingForm(staff=me(request)))


def _list(request: HttpRequest, form: PairingForm, *, status: int = 200) -> HttpResponse:
    page = {"devices": queries.devices_visible_to(me(request)), "form": form}
    return render(request, "accounts/device_list.html", page, status=status)


@access.staff(Permission.MANAGE)
@require_POST
def new_pairing_code(request: HttpRequest) -> HttpResponse:
    """Show a code and a picture of it, once."""
    form = PairingForm(request.POST, staff=me(request))
    if not form.is_valid():
        return _list(request, form, status=422)
    answers = form.cleaned_data | {"scope": DeviceScope(form.cleaned_data["scope"])}
    code = devices.new_pairing_code(**answers, by=me(request))
    link = f"{links.to('accounts:pair')}#{code}"
    page = {
        "code": f"{code[:4]}-{code[4:]}",
        "link": links.to("accounts:pair"),
        "picture": qr.data_uri(link),
        "name": form.cleaned_data["name"],
        "works_elsewhere": links.works_elsewhere(),
    }
    return render(request, "accounts/pairing_code.html", page)


@access.staff(Permission.MANAGE)
@require_POST
def revoke_device(request: HttpRequest, device: str) -> HttpResponse:
    """Shut a device out."""
    found = get_object_or_404(queries.devices_visible_to(me(request)), public_id=device)
    devices.revoke(found, by=me(request))
    messages.success(request, _("The device is shut out."))
    return redirect("accounts:device_list")


@access.public("a device that is not paired yet has nothing but the code")
@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """Type the code on the device."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        network = limits.client_network(request)
        try:
            device, token = devices.pair(form.cleaned_data["code"], network=network)
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            response = redirect(start_of(device.scope))
            remember_device(response, token)
            return response
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/pair.html", {"form": form}, status=status)


def start_of(scope: str) -> str:
    """Where a device of this kind begins."""
    if scope == DeviceScope.TILL:
        return reverse("accounts:begin_shift")
    return reverse("accounts:paired")


@by_device(*DeviceScope)
@require_safe
def paired(request: DeviceRequest) -> HttpResponse:
    """What this device is, for whoever looks at it."""
    page = {"device": request.device, "person": request.person}
    return render(request, "accounts/paired.html", page)


@by_device(DeviceScope.TILL)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def begin_shift(request: DeviceRequest) -> HttpResponse:
    """Pick one's name, type one's PIN."""
    people = list(queries.people_for(request.device))
    form = ShiftForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            devices.begin_shift(request.device, **form.cleaned_data)
        except DomainError as error:
            form.add_error("pin", str(error))
        else:
            return redirect("rewards:till")
    page = {"form": form, "device": request.device, "people": people}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/begin_shift.html", page, status=status)


@by_device(DeviceScope.TILL)
@require_POST
def end_shift(request: DeviceRequest) -> HttpResponse:
    """Leave the till."""
    devices.end_shift(request.device)
    return redirect("accounts:begin_shift")
