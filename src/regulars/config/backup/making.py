"""Makes a backup, and brings one back into an empty installation."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection

from regulars.config import secrets
from regulars.config.backup import archive, databases
from regulars.config.backup.archive import BackupError, Manifest
from regulars.core import installation
from regulars.core.health import CLOCK_AHEAD
from regulars.customers.actions import erasing

BY_HAND = "regulars"  # how names of backups begin that somebody asked for
_NAME = "{}-{:%Y%m%dT%H%M%S%f}Z.tar.gz"
_TIME = re.compile(r"-(\d{8}T\d{12})Z\.tar\.gz")


def make(folder: Path, *, advance: Callable[[str], object] = lambda _: None) -> Path:
    """Write a backup into `folder`, while others go on writing, and note that; the file."""
    when = datetime.now(UTC)
    target = write(folder, BY_HAND, when, advance=advance)
    installation.mark_backed_up(when)
    return target


def write(
    folder: Path, begin: str, when: datetime, *, advance: Callable[[str], object] = lambda _: None
) -> Path:
    """Write a backup into `folder` without noting it; the file, whose name starts with `begin`.

    `when` is in UTC. Uploaded files are never changed once written, so copying them after the
    database misses nothing that the database names.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / _NAME.format(begin, when)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as staging:
        copied = databases.copy_into(Path(staging))
        advance("database")
        manifest = Manifest(
            engine=connection.vendor,
            created_at=when.isoformat(),
            instance_id=installation.state().instance_id,
            secrets=secrets.fingerprint(settings.SECRETS),
            versions=_versions(),
            migrations=databases.applied_migrations(),
            rows=copied.rows,
            sequences=copied.sequences,
        )
        archive.write(
            target,
            manifest,
            database=Path(staging),
            media=Path(settings.MEDIA_ROOT),
            advance=advance,
        )
    return target


def made(folder: Path, begin: str) -> list[tuple[datetime, Path]]:
    """The backups in `folder` whose names are `begin` and a time (in UTC), the oldest first.

    Times that are yet to come are left out: a clock was wrong, and nobody knows how old they are.
    """
    latest = datetime.now(UTC) + CLOCK_AHEAD
    found = [(_time_in(path.name.removeprefix(begin)), path) for path in folder.glob(f"{begin}-*")]
    return sorted((when, path) for when, path in found if when is not None and when <= latest)


def _time_in(ending: str) -> datetime | None:
    written = _TIME.fullmatch(ending)
    try:
        return datetime.strptime(f"{written[1]}Z", "%Y%m%dT%H%M%S%f%z") if written else None
    except ValueError:
        return None


def forget_old(folder: Path, begin: str, *, keep: int) -> list[Path]:
    """Delete all but the newest `keep` of those that `made` finds; which were deleted."""
    found = [path for _, path in made(folder, begin)]
    old = found[: max(len(found) - keep, 0)]
    for path in old:
        path.unlink()
    return old


def bring_back(
    source: Path,
    *,
    erasures: Path | None = None,
    advance: Callable[[str], object] = lambda _: None,
) -> Manifest:
    """Restore into this installation, which must be empty, and check what came back.

    `advance` is called with the name of each part as it begins.

    Whoever the journal of erasures names, here and in `erasures`, is erased again. Afterwards
    it is a copy: it has an identity of its own and sends nothing until somebody allows it.
    Raises BackupError.
    """
    if not databases.is_empty():
        raise BackupError("There is data here already. Restore into an empty REGULARS_DATA.")
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and any(media.iterdir()):
        raise BackupError(f"There are files in {media} already. Restore into an empty one.")
    data = Path(settings.DATA)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as staging:
        advance("unpacking")
        manifest = archive.unpack(source, Path(staging))
        advance("database")
        databases.load_from(Path(staging), manifest)
        installation.mark_restored()
        unpacked = Path(staging) / archive.MEDIA
        if unpacked.exists():
            advance("files")
            shutil.copytree(unpacked, media, dirs_exist_ok=True)
    advance("erasures")
    if erasures is not None:
        erasing.take_journal(erasures)
    erasing.replay_erasures()
    return manifest


def has_the_same_secrets(manifest: Manifest) -> bool:
    """Whether this installation can read what the backed-up one encrypted."""
    return manifest.secrets == secrets.fingerprint(settings.SECRETS)


def _versions() -> dict[str, str]:
    found = {
        "regulars": version("regulars"),
        "django": version("django"),
        "python": platform.python_version(),
    }
    if connection.vendor == "postgresql":
        number = connection.pg_version  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
        return found | {"postgresql": str(number)}
    return found | {"sqlite": sqlite3.sqlite_version}
