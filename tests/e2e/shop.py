"""A shop's own installation for a browser: `regulars up` in a folder of its own, and its mail."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from tests.mailing.sink import Sink

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
# What would change the installation under test.
_OURS = ("REGULARS_", "DJANGO_")


def awaited(look: Callable[[], T | None], *, what: str, seconds: float = 60) -> T:
    """What `look` gives once it gives something. Fails when it takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}")


@dataclass
class Shop:
    """A running installation. `origin` is where this computer reaches it."""

    origin: str
    output: Path

    def claim_link(self) -> str:
        """The one-time link that the terminal shows to the first owner."""
        pattern = re.compile(rf"{re.escape(self.origin)}/claim/\S+")

        def look() -> str | None:
            found = pattern.search(self.output.read_text())
            return found.group() if found else None

        return awaited(look, what="the link of the first owner", seconds=180)


@contextmanager
def running_shop(folder: Path, *, assets: Path) -> Iterator[Shop]:
    """`regulars up` on a free port with its data in `folder`; ended afterwards.

    `assets` are fonts and scripts that were built before: a first start takes a minute for them.
    """
    shutil.copytree(assets, folder / "data" / "assets")
    port = _free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    output = folder / "output"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "regulars", "up", "--port", str(port)],
            cwd=folder,
            env={**kept, "REGULARS_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT / "src")},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Shop(f"http://localhost:{port}", output)
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Post:
    """Everybody's mailbox: what the shop's mail server has taken."""

    sink: Sink
    _seen: set[int] = field(default_factory=set)

    def mail_to(self, address: str) -> EmailMessage:
        """The next mail to the address that nobody has read yet."""

        def look() -> EmailMessage | None:
            for place, one in enumerate(self.sink.accepted):
                if place not in self._seen and address in one.recipients:
                    self._seen.add(place)
                    return one.mail
            return None

        return awaited(look, what=f"mail to {address}")


def text_of(mail: EmailMessage) -> str:
    """The plain words of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def links_in(mail: EmailMessage) -> list[str]:
    """Every address that its HTML leads to, in order."""
    part = mail.get_body(("html",))
    assert part is not None
    found = re.findall(r'href="([^"]+)"', str(part.get_content()))
    return [one.replace("&amp;", "&") for one in found]
