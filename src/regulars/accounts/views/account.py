"""One's own account."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from regulars.accounts import confirming, queries
from regulars.accounts.actions import staff as actions
from regulars.accounts.browsers import browser_of
from regulars.accounts.forms import DetailsForm, PinForm
from regulars.accounts.models import Staff
from regulars.accounts.views.language import remember_language
from regulars.core import access

_PIN = "/account/#pin"


def me(request: HttpRequest) -> Staff:
    """Whoever is signed in."""
    return cast("Staff", request.user)


@access.signed_in("one's own account")
@require_safe
def my_account(request: HttpRequest) -> HttpResponse:
    """Name, language, password, second factor, PIN, sign-ins."""
    return _page(request)


def _page(
    request: HttpRequest,
    *,
    details: DetailsForm | None = None,
    pin: PinForm | None = None,
    status: int = 200,
) -> HttpResponse:
    staff = me(request)
    must_confirm = confirming.is_needed(request)
    initial = {"name": staff.name, "language": staff.language or request.LANGUAGE_CODE}
    page = {
        "details": details or DetailsForm(initial=initial),
        "pin": pin or PinForm(),
        "confirm_first": confirming.address(back=_PIN) if must_confirm else "",
        "has_pin": bool(staff.pin),
        "has_second_factor": queries.has_second_factor(staff),
        "second_factor_due": queries.second_factor_due(staff),
        "sessions": queries.sessions_of(staff),
        "this_session": request.session.session_key,
        "roles": staff.roles.select_related("place"),
    }
    return render(request, "accounts/my_account.html", page, status=status)


@access.signed_in("one's own account")
@require_POST
def my_details(request: HttpRequest) -> HttpResponse:
    """Save name and language."""
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, details=form, status=422)
    actions.change_details(me(request), **form.cleaned_data)
    messages.success(request, _("Saved."))
    response = redirect("accounts:me")
    remember_language(response, form.cleaned_data["language"])
    return response


@access.signed_in("one's own account")
@sensitive_post_parameters("pin")
@require_POST
def my_pin(request: HttpRequest) -> HttpResponse:
    """Set or remove the PIN. Whoever must confirm first types it afterwards: it is not kept."""
    if confirming.is_needed(request):
        return redirect(confirming.address(back=_PIN))
    form = PinForm(request.POST)
    if not form.is_valid():
        return _page(request, pin=form, status=422)
    actions.set_pin(me(request), form.cleaned_data["pin"], by=me(request))
    messages.success(request, _("Saved."))
    return redirect("accounts:me")


@access.signed_in("one's own account")
@require_POST
def end_my_session(request: HttpRequest, session: str) -> HttpResponse:
    """Sign one of one's browsers out."""
    found = get_object_or_404(me(request).sessions, public_id=session)
    actions.end_session(found, by=me(request))
    messages.success(request, _("Signed out there."))
    return redirect("accounts:me")


@access.signed_in("one's own account")
@require_POST
def end_my_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    staff = me(request)
    actions.sign_out_everywhere(staff, by=staff)
    update_session_auth_hash(request, staff)
    browser = browser_of(request.headers.get("User-Agent", ""))
    actions.keep_only(staff, session=request.session.session_key or "", browser=browser)
    messages.success(request, _("You are now signed in only here."))
    return redirect("accounts:me")


@access.signed_in("one's own account")
@require_safe
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    """Where somebody without a required second factor is led."""
    return render(request, "accounts/second_factor_needed.html")
