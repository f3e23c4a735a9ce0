"""Answers that look like junk: somebody looks, and accepts or deletes them."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from regulars.core import access
from regulars.core.access import Permission
from regulars.core.tables import Column, Table
from regulars.surveys import queries
from regulars.surveys.actions import answers
from regulars.surveys.models import Response
from regulars.surveys.views.designs import staff_of


@access.staff(Permission.MANAGE)
@require_safe
def held_back(request: HttpRequest) -> HttpResponse:
    """The list of them."""
    held = queries.held_back(staff_of(request))
    table = Table(
        request.GET,
        held,
        name=_("Held back"),
        columns=_columns(),
        search=lambda rows, words: rows.filter(comment__icontains=words),
        empty=_("Nothing is held back."),
    )
    newest = held.order_by("-pk").values_list("public_id", flat=True).first()
    return render(request, "surveys/held_back.html", {"table": table, "newest": newest})


def _columns() -> list[Column[Response]]:
    return [
        Column("survey", _("Survey"), value=lambda row: row.survey.name),
        Column("score", _("Score"), kind="number", sort="score"),
        Column("comment", _("Words"), value=lambda row: row.comment[:300]),
        Column("answered_at", _("When"), kind="when", sort="answered_at"),
        Column("do", _("What to do"), template="surveys/held_back_do.html"),
    ]


@access.staff(Permission.MANAGE)
@require_POST
def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let an answer count."""
    answers.accept_held_back(_held(request, public_id), by=staff_of(request))
    notes.success(request, _("The answer counts now."))
    return redirect("surveys:held_back")


@access.staff(Permission.MANAGE)
@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Delete an answer that was held back."""
    held = queries.held_back(staff_of(request)).filter(pk=_held(request, public_id).pk)
    answers.delete_held_back(held, by=staff_of(request))
    notes.success(request, _("The answer is deleted."))
    return redirect("surveys:held_back")


@access.staff(Permission.MANAGE)
@require_POST
def delete_all(request: HttpRequest) -> HttpResponse:
    """Delete everything that was held back before the page was opened."""
    held = queries.held_back_until(request.POST.get("upto", ""), staff_of(request))
    deleted = answers.delete_held_back(held, by=staff_of(request))
    said = ngettext("%(n)d answer is deleted.", "%(n)d answers are deleted.", deleted)
    notes.success(request, said % {"n": deleted})
    return redirect("surveys:held_back")


def _held(request: HttpRequest, public_id: str) -> Response:
    return get_object_or_404(queries.held_back(staff_of(request)), public_id=public_id)
