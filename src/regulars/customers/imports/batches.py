"""What a person can do with an import: begin, answer, check, load, undo, throw away."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic_core import to_json

from regulars.accounts.models import Staff
from regulars.business.queries import the_business
from regulars.core import keys
from regulars.core.errors import DomainError
from regulars.core.faults import crash_point
from regulars.customers.imports import columns, consent, files, people, places, staging, undoing
from regulars.customers.imports.bulk import Rows
from regulars.customers.imports.checking import Checker, Ground, Rejection, ground_of, rows_of
from regulars.customers.imports.columns import Kind, Reading
from regulars.customers.imports.consent import Forecast, Provenance
from regulars.customers.imports.doubts import Observer
from regulars.customers.models import ImportBatch, ImportMapping, ImportRejection
from regulars.customers.queries.imports import jobs_of, work_on

State = ImportBatch.State
WORKING = (State.READING, State.STAGING)
COMMAND = dt.timedelta(days=1)  # within which one begun by nobody may be a command still running
STOPPED = "stopped"  # the error of an import whose background work broke at each attempt
WAITS_FOR = dt.timedelta(days=7)


class ImportRefusedError(DomainError):
    """Something that an import in this state does not allow."""

    code = "import_refused"


class BusyError(Exception):
    """Another import from the same source is under way; this one waits for it."""


def begin(
    pieces: Iterable[bytes], *, file_name: str, kind: str, source: str = "", by: Staff | None
) -> ImportBatch:
    """Store an uploaded file as a new batch. Raises FileRefusedError for one that would burst.

    An empty `kind` or `source` is found out when the file is looked at.
    """
    batch = ImportBatch(kind=kind, source=source, file_name=file_name[-200:], made_by=by)
    files.keep(batch, pieces)
    batch.save(force_insert=True)
    return batch


def look(batch: ImportBatch, *, asked: Reading | None = None) -> ImportBatch:
    """Unpack the file and find out what its columns mean; what is in doubt is noted.

    What was remembered for these columns, and what is `asked` for, goes before what is recognised.
    Raises FileRefusedError.
    """
    asked = asked or Reading()
    info = files.unpacked(batch, encoding=asked.encoding, delimiter=asked.delimiter)
    if "readings" in info:
        return _note(batch, asked, info={}, doubts=[_encoding_doubt(info["readings"])])
    header = info["header"]
    batch.kind = batch.kind or columns.kind_of(header)
    found = _remembered(header, batch.kind) or columns.recognise(header, batch.kind)
    reading = _joined(found, asked, info)
    batch.source = batch.source or reading.source or "file"
    return settle(batch, reading, info=info)


def settle(batch: ImportBatch, reading: Reading, *, info: dict[str, Any]) -> ImportBatch:
    """Note how the file is to be read, and what can still be read in two ways."""
    today = timezone.localdate()
    observer = Observer(reading, kind=batch.kind, today=today)
    rows = rows_of(files.folder_of(batch) / "rows.jsonl")
    next(rows)
    for _number, row in rows:
        observer.see(row)
    doubts = [asdict(doubt) for doubt in observer.doubts()]
    unknown = places.unknown(observer.places)
    return _note(batch, observer.settled(), info=info, doubts=doubts, unknown_places=unknown)


def answer(batch: ImportBatch, reading: Reading) -> ImportBatch:
    """Note an answer that means looking at the file once more (its encoding)."""
    return _note(batch, reading, info={}, doubts=[])


def reading_of(batch: ImportBatch) -> Reading:
    """How the batch's file is read, as far as it is settled."""
    return Reading.from_json(batch.mapping)


def missing(batch: ImportBatch) -> list[str]:
    """The fields without which nothing can be loaded, and that no column is."""
    have = set(reading_of(batch).columns)
    if batch.kind == Kind.PURCHASES:
        lacking = [] if "date" in have else ["date"]
        return lacking + ([] if have & {"total", "line_amount", "line_price"} else ["total"])
    return [] if have & set(columns.PERSON) else ["name"]


