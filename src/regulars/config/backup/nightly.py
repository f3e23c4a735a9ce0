"""The backup of each night, made without anybody having to set it up."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from regulars.config import variables
from regulars.config.backup import making, workshop
from regulars.config.backup.archive import BackupError
from regulars.core import installation
from regulars.core.clock import now
from regulars.core.health import FREE_BYTES

FRESH = timedelta(hours=12)
_NAME = "regulars-nightly-{:.8}"  # with the installation's id: several may share a folder


def back_up() -> Path | None:
    """Write a backup and delete those of earlier nights beyond the number to keep.

    Only what this job of this installation made is looked at, counted and deleted; never a backup
    made by hand or another installation's.

    Returns the file; None where nightly backups are switched off, where one was made within
    twelve hours, or in a restored copy that nobody has called the real one. Raises BackupError
    where there is no room for it; older backups stay then.
    """
    keep, folder = variables.BACKUP_KEEP.read(), backup_folder()
    begin = _NAME.format(installation.state().instance_id)
    if not keep or _is_a_copy():
        return None
    if fresh := [when for when, _ in making.made(folder, begin) if when > now() - FRESH]:
        _note_missed(fresh[-1])
        return None
    workshop.sweep(folder)
    _require_room(folder)
    when = now().astimezone(UTC)
    target = making.write(folder, begin, when)
    installation.mark_backed_up(when)
    making.forget_old(folder, begin, keep=keep)
    return target


def backup_folder() -> Path:
    """Where backups go unless another folder is named."""
    return variables.BACKUPS.read() or Path(settings.DATA) / "backups"


def _is_a_copy() -> bool:
    state = installation.state()
    return state.restored_at is not None and not state.sending_allowed


def _note_missed(when: datetime) -> None:
    """A run that was killed once its file was in place could not note it any more."""
    noted = installation.state().backed_up_at
    if noted is None or noted < when:
        installation.mark_backed_up(when)


def _require_room(folder: Path) -> None:
    """A copy of the database stands beside the packed file while that is written."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    needed = 2 * _database_bytes() + _media_bytes() + FREE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"No room for a backup in {folder}: {free // 1_000_000} MB are free, "
            f"{needed // 1_000_000} MB would be needed. Set REGULARS_BACKUPS to another disk, or "
            "REGULARS_BACKUP_KEEP to fewer."
        )


def _database_bytes() -> int:
    statement = (
        "SELECT pg_database_size(current_database())"
        if connection.vendor == "postgresql"
        else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _media_bytes() -> int:
    files = (path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files)
