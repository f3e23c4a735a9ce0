"""Makes a backup, and brings one back into an empty installation."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection

from regulars.config import secrets
from regulars.config.backup import archive, databases, workshop
from regulars.config.backup.archive import BackupError, Manifest
from regulars.core import installation
from regulars.core.faults import crash_point
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
    with workshop.workshop(folder, "backup") as staging:
        content = staging / "content"
        content.mkdir()
        copied = databases.copy_into(content)
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
        packed = staging / _NAME.format(begin, when)
        archive.write(
            packed, manifest, database=content, media=Path(settings.MEDIA_ROOT), advance=advance
        )
        target = folder / packed.name
        archive.put(packed, target)
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
    A restore that fails leaves nothing; one that is killed leaves a database that is marked, with
    which nothing starts, and the next one begins anew. Raises BackupError.
    """
    media = Path(settings.MEDIA_ROOT)
    _require_empty(media)
    if erasures is not None:
        _take_journal(erasures)
    with workshop.workshop(Path(settings.DATA), "restore") as staging:
        advance("unpacking")
        manifest = archive.unpack(source, staging)
        _require_empty(media)  # that took a while
        with ExitStack() as broken_off:
            broken_off.callback(_throw_away, media)
            if databases.is_unfinished():
                _throw_away(media)
            crash_point("restore.empty")
            advance("database")
            databases.load_from(staging, manifest)
            crash_point("restore.migrated")
            installation.mark_restored()
            crash_point("restore.marked")
            unpacked = staging / archive.MEDIA
            if unpacked.exists():
                advance("files")
                shutil.copytree(unpacked, media, dirs_exist_ok=True)
            crash_point("restore.files")
            advance("erasures")
            erasing.replay_erasures()
            crash_point("restore.erased")
            databases.finish()
            broken_off.pop_all()
    return manifest


def _require_empty(media: Path) -> None:
    """What a restore that was broken off has left does not count: it is marked, and goes."""
    if databases.is_empty():
        if media.exists() and any(media.iterdir()):
            raise BackupError(f"There are files in {media} already. Restore into an empty one.")
    elif not databases.is_unfinished():
        raise BackupError("There is data here already. Restore into an empty REGULARS_DATA.")


def _take_journal(erasures: Path) -> None:
    try:
        erasing.take_journal(erasures)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{erasures} is no journal of erasures") from error


def _throw_away(media: Path) -> None:
    """Have the installation empty again; the database, which holds the mark, goes last."""
    if media.exists():
        for path in media.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    databases.throw_away()


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
