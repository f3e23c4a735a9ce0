"""Taking customers and purchases in from files, and out again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.views.account import me
from regulars.core import access, bodies
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.tables import Column, Table
from regulars.customers import exports, import_forms
from regulars.customers.imports import batches, files, places, reasons, unpack
from regulars.customers.models import ImportBatch
from regulars.customers.queries import imports as queries

State = ImportBatch.State
WORKING = batches.WORKING


@access.staff(Permission.MANAGE)
@bodies.takes_files(unpack.MAX_FILE)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Past imports, and a form for one more file; POST stores the file and has it looked at."""
    form = import_forms.UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            batch = batches.begin(
                upload.chunks(),
                file_name=upload.name,
                kind=form.cleaned_data["kind"],
                source=form.cleaned_data["source"],
                by=me(request),
            )
            batches.ask_for_look(batch)
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            return redirect("customers:import", batch.public_id)
    table = Table(
        request.GET,
        queries.imports(),
        name=_("Imports"),
        columns=[
            Column("file_name", _("File"), link=_address, value=lambda b: b.file_name or "–"),
            Column("kind", _("What"), value=lambda b: b.get_kind_display()),
            Column("state", _("State"), value=lambda b: b.get_state_display(), tone=_tone),
            Column("created_at", _("When"), kind="when", sort="created_at"),
            Column("made_by", _("By"), value=lambda b: str(b.made_by or "–")),
        ],
        sort="-created_at",
        empty=_("Nothing has been imported yet."),
    )
    context = {"form": form, "table": table}
    return render(request, "customers/imports/list.html", context, status=_status(form))


@access.staff(Permission.MANAGE)
@require_safe
def import_(request: HttpRequest, batch: str) -> HttpResponse:
    """One import: what is asked, what the dry run found, how far it is, what came of it."""
    return _page(request, _found(batch))


@access.staff(Permission.MANAGE)
@require_safe
def progress(request: HttpRequest, batch: str) -> HttpResponse:
    """How far the background work is; asks the page to come again when it is done or waits.

    Nothing where the page shows just this (`seen`). Only a new stage and each tenth are said aloud.
    """
    found, seen = _found(batch), request.GET.get("seen", "")
    now = _progress(found)
    stage, checkpoint, work = (*seen.split("-"), "", "", "")[:3]
    if found.state not in WORKING or batches.has_stopped(found) or work != now["work"]:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    if seen == now["seen"]:
        return HttpResponse(status=204)
    before = _tenth(int(checkpoint) if checkpoint.isdecimal() else 0, now["total"])
    is_news = (stage, before) != (found.state, _tenth(now["done"], now["total"]))
    return render(request, "customers/imports/progress.html", now | {"is_news": is_news})