def check(batch: ImportBatch, *, with_forecast: bool = True) -> ImportBatch:
    """The dry run: records, rejected rows with reasons, and counts. Writes no customer.

    Raises ImportRefusedError while something is in doubt or missing.
    """
    if batch.mapping.get("doubts") or missing(batch):
        raise ImportRefusedError(_("First say how the file is to be read."), code="in_doubt")
    ImportRejection.objects.filter(batch=batch).delete()
    batch.counts = _sort_rows(batch)
    if with_forecast:
        batch.counts["forecast"] = staging.Stager(batch).forecast()
    remember(batch)
    batch.state = State.CHECKED
    batch.checkpoint = 0
    batch.save(update_fields=["counts", "state", "checkpoint"])
    return batch


def load(batch: ImportBatch) -> ImportBatch:
    """Stage what is not staged yet and put the batch in force. Survives being killed anywhere.

    Raises BusyError while another batch of the same source is being loaded, ImportRefusedError for
    one that is not checked.
    """
    _make_room(batch)
    started = ImportBatch.objects.filter(pk=batch.pk, state=State.CHECKED)
    started.update(state=State.STAGING, checkpoint=0)
    batch.refresh_from_db()
    if batch.state == State.STAGING:
        places.make(batch)
        remember(batch)
        staging.Stager(batch).run()
        crash_point("imports.staged")
        undoing.apply(batch)
    if batch.state != State.APPLIED:
        raise ImportRefusedError(_("This file has to be checked first."), code="not_checked")
    undoing.roll_forward(batch)
    files.forget(batch)
    _refresh_standings()
    return batch


def undo(batch: ImportBatch, *, by: Staff | None) -> ImportBatch:
    """Make the batch invisible at once. `sweep` then removes what it left.

    Raises ImportRefusedError for one that is not in force.
    """
    if not undoing.take_back(batch, by=by):
        raise ImportRefusedError(_("This import is not in force."), code="not_applied")
    return batch


def sweep(batch: ImportBatch) -> None:
    """Remove the rows and files of a batch that was undone or given up. Again changes nothing."""
    undoing.sweep(batch)
    files.forget(batch)
    if batch.applied_at is not None:
        _refresh_standings()


def give_up(batch: ImportBatch, *, error: str = "") -> ImportBatch:
    """Stop a batch that is not in force; `sweep` removes what it has staged."""
    given_up = ImportBatch.objects.filter(pk=batch.pk).exclude(
        state__in=[State.APPLIED, State.UNDONE]
    )
    given_up.update(state=State.FAILED, error=error[:40])
    batch.refresh_from_db()
    return batch


def stop(batch: ImportBatch) -> None:
    """End a batch whose background work broke at each attempt. One that moved on is left alone."""
    working = ImportBatch.objects.filter(pk=batch.pk, state__in=WORKING)
    working.update(state=State.FAILED, error=STOPPED)
    batch.refresh_from_db()


def has_stopped(batch: ImportBatch) -> bool:
    """Whether nobody works any more on a batch that was being worked on."""
    if batch.state not in WORKING:
        return batch.state == State.FAILED and batch.error == STOPPED
    is_fresh = batch.created_at > timezone.now() - COMMAND
    return not work_on(batch) and not (batch.made_by_id is None and is_fresh)


def take_up(batch: ImportBatch) -> None:
    """Begin anew with the file and the answers of a batch that had stopped, up to its dry run."""
    undoing.sweep(batch)
    if batch.mapping.get("info") and not batch.mapping["doubts"] and not missing(batch):
        check(batch)
    else:
        look_or_give_up(batch)


def choose_places(batch: ImportBatch, chosen: Mapping[str, str]) -> ImportBatch:
    """Note what names that are no place mean: {name: “make”, “none” or a place's public_id}."""
    said = {keys.fold(name): one for name, one in chosen.items()}
    batch.mapping = batch.mapping | {"places": reading_of(batch).places | said}
    batch.save(update_fields=["mapping"])
    return batch


def state_provenance(batch: ImportBatch, provenance: Provenance) -> ImportBatch:
    """Note how these people were collected, as the person who imports says."""
    batch.provenance = provenance.as_json()
    batch.save(update_fields=["provenance"])
    return batch


def remember(batch: ImportBatch) -> None:
    """Read files with the same columns the same way next time."""
    header = batch.mapping["info"]["header"]
    reading = reading_of(batch).with_(encoding="", delimiter="")
    ImportMapping.objects.update_or_create(
        kind=batch.kind,
        signature=columns.signature(header),
        defaults={"reading": reading.as_json(), "used_at": timezone.now()},
    )


