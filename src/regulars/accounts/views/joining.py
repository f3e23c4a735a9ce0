"""Coming in by a link: the first owner, and whoever was invited."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from regulars.accounts import queries
from regulars.accounts.actions import claiming, invitations
from regulars.accounts.errors import LinkUsedError
from regulars.accounts.forms import ClaimForm, NameAndPasswordForm
from regulars.accounts.models import Staff
from regulars.accounts.views.language import remember_language
from regulars.core import access

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@access.by_link("the one-time link printed in the terminal")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """The first owner takes the installation."""
    if queries.claim_by(token) is None:
        return _no_link(request)
    form = ClaimForm(request.POST or None, initial={"language": get_language()})
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "accounts/claim.html", {"form": form}, status=status)
    try:
        owner = claiming.claim_installation(token, **form.cleaned_data)
    except LinkUsedError:
        return _no_link(request)
    return _come_in(request, owner, to="console:first_run")


@access.by_link("the link of an invitation mail")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody who was invited joins the staff."""
    invitation = queries.invitation_by(token)
    if invitation is None:
        return _no_link(request)
    form = NameAndPasswordForm(
        request.POST or None, email=invitation.email, initial={"language": invitation.language}
    )
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        page = {"form": form, "invitation": invitation}
        return render(request, "accounts/accept_invitation.html", page, status=status)
    try:
        staff = invitations.accept(token, **form.cleaned_data)
    except LinkUsedError:
        return _no_link(request)
    return _come_in(request, staff)


def _no_link(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_used.html", {"text": LinkUsedError().text}, status=404)


def _come_in(request: HttpRequest, staff: Staff, *, to: str = "/") -> HttpResponse:
    login(request, staff, backend=BACKEND)
    response = redirect(to)
    remember_language(response, staff.language)
    return response
