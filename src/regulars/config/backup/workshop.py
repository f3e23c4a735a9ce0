"""Folders for what is half done, which hold whole copies of the data: none outlives its process.

Each is locked while it is worked in. The lock ends with its process, however that ends, so what
nobody holds any more was left behind and is deleted when the next one is made, and by `up`.
"""

from __future__ import annotations

import errno
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_BEGIN = ".regulars-at-work-"
_LOCK = "lock"


@contextmanager
def workshop(folder: Path, kind: str) -> Iterator[Path]:
    """An empty folder inside `folder`, which is made where it is missing; deleted afterwards."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(folder)
    made, lock = _made(folder, kind)
    with lock:
        try:
            inside = made / "inside"
            inside.mkdir()
            yield inside
        finally:
            shutil.rmtree(made, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Delete what killed processes left in `folder`.

    Where the disk knows no locks, nobody can tell, and nothing is deleted.
    """
    for path in sorted(folder.glob(f"{_BEGIN}*")):
        with suppress(OSError), _locked(path):
            shutil.rmtree(path, ignore_errors=True)


def _made(folder: Path, kind: str) -> tuple[Path, IO[bytes]]:
    """A new folder and its lock; another one when it was swept before it could be locked."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=f"{_BEGIN}{kind}-", dir=folder))
        try:
            return made, _locked(made)
        except (BlockingIOError, FileNotFoundError):
            continue
        except OSError as error:
            if error.errno not in {errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS}:
                raise
            return made, (made / _LOCK).open("ab")


def _locked(path: Path) -> IO[bytes]:
    """The folder's lock file, held as long as it is open.

    Raises BlockingIOError when another process holds it, FileNotFoundError when it is gone.
    """
    lock = (path / _LOCK).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (path / _LOCK).stat()
    except OSError:
        lock.close()
        raise
    return lock
