"""Starts web server and workers, starts them again when they fall, and ends all of them together.

It imports no Django, so it costs little memory; what needs the database runs as a command.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from regulars.config import processes

PATIENCE_SECONDS = 20
_QUICK_DEATH_SECONDS = 10


class AlreadyRunningError(Exception):
    """Another `regulars up` holds this data folder."""


@dataclass
class Child:
    """One kind of process that is to be kept running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    not_before: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        """Start it; it ends with this process, however this process ends."""
        self.process = processes.start(self.command, environment)
        self.started = time.monotonic()

    def has_fallen(self) -> bool:
        """Whether it ended; waits longer before the next start when it falls at once each time."""
        if self.process is None or self.process.poll() is None:
            return False
        lived = time.monotonic() - self.started
        self.falls = self.falls + 1 if lived < _QUICK_DEATH_SECONDS else 0
        self.not_before = time.monotonic() + min(30, 2**self.falls - 1)
        self.process = None
        return True


@dataclass
class Supervisor:
    """Keeps `children` running until it is told to stop."""

    children: list[Child]
    say: Callable[[str], None]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    stopping: bool = False

    def run(self, *, once_ready: Callable[[], None], health_url: str) -> None:
        """Start everything, call `once_ready` when the web server answers, return when stopped."""
        self.environment["REGULARS_SUPERVISOR"] = str(os.getpid())
        for number in processes.STOPPING:
            signal.signal(number, self._stop)
        try:
            for child in self.children:
                child.start(self.environment)
            if self._wait_until_healthy(health_url):
                once_ready()
            while not self.stopping:
                self._restart_fallen()
                time.sleep(0.2)
        finally:
            self._end_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _wait_until_healthy(self, url: str) -> bool:
        while not self.stopping:
            self._restart_fallen()
            if answers(url):
                return True
            time.sleep(0.1)
        return False

    def _restart_fallen(self) -> None:
        for child in self.children:
            if child.has_fallen():
                self.say(f"{child.name} ended by itself; it is started again.")
            if child.process is None and time.monotonic() >= child.not_before:
                child.start(self.environment)

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def answers(url: str) -> bool:
    """Whether the web server answers at `url`: asked directly, whatever proxy is set up here.

    It is asked for as `localhost`, which it is known as whatever its public address is.
    """
    parts = urlsplit(url)
    asking = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        asking.request("GET", parts.path, headers={"Host": "localhost"})
        return asking.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


@contextlib.contextmanager
def sole_supervisor(folder: Path) -> Iterator[None]:
    """Hold the data folder; raises AlreadyRunningError when another supervisor does."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError(str(folder)) from error
        yield


def children(*, host: str, port: int, web_workers: int, queue_workers: int) -> list[Child]:
    """The web server and the background workers as commands of this Python."""
    web = [
        sys.executable, "-m", "granian",
        "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(web_workers), "--blocking-threads", "4", "--backpressure", "64",
        "--respawn-failed-workers", "--workers-kill-timeout", "10", "--no-ws",
        "--log-level", "warning",
        "regulars.config.wsgi:application",
    ]  # fmt: skip
    work = [sys.executable, "-m", "regulars", "work"]
    workers = [Child(f"Background worker {n + 1}", work) for n in range(queue_workers)]
    return [Child("Web server", web), *workers]


def follow_supervisor() -> None:
    """In a web server's worker: end with its master, if a supervisor runs them."""
    supervisor = os.environ.get("REGULARS_SUPERVISOR")
    if not supervisor:
        return
    master = os.getppid()
    # Not SIGTERM: a worker that is still loading takes it, and forgets it.
    processes.end_with_parent(master, by=signal.SIGKILL)
    if processes.parent_of(master) not in {int(supervisor), None}:
        os._exit(0)  # the master went before this worker had started
