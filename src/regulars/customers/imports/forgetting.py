"""Erasing a person takes them out of imports too: rejected rows, and files that still wait."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from regulars.customers.actions.erasing import also_erase
from regulars.customers.imports import batches, files
from regulars.customers.imports.checking import rows_of
from regulars.customers.imports.values import text
from regulars.customers.models import Customer, ImportBatch, ImportRejection

State = ImportBatch.State
_OVER = (State.APPLIED, State.UNDONE, State.FAILED)
_TELLING_DIGITS = 8  # of a phone number, which files write in many ways
_AT_ONCE = 500


@also_erase
def forget_in_imports(customer: Customer, addresses: list[str]) -> None:
    """Delete rejected rows that hold one of the addresses; give up files that still wait with one.

    A file that waits would bring the person back. Its owner uploads it again without them.
    """
    if not addresses:
        return
    gone: list[int] = []
    for rejection in ImportRejection.objects.order_by("pk").iterator(chunk_size=_AT_ONCE):
        if speaks_of(rejection.cells, addresses):
            gone.append(rejection.pk)
    for start in range(0, len(gone), _AT_ONCE):
        ImportRejection.objects.filter(pk__in=gone[start : start + _AT_ONCE]).delete()
    for batch in ImportBatch.objects.exclude(state__in=_OVER):
        if _holds(Path(settings.DATA) / "imports" / batch.public_id, addresses):
            batches.give_up(batch, error="erased")
            batch.mapping["info"] = {**batch.mapping.get("info", {}), "sample": []}
            batch.mapping |= {"doubts": [], "places": {}, "unknown_places": []}
            batch.save(update_fields=["mapping"])
            batches.sweep_later(batch)
            transaction.on_commit(partial(files.forget, batch))


def speaks_of(cells: Iterable[Any], addresses: Iterable[str]) -> bool:
    """Whether a row holds one of the (normalised) e-mail addresses or phone numbers."""
    words = [text(cell).casefold() for cell in cells]
    digits = ["".join(filter(str.isdigit, word)) for word in words]
    for address in addresses:
        if "@" in address and any(address.casefold() in word for word in words):
            return True
        number = address.removeprefix("+")
        if number.isdigit() and len(number) >= _TELLING_DIGITS:
            end = number[-_TELLING_DIGITS:]
            if any(found.endswith(end) for found in digits):
                return True
    return False


def _holds(folder: Path, addresses: list[str]) -> bool:
    rows = folder / "rows.jsonl"
    if rows.exists():
        return any(speaks_of(cells, addresses) for _number, cells in rows_of(rows))
    uploaded = folder / "file"
    if not uploaded.exists():
        return False
    content = uploaded.read_bytes().lower()
    return any(address.lower().encode() in content for address in addresses)
