"""Places, stages with their teams, and signatures: lists with a page for each row."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.business import actions, queries
from regulars.business.forms import DepartmentForm, PlaceForm, SignatureForm, TouchpointForm
from regulars.business.models import Department, Place, Signature, Touchpoint
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.tables import Column, Table

METHODS = ["GET", "HEAD", "POST"]


@access.staff(Permission.MANAGE)
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Every place, in use or not."""
    table = Table(
        request.GET,
        queries.places(),
        name=_("Places"),
        columns=[
            Column(
                "name",
                _("Name"),
                sort="name",
                link=lambda one: reverse("business:place", args=[one.public_id]),
            ),
            Column("kind", _("Kind"), value=lambda one: one.get_kind_display()),
            Column("address", _("Address")),
            Column("is_active", _("In use"), kind="flag", sort="is_active"),
        ],
        search=lambda rows, words: rows.filter(name__icontains=words),
        sort="name",
        empty=_("No place yet"),
        empty_href=reverse("business:new_place"),
        empty_action=_("Add a place"),
    )
    return render(request, "business/places.html", {"table": table})


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def new_place(request: HttpRequest) -> HttpResponse:
    """Add a place."""
    return _place(request, Place())


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def place(request: HttpRequest, place: str) -> HttpResponse:
    """Change a place, or take it out of use."""
    return _place(request, get_object_or_404(Place, public_id=place))


def _place(request: HttpRequest, row: Place) -> HttpResponse:
    form = PlaceForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        actions.save_place(row, by=request.user, **form.cleaned_data)
        return _saved(request, "business:places")
    heading = _("Change the place") if row.pk else _("Add a place")
    return _form(request, form, heading=heading, back=reverse("business:places"))


@access.staff(Permission.MANAGE)
@require_safe
def stages(request: HttpRequest) -> HttpResponse:
    """The stages of the customer's journey in their order, and the teams."""
    page = {
        "stages": queries.stages(),
        "teams": queries.departments(),
    }
    return render(request, "business/stages.html", page)


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def new_stage(request: HttpRequest) -> HttpResponse:
    """Add a stage."""
    return _stage(request, Touchpoint())


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def stage(request: HttpRequest, stage: str) -> HttpResponse:
    """Change a stage."""
    return _stage(request, get_object_or_404(Touchpoint, public_id=stage))


def _stage(request: HttpRequest, row: Touchpoint) -> HttpResponse:
    team = row.department.public_id if row.department else ""
    form = TouchpointForm(request.POST or None, initial={"name": row.name, "department": team})
    if request.method == "POST" and form.is_valid():
        actions.save_touchpoint(row, by=request.user, **form.cleaned_data)
        return _saved(request, "business:stages")
    return _form(
        request,
        form,
        heading=_("Change the stage") if row.pk else _("Add a stage"),
        back=reverse("business:stages"),
        removal=reverse("business:remove_stage", args=[row.public_id]) if row.pk else "",
    )


@access.staff(Permission.MANAGE)
@require_POST
def remove_stage(request: HttpRequest, stage: str) -> HttpResponse:
    """Remove a stage."""
    found = get_object_or_404(Touchpoint, public_id=stage)
    actions.remove_touchpoint(found, by=request.user)
    return _removed(request, "business:stages")


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def new_team(request: HttpRequest) -> HttpResponse:
    """Add a team."""
    return _team(request, Department())


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def team(request: HttpRequest, team: str) -> HttpResponse:
    """Change a team."""
    return _team(request, get_object_or_404(Department, public_id=team))


def _team(request: HttpRequest, row: Department) -> HttpResponse:
    form = DepartmentForm(request.POST or None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        actions.save_department(row, by=request.user, name=form.cleaned_data["name"])
        return _saved(request, "business:stages")
    return _form(
        request,
        form,
        heading=_("Change the team") if row.pk else _("Add a team"),
        back=reverse("business:stages"),
        removal=reverse("business:remove_team", args=[row.public_id]) if row.pk else "",
    )


@access.staff(Permission.MANAGE)
@require_POST
def remove_team(request: HttpRequest, team: str) -> HttpResponse:
    """Remove a team that answers for nothing."""
    found = get_object_or_404(Department, public_id=team)
    try:
        actions.remove_department(found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("business:stages")
    return _removed(request, "business:stages")


@access.staff(Permission.MANAGE)
@require_safe
def signatures(request: HttpRequest) -> HttpResponse:
    """Who signs letters and messages."""
    rows = queries.signatures()
    return render(request, "business/signatures.html", {"signatures": rows})


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def new_signature(request: HttpRequest) -> HttpResponse:
    """Add a signature."""
    return _signature(request, Signature())


@access.staff(Permission.MANAGE)
@require_http_methods(METHODS)
def signature(request: HttpRequest, signature: str) -> HttpResponse:
    """Change a signature."""
    return _signature(request, get_object_or_404(Signature, public_id=signature))


def _signature(request: HttpRequest, row: Signature) -> HttpResponse:
    form = SignatureForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        actions.save_signature(row, by=request.user, **form.cleaned_data)
        return _saved(request, "business:signatures")
    return _form(
        request,
        form,
        heading=_("Change the signature") if row.pk else _("Add a signature"),
        back=reverse("business:signatures"),
        removal=reverse("business:remove_signature", args=[row.public_id]) if row.pk else "",
    )


@access.staff(Permission.MANAGE)
@require_POST
def remove_signature(request: HttpRequest, signature: str) -> HttpResponse:
    """Remove a signature."""
    found = get_object_or_404(Signature, public_id=signature)
    actions.remove_signature(found, by=request.user)
    return _removed(request, "business:signatures")


def _form(
    request: HttpRequest, form: forms.BaseForm, *, heading: str, back: str, removal: str = ""
) -> HttpResponse:
    page = {"form": form, "heading": heading, "back": back, "removal": removal}
    status = 422 if request.method == "POST" else 200
    return render(request, "business/form.html", page, status=status)


def _saved(request: HttpRequest, to: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(to)


def _removed(request: HttpRequest, to: str) -> HttpResponse:
    messages.success(request, _("Removed."))
    return redirect(to)
