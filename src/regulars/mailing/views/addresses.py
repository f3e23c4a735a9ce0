"""The list of addresses that are not written to."""

from __future__ import annotations

from typing import cast

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.accounts.models import Staff
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.tables import Column, Filter, Table
from regulars.mailing import actions, queries
from regulars.mailing.forms import SuppressionForm
from regulars.mailing.models import Suppression


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def suppressions(request: HttpRequest) -> HttpResponse:
    """The list with its reasons; POST adds an address."""
    form = SuppressionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.suppress(
            form.cleaned_data["address"], detail=form.cleaned_data["detail"], by=_staff(request)
        )
        notes.success(request, _("This address is not written to any more."))
        return redirect("mailing:suppressions")
    table = Table(
        request.GET,
        queries.suppression_list(),
        name=_("Not written to"),
        columns=[
            Column("address", _("Address"), value=queries.suppressed_address),
            Column("kind", _("Why"), value=lambda s: s.get_kind_display(), sort="kind"),
            Column("detail", _("Note")),
            Column("since", _("Since"), kind="when", sort="since"),
            Column("lift", "", template="mailing/lift.html"),
        ],
        search=queries.with_address,
        filters=[
            Filter(
                "kind",
                _("Why"),
                Suppression.Kind.choices,
                lambda rows, chosen: rows.filter(kind=chosen),
            )
        ],
        empty=_("Nobody is on this list."),
    )
    status = 422 if form.errors else 200
    return render(
        request, "mailing/suppressions.html", {"table": table, "form": form}, status=status
    )


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, public_id: str) -> HttpResponse:
    """Asks, and on POST lets the address be written to again, where that is ours to decide."""
    entry = get_object_or_404(queries.suppression_list(), public_id=public_id)
    if request.method != "POST":
        return render(request, "mailing/lift_page.html", {"entry": entry})
    try:
        actions.lift_suppression(entry, by=_staff(request))
    except DomainError as error:
        notes.error(request, str(error))
    else:
        notes.success(request, _("This address can be written to again."))
    return redirect("mailing:suppressions")


def _staff(request: HttpRequest) -> Staff:
    return cast("Staff", request.user)