def ground() -> Ground:
    """What files do not say and the business does."""
    business = the_business()
    return ground_of(
        {
            "time_zone": business.time_zone,
            "country": business.country,
            "currency": business.currency,
            "language": business.language,
        },
        now=timezone.now(),
    )


# --- In the background --------------------------------------------------------------------------


def ask_for_look(batch: ImportBatch) -> None:
    """Have the file looked at."""
    from regulars.customers import tasks

    _begin(batch, (State.UPLOADED,), State.READING, lambda: tasks.look_at_import.enqueue(batch.pk))


def ask_for_check(batch: ImportBatch) -> None:
    """Have the dry run made. Raises ImportRefusedError in a state that does not allow it."""
    from regulars.customers import tasks

    before = (State.UPLOADED, State.CHECKED)
    _begin(batch, before, State.READING, lambda: tasks.check_import.enqueue(batch.pk))


def ask_for_load(batch: ImportBatch) -> None:
    """Have a checked batch loaded. Raises ImportRefusedError for one that is not checked."""
    from regulars.customers import tasks

    _begin(batch, (State.CHECKED,), State.STAGING, lambda: tasks.load_import.enqueue(batch.pk))


def ask_for_undo(batch: ImportBatch, *, by: Staff | None) -> None:
    """Take an import back: invisible at once, its rows go in the background."""
    from regulars.customers import tasks

    undo(batch, by=by)
    tasks.sweep_import.enqueue(batch.pk)


def ask_to_give_up(batch: ImportBatch) -> None:
    """Throw away an import that is not in force.

    Raises ImportRefusedError while it is being worked on.
    """
    with transaction.atomic():
        given_up = give_up(batch)
        if work_on(batch) == "runs":
            raise ImportRefusedError(_("This import is being worked on. Please wait."))
        jobs_of(batch).delete()
        sweep_later(given_up)


def ask_to_take_up(batch: ImportBatch) -> None:
    """Begin anew with an import that has stopped.

    Raises ImportRefusedError for one that has not, and where its file is gone.
    """
    from regulars.customers import tasks

    if not has_stopped(batch):
        raise ImportRefusedError(_("Somebody else has gone on with this import."))
    if not files.is_kept(batch):
        raise ImportRefusedError(_("The file is not here any more. Please upload it again."))

    def enqueue() -> None:
        if work_on(batch):
            raise ImportRefusedError(_("Somebody else has gone on with this import."))
        tasks.take_up_import.enqueue(batch.pk)

    _begin(batch, (batch.state,), State.READING, enqueue)


def sweep_later(batch: ImportBatch) -> None:
    """Have what a batch has left removed in the background."""
    from regulars.customers import tasks

    tasks.sweep_import.enqueue(batch.pk)


def look_or_give_up(batch: ImportBatch) -> None:
    """Look at the file; one that is refused ends the import with the reason."""
    try:
        look(batch, asked=reading_of(batch) if batch.mapping else None)
    except files.FileRefusedError as refused:
        give_up(batch, error=refused.code)
        files.forget(batch)


def forget_stale() -> int:
    """Give up batches that nobody went on with for a week; how many. Old folders of none go too.

    What they have left is removed by work of its own, queued with the giving up: a crash between
    the two would leave files that nobody looks for any more.
    """
    before = timezone.now() - WAITS_FOR
    waiting = Q(state__in=[State.UPLOADED, State.CHECKED, *WORKING])
    stopped = Q(state=State.FAILED, error=STOPPED)
    old = ImportBatch.objects.filter(waiting | stopped, created_at__lt=before)
    stale = [batch for batch in old if batch.state not in WORKING or has_stopped(batch)]
    for batch in stale:
        with transaction.atomic():
            sweep_later(give_up(batch, error="forgotten"))
    ImportRejection.objects.filter(batch__created_at__lt=before).delete()
    files.forget_ownerless(before=before)
    return len(stale)


def _begin(
    batch: ImportBatch, before: Iterable[str], after: str, enqueue: Callable[[], object]
) -> None:
    with transaction.atomic():
        moved = ImportBatch.objects.filter(pk=batch.pk, state__in=before).update(
            state=after, checkpoint=0, error=""
        )
        if not moved:
            raise ImportRefusedError(_("Somebody else has gone on with this import."))
        enqueue()
    batch.refresh_from_db()


# --- Looking -----------------------------------------------------------------------------------


def _encoding_doubt(readings: list[list[Any]]) -> dict[str, Any]:
    choices = [{"code": page, "says": words} for page, words in readings]
    return {"about": "encoding", "written": [], "choices": choices}


