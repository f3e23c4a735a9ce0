"""Processes that end with their parent, and a port that only one of them serves."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class PortTakenError(Exception):
    """Another `regulars up` is about to serve this port, or serves it."""


def start(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a process that ends with this one, however this one ends.

    It has a process group of its own, so that Ctrl-C reaches this process only.
    """
    us = os.getpid()
    return subprocess.Popen(  # noqa: S603  # our own commands
        command,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: end_with_parent(us),  # noqa: PLW1509  # one thread here
    )


def run(command: list[str]) -> int:
    """Run a process to its end; its exit status.

    When this process is told to stop meanwhile, so is that one, and once it has ended this one
    does what it would have done at once.
    """
    told: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        told.append(number)
        process.send_signal(number)

    with ExitStack() as afterwards:
        process = start(command, os.environ)
        for number in STOPPING:
            afterwards.callback(signal.signal, number, signal.signal(number, pass_on))
        status = process.wait()
    for first in told[:1]:
        os.kill(os.getpid(), first)
    return status


def end_with_parent(parent: int, *, by: signal.Signals = signal.SIGTERM) -> None:
    """Let this process get the signal `by` when its parent, process number `parent`, is gone.

    A killed web server master otherwise leaves its workers serving beside the next start. Linux
    tells us by signal; elsewhere a thread looks once a second. Call it from the main thread.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0)
        if os.getppid() != parent:  # it went before we asked
            os.kill(os.getpid(), by)
        return
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def parent_of(pid: int) -> int | None:
    """The parent of a process; None where the system does not tell, 0 for one that is gone."""
    if sys.platform != "linux":
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def is_port_free(host: str, port: int) -> bool:
    """Whether nobody listens on the port, also not one who would share it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@contextmanager
def sole_server(port: int) -> Iterator[None]:
    """Hold the port among ourselves; raises PortTakenError when another supervisor does.

    The web server shares its port with whoever of the same user asks, so the system would let two
    installations answer in turns. The lock ends with this process, however it ends.
    """
    with ExitStack() as held:
        try:
            if sys.platform == "linux":  # a name in the same network as the port, and no file
                name = held.enter_context(socket.socket(socket.AF_UNIX))
                name.bind(f"\0regulars-port-{port}")
            else:
                place = Path(tempfile.gettempdir()) / f"regulars-{os.getuid()}-{port}.lock"
                file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
                held.callback(os.close, file)
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PortTakenError(str(port)) from error
        yield
