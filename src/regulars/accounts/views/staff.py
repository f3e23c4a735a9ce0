"""The people who work here: the owner's pages."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts import queries
from regulars.accounts.actions import invitations
from regulars.accounts.actions import staff as actions
from regulars.accounts.confirming import confirmed
from regulars.accounts.forms import InvitationForm, RoleForm, SecurityForm, TeamsForm
from regulars.accounts.models import Role, SecondFactorRule, Staff
from regulars.accounts.views.account import me
from regulars.core import access, links
from regulars.core.access import Permission
from regulars.core.errors import DomainError


@access.staff(Permission.OWN)
@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, and who was asked to."""
    page = {
        "people": queries.everybody(),
        "invitations": queries.open_invitations(),
        "policy": queries.security_policy(),
    }
    return render(request, "accounts/staff_list.html", page)


@access.staff(Permission.OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def new_invitation(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    form = InvitationForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data | {"role": Role(form.cleaned_data["role"])}
        try:
            return _sent(request, invitations.invite(**answers, by=me(request)))
        except DomainError as error:
            form.add_error("email", str(error))
    page = {"form": form, "works_elsewhere": links.works_elsewhere()}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/new_invitation.html", page, status=status)


@access.staff(Permission.OWN)
@require_POST
def resend_invitation(request: HttpRequest, invitation: str) -> HttpResponse:
    """Send an invitation again."""
    found = get_object_or_404(queries.open_invitations(), public_id=invitation)
    return _sent(request, invitations.resend(found, by=me(request)))


def _sent(request: HttpRequest, sent: invitations.Sent) -> HttpResponse:
    page = {
        "invitation": sent.invitation,
        "link": sent.link,
        "works_elsewhere": links.works_elsewhere(),
    }
    return render(request, "accounts/invitation_sent.html", page)


@access.staff(Permission.OWN)
@require_POST
def revoke_invitation(request: HttpRequest, invitation: str) -> HttpResponse:
    """Take an invitation back."""
    found = get_object_or_404(queries.open_invitations(), public_id=invitation)
    invitations.revoke(found, by=me(request))
    messages.success(request, _("The invitation no longer works."))
    return redirect("accounts:staff_list")


@access.staff(Permission.OWN)
@require_safe
def staff_page(request: HttpRequest, person: str) -> HttpResponse:
    """One person: roles, sign-ins, leaving."""
    return _page(request, _person(person))


def _person(public_id: str) -> Staff:
    return get_object_or_404(queries.everybody(), public_id=public_id)


def _page(
    request: HttpRequest,
    person: Staff,
    *,
    form: RoleForm | None = None,
    teams: TeamsForm | None = None,
    error: str = "",
) -> HttpResponse:
    leads = person.leads.values_list("department__public_id", flat=True)
    page = {
        "teams": teams or TeamsForm(initial={"teams": list(leads)}),
        "person": person,
        "form": form or RoleForm(),
        "error": error,
        "has_second_factor": queries.has_second_factor(person),
        "sessions": queries.sessions_of(person),
        "devices": person.paired_devices.paired().select_related("place"),
        "tokens": queries.api_tokens().filter(made_by=person),
        "is_me": person == request.user,
    }
    refused = bool(error) or any(one is not None and not one.is_valid() for one in (form, teams))
    return render(request, "accounts/staff_page.html", page, status=422 if refused else 200)


@access.staff(Permission.OWN)
@require_POST
def give_role(request: HttpRequest, person: str) -> HttpResponse:
    """Give a role at a place or everywhere."""
    found = _person(person)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    role = Role(form.cleaned_data["role"])
    try:
        actions.give_role(found, role=role, place=form.cleaned_data["place"], by=me(request))
    except DomainError as error:
        return _page(request, _person(person), error=str(error))
    messages.success(request, _("Saved."))
    return redirect("accounts:staff_page", person)


@access.staff(Permission.OWN)
@require_POST
def answer_for(request: HttpRequest, person: str) -> HttpResponse:
    """Say for which teams they answer."""
    found = _person(person)
    form = TeamsForm(request.POST)
    if not form.is_valid():
        return _page(request, found, teams=form)
    actions.answer_for(found, form.cleaned_data["teams"], by=me(request))
    messages.success(request, _("Saved."))
    return redirect("accounts:staff_page", person)


@access.staff(Permission.OWN)
@require_POST
def take_role(request: HttpRequest, person: str, role: str) -> HttpResponse:
    """Take a role away."""
    found = _person(person)
    held = get_object_or_404(found.roles.select_related("place", "staff"), public_id=role)
    try:
        actions.take_role(held, by=me(request))
    except DomainError as error:
        return _page(request, _person(person), error=str(error))
    messages.success(request, _("Saved."))
    return redirect("accounts:staff_page", person)


@access.staff(Permission.OWN)
@require_POST
@confirmed
def deactivate(request: HttpRequest, person: str) -> HttpResponse:
    """Shut somebody out."""
    found = _person(person)
    try:
        actions.deactivate(found, by=me(request))
    except DomainError as error:
        return _page(request, _person(person), error=str(error))
    if found == request.user:
        return _left(request, _("You can no longer sign in."))
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": found.name})
    return redirect("accounts:staff_list")


def _left(request: HttpRequest, text: str) -> HttpResponse:
    """Their own session has ended with the others: `text` is said where they sign in."""
    logout(request)
    messages.success(request, text)
    return redirect("account_login")


@access.staff(Permission.OWN)
@require_POST
def reactivate(request: HttpRequest, person: str) -> HttpResponse:
    """Let somebody in again."""
    found = _person(person)
    actions.reactivate(found, by=me(request))
    messages.success(request, _("%(name)s can sign in again.") % {"name": found.name})
    return redirect("accounts:staff_page", person)


@access.staff(Permission.OWN)
@require_POST
def sign_out_everywhere(request: HttpRequest, person: str) -> HttpResponse:
    """End somebody's sessions."""
    found = _person(person)
    actions.sign_out_everywhere(found, by=me(request))
    if found == request.user:
        return _left(request, _("You are signed out everywhere."))
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": found.name})
    return redirect("accounts:staff_page", person)


@access.staff(Permission.OWN)
@require_POST
@confirmed
def reset_second_factor(request: HttpRequest, person: str) -> HttpResponse:
    """Remove somebody else's lost second factor."""
    found = _person(person)
    try:
        actions.reset_second_factor(found, by=me(request))
    except DomainError as error:
        return _page(request, found, error=str(error))
    messages.success(request, _("The second factor is removed."))
    return redirect("accounts:staff_page", person)


@access.staff(Permission.OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """Who must have a second factor."""
    initial = {"second_factor": queries.security_policy().second_factor}
    form = SecurityForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        rule = SecondFactorRule(form.cleaned_data["second_factor"])
        actions.require_second_factor(rule, by=me(request))
        messages.success(request, _("Saved."))
        return redirect("accounts:security")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/security.html", {"form": form}, status=status)
