"""What runs in the background: what waits, runs, is done, and what gave up."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars.accounts.models import Staff
from regulars.core import access, installation, soundness
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.models import Job, JobStatus
from regulars.core.queue import actions, queries
from regulars.core.tables import Column, Filter, Table

# config composes the packages and is above them; its list is read when the page is opened.
SCHEDULE = "regulars.config.schedule.SCHEDULE"


@access.staff(Permission.MANAGE)
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """The queue, with search and filter, and the recurring work."""
    counts = queries.counts()
    context = {
        "table": _table(request),
        "counts": [(_names()[status], counts[status]) for status in JobStatus],
        "parked": counts[JobStatus.PARKED],
        "waiting_since": queries.waiting_since(),
        "faults": soundness.noted(),
        "audited_at": installation.state().audited_at,
        "recurring": queries.recurring(import_string(SCHEDULE)),
    }
    return render(request, "console/work.html", context)


@access.staff(Permission.MANAGE)
@require_POST
def retry(request: HttpRequest, job: str) -> HttpResponse:
    """Let work that gave up run again."""
    parked = get_object_or_404(queries.jobs(), public_id=job)
    try:
        actions.retry(parked, by=cast("Staff", request.user))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It will be tried again right away."))
    return redirect("console:work")


def _table(request: HttpRequest) -> Table[Job]:
    names = _names()
    return Table(
        request.GET,
        queries.jobs(),
        name=_("Work"),
        columns=[
            Column("task", _("What"), value=lambda job: job.task.removeprefix("regulars.")),
            Column(
                "status",
                _("State"),
                value=lambda job: names[JobStatus(job.status)],
                tone=lambda job: _TONES[JobStatus(job.status)],
            ),
            Column("due_at", _("Due"), kind="when", sort="due_at"),
            Column("attempts", _("Attempts"), kind="number"),
            Column("finished_at", _("Ended"), kind="when"),
            Column("error", _("Why it failed"), template="console/job_error.html"),
        ],
        search=lambda rows, words: rows.filter(task__icontains=words.strip()),
        filters=[
            Filter(
                "status",
                _("State"),
                [(status.value, names[status]) for status in JobStatus],
                lambda rows, chosen: rows.filter(status=chosen),
            )
        ],
        empty=_("Nothing has been done in the background yet"),
    )


_TONES = {
    JobStatus.READY: "",
    JobStatus.RUNNING: "info",
    JobStatus.DONE: "good",
    JobStatus.PARKED: "bad",
}


def _names() -> dict[JobStatus, str]:
    return {
        JobStatus.READY: _("waits"),
        JobStatus.RUNNING: _("runs"),
        JobStatus.DONE: _("done"),
        JobStatus.PARKED: _("gave up"),
    }
