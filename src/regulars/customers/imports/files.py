"""The folder of a batch: the uploaded file, its rows, its records. Removed when it is done."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from pydantic_core import from_json

from regulars.core.errors import DomainError
from regulars.customers.imports import unpack
from regulars.customers.imports.reasons import REFUSALS
from regulars.customers.models import ImportBatch

PROGRAM: Final = Path(unpack.__file__)


class FileRefusedError(DomainError):
    """A file that is not read; `code` says why."""

    code = "unreadable"


def folders() -> Path:
    """Where the folders of all batches are."""
    return Path(settings.DATA) / "imports"


def folder_of(batch: ImportBatch) -> Path:
    """Where the batch's files are, made when it is not there (for this user only)."""
    folder = folders() / batch.public_id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keep(batch: ImportBatch, pieces: Iterable[bytes]) -> None:
    """Store the uploaded file. Raises FileRefusedError where it is too big or would burst."""
    path = folder_of(batch) / "file"
    size = 0
    with path.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > unpack.MAX_FILE:
                file.close()
                forget(batch)
                raise refusal("too_big")
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    try:
        guard(path)
    except FileRefusedError:
        forget(batch)
        raise


def guard(path: Path) -> None:
    """Refuse an archive that would burst, before anything is unpacked. Raises FileRefusedError."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return
    try:
        unpack.guard_archive(path)
    except unpack.RefusedError as refused:
        raise refusal(str(refused)) from refused


def unpacked(batch: ImportBatch, *, encoding: str = "", delimiter: str = "") -> dict[str, Any]:
    """What there is to know about the file, read in a process of its own (see `unpack`).

    `readings` in it means that the encoding is in doubt. Raises FileRefusedError.
    """
    folder = folder_of(batch)
    asked = [encoding, delimiter] if delimiter else [encoding] if encoding else []
    told = folder / "info.json"
    told.unlink(missing_ok=True)
    command = [sys.executable, "-P", str(PROGRAM), str(folder / "file"), str(folder), *asked]
    try:
        done = subprocess.run(  # noqa: S603  # our own program, and paths that we made
            command, check=False, capture_output=True, timeout=unpack.SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise refusal("too_big") from error
    if done.returncode != 0 or not told.exists():
        raise refusal("too_big" if done.returncode < 0 else "unreadable")
    info: dict[str, Any] = json.loads(told.read_text("utf-8"))
    if "error" in info:
        raise refusal(info["error"])
    return info


def forget(batch: ImportBatch) -> None:
    """Remove the batch's folder with everything in it."""
    shutil.rmtree(folders() / batch.public_id, ignore_errors=True)


def forget_ownerless(*, before: datetime) -> int:
    """Remove folders that were last written before a moment and belong to no batch; how many."""
    if not folders().is_dir():
        return 0
    old = [one for one in folders().iterdir() if one.stat().st_mtime < before.timestamp()]
    known = set(ImportBatch.objects.values_list("public_id", flat=True))
    gone = [one for one in old if one.name not in known]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def is_kept(batch: ImportBatch) -> bool:
    """Whether the uploaded file is still there."""
    return (Path(settings.DATA) / "imports" / batch.public_id / "file").exists()


def refusal(code: str) -> FileRefusedError:
    """The error of a code, with its text."""
    return FileRefusedError(REFUSALS.get(code, REFUSALS["unreadable"]), code=code)


def records(batch: ImportBatch, *, start: int = 0) -> Iterator[dict[str, Any]]:
    """The checked records, from number `start` on."""
    with (folder_of(batch) / "records.jsonl").open("rb") as file:
        for line in itertools.islice(file, start, None):
            yield from_json(line)
