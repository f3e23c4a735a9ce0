"""The page “The business”: name and trade, region, hours, look and address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from regulars.business import actions
from regulars.business.forms import HoursForm, LookForm, ReachForm, RegionForm, TradeForm
from regulars.business.queries import the_business
from regulars.core import access
from regulars.core.access import Permission

_FIELDS: dict[str, type[forms.Form]] = {
    "trade": TradeForm,
    "region": RegionForm,
    "look": LookForm,
    "reach": ReachForm,
}


@access.staff(Permission.MANAGE)
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    return _page(request)


@access.staff(Permission.OWN)
@require_POST
def change_profile(request: HttpRequest, part: str) -> HttpResponse:
    """Store one part: `trade`, `region`, `look` or `reach`."""
    form = _form(part, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, status=422, **{part: form})
    store = actions.change_look if part == "look" else actions.change_profile
    store(by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("business:profile")


@access.staff(Permission.MANAGE)
@require_POST
def change_hours(request: HttpRequest) -> HttpResponse:
    """Store the opening hours."""
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, hours=form)
    actions.change_profile(by=request.user, opening_hours=form.hours())
    messages.success(request, _("Saved."))
    return redirect("business:profile")


def _page(request: HttpRequest, *, status: int = 200, **bound: forms.Form) -> HttpResponse:
    business = the_business()
    page: dict[str, Any] = {"hours": HoursForm(hours=business.opening_hours)}
    for part in _FIELDS:
        page[part] = _form(part)
    page["may_own"] = request.user.is_authenticated and request.user.may(Permission.OWN)
    return render(request, "business/profile.html", page | bound, status=status)


def _form(part: str, data: Any = None, files: Any = None) -> forms.Form:
    kind, business = _FIELDS[part], the_business()
    known = {name: getattr(business, name) for name in kind.base_fields if hasattr(business, name)}
    if kind is LookForm:
        return LookForm(data, files, initial=known, has_logo=bool(business.logo))
    return kind(data, files, initial=known)
