"""One backup is one .tar.gz: the database, uploaded files, and a manifest that says what is true.

The manifest holds every file's SHA-256 and every table's number of rows, so that a restore can
prove itself. Secrets are never inside.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
MEDIA = "media"
_CHUNK = 1 << 20


class BackupError(Exception):
    """A backup that cannot be made, or is not what its manifest says."""


@dataclass
class Manifest:
    """What a backup holds. `files` maps a path inside to its SHA-256 and size in bytes."""

    engine: str
    created_at: str
    instance_id: str
    secrets: str
    versions: dict[str, str]
    migrations: list[list[str]]
    rows: dict[str, int]
    sequences: dict[str, int] = field(default_factory=dict)
    files: dict[str, list[Any]] = field(default_factory=dict)
    format: int = FORMAT


def write(
    target: Path,
    manifest: Manifest,
    *,
    database: Path,
    media: Path,
    advance: Callable[[str], object] = lambda _: None,
) -> None:
    """Pack the files of the folders `database` and `media` into `target`, whole or not at all.

    `advance` is called with each packed path. Fills in `manifest.files`.
    """
    draft = target.with_name(f".{target.name}.partial")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as raw,
            tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as tar,
        ):
            for name, path in [*_below(database, ""), *_below(media, f"{MEDIA}/")]:
                manifest.files[name] = _add(tar, name, path)
                advance(name)
            _add_manifest(tar, manifest)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        put(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def put(file: Path, target: Path) -> None:
    """Move a written `file` to `target` on the same disk, where it is after a power cut too."""
    file.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network disks have no such call
            raise
    finally:
        os.close(folder)


def read_manifest(source: Path) -> Manifest:
    """The manifest alone. Raises BackupError when the file is not a backup of ours."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            packed = tar.extractfile(MANIFEST)
            content = json.load(packed) if packed else {}
    except (OSError, EOFError, tarfile.TarError, KeyError, ValueError) as error:
        raise BackupError(f"{source} is damaged, or not a backup of Regulars") from error
    if content.get("format") != FORMAT:
        raise BackupError(f"{source} has a form that this version does not know")
    return Manifest(**content)


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack into the empty `folder` and compare every byte with the manifest.

    Raises BackupError when a file is missing, added or differs.
    """
    manifest = read_manifest(source)
    try:
        with tarfile.open(source, "r:gz") as tar:
            for member in tar:
                _extract(tar, member, folder.resolve())
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BackupError(f"{source} is damaged: {error}") from error
    (folder / MANIFEST).unlink()
    found = {name: [fingerprint(path), path.stat().st_size] for name, path in _below(folder, "")}
    wrong = sorted(
        name for name in {*found, *manifest.files} if found.get(name) != manifest.files.get(name)
    )
    if wrong:
        raise BackupError(f"{source} is damaged: {', '.join(wrong[:5])} differ from the manifest")
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write one file below `folder`; Python 3.11.0 to 3.11.3 have no filter that would guard it.

    Raises BackupError for a member that is no plain file, or that would lie elsewhere.
    """
    target = (folder / member.name).resolve()
    packed = tar.extractfile(member) if member.isfile() else None
    if packed is None or not target.is_relative_to(folder):
        raise BackupError(f"{member.name} does not belong into a backup")
    target.parent.mkdir(parents=True, exist_ok=True)
    with packed, target.open("xb") as file:
        shutil.copyfileobj(packed, file)
    target.chmod(member.mode & 0o755 | 0o600)


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield prefix + path.relative_to(folder).as_posix(), path


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._file.read(size)
        self.digest.update(chunk)
        return chunk


def _add(tar: tarfile.TarFile, name: str, path: Path) -> list[Any]:
    with path.open("rb") as file:
        entry = tar.gettarinfo(arcname=name, fileobj=file)
        entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = 0o600, 0, 0, "", ""
        reading = _Hashing(file)
        tar.addfile(entry, reading)
    return [reading.digest.hexdigest(), entry.size]


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    import io

    content = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))
