"""Background work about customers."""

from __future__ import annotations

from regulars.core.queue import task
from regulars.core.queue.backend import BULK
from regulars.customers.actions import erasing, retaining, standings
from regulars.customers.imports import batches, forgetting  # noqa: F401  # erasure asks it too
from regulars.customers.models import ImportBatch


@task
def refresh_standings() -> None:
    """Kinds of customers change as days pass."""
    standings.refresh_all()


@task
def keep_erasure_journal() -> None:
    """A line that a crash kept from the journal is written later."""
    erasing.write_journal()


@task(priority=BULK, time_limit=7200, max_attempts=3)
def let_go_of_the_old() -> None:
    """What is kept for so many months goes when they are over."""
    retaining.let_go()


def end_import(batch_id: int) -> None:
    """Work on an import broke at each attempt: it ends, so that others go on and people see it."""
    batches.stop(ImportBatch.objects.get(pk=batch_id))


@task(max_attempts=3, time_limit=900, gave_up=end_import)
def look_at_import(batch_id: int) -> None:
    """Unpack an uploaded file and find out what is in it."""
    batches.look_or_give_up(ImportBatch.objects.get(pk=batch_id))


@task(max_attempts=3, time_limit=1800, gave_up=end_import)
def check_import(batch_id: int) -> None:
    """The dry run."""
    batches.check(ImportBatch.objects.get(pk=batch_id))


@task(max_attempts=3, time_limit=1800, gave_up=end_import)
def take_up_import(batch_id: int) -> None:
    """Begin anew with an import that had stopped."""
    batches.take_up(ImportBatch.objects.get(pk=batch_id))


@task(time_limit=7200, gave_up=end_import)
def load_import(batch_id: int) -> None:
    """Stage the rows and put them in force; goes on where a killed worker was."""
    batches.load(ImportBatch.objects.get(pk=batch_id))


@task(priority=BULK, time_limit=7200, max_attempts=12)
def sweep_import(batch_id: int) -> None:
    """Remove what an undone import has left."""
    batches.sweep(ImportBatch.objects.get(pk=batch_id))


@task(priority=BULK)
def forget_stale_imports() -> None:
    """Throw away files that nobody went on with."""
    batches.forget_stale()
