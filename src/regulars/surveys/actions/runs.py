"""Asking a whole list, in batches that are each decided and noted in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core import audit, queue
from regulars.core.faults import crash_point
from regulars.core.queue.backend import task_named
from regulars.surveys import audience
from regulars.surveys.actions import asking
from regulars.surveys.actions.answers import AskedFromCasesError
from regulars.surveys.models import AskRun, Survey

BATCH = 50
CARRY_ON = "regulars.surveys.tasks.carry_on_asking"


def start_run(
    survey: Survey, filters: Mapping[str, str], *, key: str, by: Staff
) -> tuple[AskRun, bool]:
    """A run over everybody whom the filters leave, and whether it is new.

    The same `key` (a form sent twice) is the same run; its first batch is queued once. Raises
    AskedFromCasesError for the survey that asks whether something was put right.
    """
    if survey.is_about_mending:
        raise AskedFromCasesError
    kept = {name: filters[name] for name in audience.FILTERS if filters.get(name)}
    with transaction.atomic():
        AskRun.objects.bulk_create(
            [
                AskRun(
                    survey=survey,
                    key=key,
                    audience=kept,
                    total=audience.customers_in(kept).count(),
                    made_by=by,
                )
            ],
            ignore_conflicts=True,
        )
        run = AskRun.objects.get(key=key)
        first = task_named(CARRY_ON)
        is_new = queue.add(first, {"run_id": run.pk}, key=f"ask-run:{run.pk}")
        if is_new:
            audit.note("surveys.ask_list", by=by, subject=f"run:{run.public_id}", audience=kept)
    return run, is_new


def ask_batch(run_id: int) -> bool:
    """Decide about the next customers of the run; whether there are more. One transaction."""
    with transaction.atomic():
        run = AskRun.objects.select_for_update().get(pk=run_id)
        if run.is_over:
            return False
        rows = audience.customers_in(run.audience).filter(pk__gt=run.position)
        customers = list(rows[:BATCH])
        done = asking.ask_many(customers, run.survey, by=run.made_by, run=run)
        crash_point("runs.before_note")
        asked = sum(one.decision.was_asked for one in done)
        is_last = len(customers) < BATCH
        AskRun.objects.filter(pk=run.pk).update(
            position=customers[-1].pk if customers else run.position,
            asked=F("asked") + asked,
            not_asked=F("not_asked") + len(done) - asked,
            finished_at=timezone.now() if is_last else None,
        )
    return not is_last


def stop_run(run: AskRun, *, by: Staff) -> None:
    """Ask nobody further. Who was asked stays asked."""
    with transaction.atomic():
        stopped = AskRun.objects.filter(pk=run.pk, finished_at=None, stopped_at=None)
        if stopped.update(stopped_at=timezone.now()):
            audit.note("surveys.stop_asking", by=by, subject=f"run:{run.public_id}")
