"""Processes that end with their parent, and a port that is refused when somebody has it."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1


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