def _remembered(header: list[str], kind: str) -> Reading | None:
    known = ImportMapping.objects.filter(kind=kind, signature=columns.signature(header)).first()
    if known is None:
        return None
    # Dates and numbers may be written otherwise in the next file: those are looked at again.
    found = Reading.from_json(known.reading)
    return found if found.format else found.with_(order="", decimal="")


def _joined(found: Reading, asked: Reading, info: dict[str, Any]) -> Reading:
    return found.with_(
        source=asked.source or found.source,
        columns=found.columns | asked.columns,
        order=asked.order or found.order,
        decimal=asked.decimal or found.decimal,
        currency=asked.currency or found.currency,
        total_of=asked.total_of or found.total_of,
        places=found.places | asked.places,
        encoding=info["encoding"],
        delimiter=info["delimiter"],
    )


def _note(
    batch: ImportBatch,
    reading: Reading,
    *,
    info: dict[str, Any],
    doubts: list[dict[str, Any]],
    unknown_places: places.Named | None = None,
) -> ImportBatch:
    batch.mapping = reading.as_json() | {"info": info, "doubts": doubts}
    batch.mapping["unknown_places"] = (unknown_places or [])[: places.ASKED]
    batch.mapping["other_places"] = len((unknown_places or [])[places.ASKED :])
    batch.state = State.UPLOADED
    batch.save(update_fields=["kind", "source", "mapping", "state"])
    return batch


# --- Checking ----------------------------------------------------------------------------------


def _sort_rows(batch: ImportBatch) -> dict[str, Any]:
    """Write the records file and the rejected rows; the counts."""
    reading, folder = reading_of(batch), files.folder_of(batch)
    meant, found = places.names_meant(reading), _ground_for(reading)
    checker = Checker(folder, reading, kind=batch.kind, ground=found, places=meant)
    provenance, forecast = Provenance.from_json(batch.provenance), Forecast()
    counts: dict[str, Any] = {"rows": batch.mapping["info"]["rows"], "records": 0, "rejected": 0}
    reasons: dict[str, int] = {}
    without: dict[str, int] = {}
    rejected: list[Rejection] = []
    draft = folder / "records.draft"
    with draft.open("wb") as file:
        for result in checker:
            if isinstance(result, Rejection):
                told = without if result.is_loaded else reasons
                told[result.reason] = told.get(result.reason, 0) + 1
                rejected.append(result)
                if len(rejected) >= 500:
                    _keep(batch, rejected)
                continue
            file.write(to_json(result) + b"\n")
            counts["records"] += 1
            _foresee(forecast, result, provenance, reading)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "records.jsonl")
    _keep(batch, rejected)
    counts["rejected"] = sum(reasons.values())
    asking = forecast.counts()
    return counts | {"reasons": reasons, "without": without, "asking": asking}


def _foresee(
    forecast: Forecast, record: dict[str, Any], provenance: Provenance, reading: Reading
) -> None:
    person = record["who"]
    if person:
        has_column = "agreed" in reading.columns
        said = consent.stated(record, provenance, has_column=has_column)
        forecast.see(people.mark(person), record, said)


def _keep(batch: ImportBatch, rejected: list[Rejection]) -> None:
    rows = Rows(ImportRejection, "number", "cells", "reason", "column", batch_id=batch.pk)
    rows.extend((r.number, r.cells, r.reason, r.column) for r in rejected)
    rejected.clear()
    with transaction.atomic():
        rows.insert()


def _ground_for(reading: Reading) -> Ground:
    found = ground()
    if not reading.currency:
        return found
    return Ground(
        zone=found.zone,
        country=found.country,
        currency=reading.currency,
        family_name_first=found.family_name_first,
        now=found.now,
    )


def _refresh_standings() -> None:
    from regulars.customers import tasks

    tasks.refresh_standings.enqueue()


def _make_room(batch: ImportBatch) -> None:
    """Finish what other batches of the source have left; wait for one that is being loaded."""
    others = ImportBatch.objects.filter(source=batch.source).exclude(pk=batch.pk)
    for other in others.filter(state__in=[State.UNDONE, State.FAILED]):
        if undoing.left_behind(other):
            sweep(other)
    if others.filter(state=State.STAGING, created_at__lt=batch.created_at).exists():
        raise BusyError
