"""API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.accounts import queries
from regulars.accounts.actions import tokens
from regulars.accounts.confirming import confirmed
from regulars.accounts.forms import TokenForm
from regulars.accounts.models import Scope
from regulars.accounts.views.account import me
from regulars.core import access
from regulars.core.access import Permission


@access.staff(Permission.OWN)
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def token_list(request: HttpRequest) -> HttpResponse:
    """The tokens, and a form for a new one, which is shown once."""
    form = TokenForm(request.POST or None)
    raw = ""
    status = 200
    if request.method == "POST":
        if form.is_valid():
            scopes = [Scope(scope) for scope in form.cleaned_data["scopes"]]
            name = form.cleaned_data["name"]
            _token, raw = tokens.new_api_token(name=name, scopes=scopes, by=me(request))
            form = TokenForm()
        else:
            status = 422
    page = {"tokens": queries.api_tokens(), "form": form, "raw": raw}
    return render(request, "accounts/token_list.html", page, status=status)


@access.staff(Permission.OWN)
@require_POST
def revoke_token(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a token."""
    found = get_object_or_404(queries.api_tokens(), public_id=token)
    tokens.revoke(found, by=me(request))
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:token_list")
