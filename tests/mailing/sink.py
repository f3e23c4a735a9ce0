"""A real SMTP server in a process of its own that keeps every message it accepts.

`python -m tests.mailing.sink FOLDER` writes its port to FOLDER/port and each accepted message to
FOLDER/accepted.jsonl before it answers 250. FOLDER/orders holds what it should do instead:

    hang rcpt | hang data | 4xx rcpt | 5xx rcpt | 4xx data | 5xx data | 421 mail | drop data |
    drop answer | slow answer

`drop answer` keeps the message, then closes without a word: the moment nobody can tell. An order
may end in an address, and then holds for that recipient only.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Accepted:
    """One message that the server took."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


@dataclass
class Sink:
    """The server as the tests see it."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def order(self, *orders: str) -> None:
        """What to do from now on; nothing means to accept everything."""
        draft = self.folder / "orders.new"
        draft.write_text("\n".join(orders))
        draft.replace(self.folder / "orders")

    @property
    def accepted(self) -> list[Accepted]:
        path = self.folder / "accepted.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        rows = [json.loads(line) for line in lines]
        return [
            Accepted(row["from"], tuple(row["to"]), base64.b64decode(row["raw"])) for row in rows
        ]

    @property
    def recipients(self) -> list[str]:
        return [address for message in self.accepted for address in message.recipients]


@contextmanager
def running_sink(folder: Path) -> Iterator[Sink]:
    """A sink that listens, ended afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mailing.sink", str(folder)],
        cwd=Path(__file__).parents[2],
    )
    try:
        deadline = time.monotonic() + 30
        while not (folder / "port").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the SMTP sink did not start")
            time.sleep(0.02)
        yield Sink(folder, int((folder / "port").read_text()))
    finally:
        process.kill()
        process.wait()


class _Handler:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _ordered(self, what: str, address: str = "") -> bool:
        path = self._folder / "orders"
        for line in path.read_text().splitlines() if path.exists() else []:
            words = line.split()
            if " ".join(words[:2]) == what and (len(words) == 2 or words[2] == address):
                return True
        return False

    async def handle_MAIL(  # noqa: N802  # the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self._ordered("421 mail"):
            return "421 4.3.2 closing"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self._ordered("hang rcpt", address):
            await asyncio.sleep(3600)
        if self._ordered("4xx rcpt", address):
            return "451 4.3.0 try again later"
        if self._ordered("5xx rcpt", address):
            return "550 5.1.1 no such user"
        if self._ordered("policy rcpt", address):
            return "550 5.7.1 not allowed"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        to = envelope.rcpt_tos[0]
        if self._ordered("hang data", to):
            await asyncio.sleep(3600)
        if self._ordered("4xx data", to):
            return "451 4.3.0 try again later"
        if self._ordered("5xx data", to):
            return "554 5.6.0 refused"
        if self._ordered("drop data", to):
            server.transport.abort()
            return "250 never seen"
        self._keep(envelope)
        if self._ordered("drop answer", to):
            server.transport.abort()
        if self._ordered("slow answer", to):
            await asyncio.sleep(3600)
        return "250 2.0.0 queued"

    def _keep(self, envelope: Any) -> None:
        row = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "raw": base64.b64encode(envelope.original_content or envelope.content).decode(),
        }
        with (self._folder / "accepted.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())


async def _serve(folder: Path) -> None:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(_Handler(folder), hostname="sink.test", enable_SMTPUTF8=False, loop=loop),
        "127.0.0.1",
        0,
    )
    port = server.sockets[0].getsockname()[1]
    draft = folder / "port.new"
    draft.write_text(str(port))
    draft.replace(folder / "port")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