@access.staff(Permission.MANAGE)
@require_POST
def read_import(request: HttpRequest, batch: str) -> HttpResponse:
    """Take the answers about columns, dates, numbers and people, and have the dry run made."""
    found = _found(batch)
    form = import_forms.ReadingForm(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    try:
        if form.settle(found):
            batches.ask_for_check(found)
        elif not found.mapping["info"]:
            batches.ask_for_look(found)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("customers:import", found.public_id)


@access.staff(Permission.MANAGE)
@require_POST
def load_import(request: HttpRequest, batch: str) -> HttpResponse:
    """Load what the dry run has shown."""
    return _do(request, batch, batches.ask_for_load)


@access.staff(Permission.MANAGE)
@require_POST
def undo_import(request: HttpRequest, batch: str) -> HttpResponse:
    """Take an import back."""
    return _do(request, batch, lambda found: batches.ask_for_undo(found, by=me(request)))


@access.staff(Permission.MANAGE)
@require_POST
def give_up_import(request: HttpRequest, batch: str) -> HttpResponse:
    """Throw a file away that is not loaded."""
    return _do(request, batch, batches.ask_to_give_up)


@access.staff(Permission.MANAGE)
@require_POST
def take_up_import(request: HttpRequest, batch: str) -> HttpResponse:
    """Begin anew with an import whose background work broke."""
    return _do(request, batch, batches.ask_to_take_up)


@access.staff(Permission.MANAGE)
@require_safe
def rejected(request: HttpRequest, batch: str) -> HttpResponseBase:
    """The rows that were not loaded, with the reasons, as CSV."""
    found = _found(batch)
    return _download(exports.rejected_rows(found), f"not-loaded-{found.public_id[:6]}.csv")


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Choose what to take along; POST notes it in the log and sends the file."""
    form = import_forms.ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind, file_format = form.cleaned_data["kind"], form.cleaned_data["file_format"]
        exports.note(kind, file_format=file_format, by=me(request))
        if file_format == "xlsx":
            return _download(exports.workbook(kind), f"{kind}.xlsx", exports.XLSX)
        return _download(exports.lines(kind), f"{kind}.csv")
    context = {"form": form}
    return render(request, "customers/imports/export.html", context, status=_status(form))


def _do(request: HttpRequest, batch: str, action: Any) -> HttpResponse:
    found = _found(batch)
    try:
        action(found)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("customers:import", found.public_id)


def _found(public_id: str) -> ImportBatch:
    return get_object_or_404(ImportBatch, public_id=public_id)


def _page(
    request: HttpRequest, batch: ImportBatch, form: import_forms.ReadingForm | None = None
) -> HttpResponse:
    is_asking = batch.state in (State.UPLOADED, State.CHECKED) and "doubts" in batch.mapping
    if is_asking and form is None:
        form = import_forms.ReadingForm(batch)
    progress, has_stopped = _progress(batch), batches.has_stopped(batch)
    is_working = batch.state in WORKING and not has_stopped
    error = batches.STOPPED if has_stopped else batch.error
    context = {
        "batch": batch,
        "form": form,
        "is_working": is_working,
        "is_waiting": is_working and progress["work"] == "waits",
        "has_failed": batch.state == State.FAILED or has_stopped,
        "can_take_up": has_stopped and files.is_kept(batch),
        "can_give_up": form is not None or has_stopped or progress["work"] == "waits",
        "is_checked": batch.state == State.CHECKED,
        "is_applied": batch.state == State.APPLIED,
        "step": import_forms.STEP.get(State(batch.state), 1),
        "steps": [_("File"), _("Questions"), _("Preview"), _("Loading"), _("Done")],
        "error": reasons.REFUSALS.get(error, ""),
        "reasons": _reasons(batch, "reasons"),
        "without": _reasons(batch, "without"),
        "not_asked": _not_asked(batch),
        **_places(batch),
        **progress,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "customers/imports/import.html", context, status=status)


def _progress(batch: ImportBatch) -> dict[str, Any]:
    total, work = batch.counts.get("records", 0), queries.work_on(batch)
    return {
        "batch": batch,
        "done": min(batch.checkpoint, total),
        "total": total,
        "percent": 10 * _tenth(batch.checkpoint, total),
        "work": work,
        "seen": f"{batch.state}-{batch.checkpoint}-{work}",
    }


def _tenth(done: int, total: int) -> int:
    return min(10 * done // total, 10) if total else 0


def _reasons(batch: ImportBatch, of: str) -> list[tuple[int, str]]:
    found = batch.counts.get(of, {})
    return [(n, str(reasons.row_reason(code))) for code, n in sorted(found.items())]


def _not_asked(batch: ImportBatch) -> list[tuple[int, str]]:
    found = batch.counts.get("asking", {}).get("may_not", {})
    return [(n, str(reasons.NOT_ASKED[code])) for code, n in sorted(found.items())]


def _places(batch: ImportBatch) -> dict[str, Any]:
    named = places.listed(batch)
    return {
        "places_made": [name for name, _rows, said in named if said == places.MAKE],
        "places_left": [(rows, name) for name, rows, said in named if said in ("", places.NONE)],
        "other_places": batch.mapping.get("other_places", 0),
    }


def _address(batch: ImportBatch) -> str:
    from django.urls import reverse

    return reverse("customers:import", args=[batch.public_id])


def _tone(batch: ImportBatch) -> str:
    return {State.APPLIED: "good", State.FAILED: "bad"}.get(State(batch.state), "")


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def _download(parts: Any, name: str, kind: str = "text/csv; charset=utf-8") -> HttpResponseBase:
    answer = StreamingHttpResponse(parts, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
