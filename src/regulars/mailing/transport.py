"""Speaks SMTP: one connection for many messages, and says exactly how far each one came."""

from __future__ import annotations

import smtplib
import socket
import ssl
from types import TracebackType
from typing import NoReturn, Self

from regulars.core.faults import crash_point
from regulars.mailing.server import Server

TIMEOUT = 20.0
ANSWER_TIMEOUT = 60.0
_BROKEN = (OSError, smtplib.SMTPServerDisconnected, ssl.SSLError)
_TEMPORARY = range(400, 500)


class ServerUnreachableError(Exception):
    """No connection, or no sign-in: nothing can be sent through this server now."""


class ConnectionLostError(Exception):
    """The connection broke before the server was given the text: it was certainly not taken."""


class RefusedError(Exception):
    """The server said no; it was certainly not taken.

    `code` is the SMTP reply code, `enhanced` the RFC 3463 code such as 5.1.1 (or empty), `step`
    one of mail, rcpt, data.
    """

    def __init__(self, code: int, text: bytes | str, *, step: str) -> None:
        reply = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        super().__init__(f"{code} {reply}")
        self.code = code
        self.reply = f"{code} {' '.join(reply.split())}"[:300]
        first = reply.split(maxsplit=1)[0] if reply.split() else ""
        self.enhanced = first if first[:2] in {"4.", "5."} else ""
        self.step = step

    @property
    def is_temporary(self) -> bool:
        """Whether trying again later may help."""
        return self.code in _TEMPORARY

    @property
    def closes(self) -> bool:
        """Whether the server ends the connection (421)."""
        return self.code == 421


class AmbiguousError(Exception):
    """The connection broke after the text was begun: it may have been taken or not."""


class Connection:
    """An open, signed-in connection to a mail server. Use as a context manager."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp = self._opened(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def announce(self, sender: str, to: str) -> None:
        """MAIL FROM and RCPT TO. Raises RefusedError or ConnectionLostError."""
        try:
            if self._smtp.sock is None:
                raise ConnectionLostError("closed")
            code, text = self._smtp.mail(sender)
            if code != 250:
                self._refuse(code, text, step="mail")
            code, text = self._smtp.rcpt(to)
            if code not in {250, 251}:
                self._refuse(code, text, step="rcpt")
        except _BROKEN as error:
            raise ConnectionLostError(str(error)) from error

    def reset(self) -> None:
        """Forget the announced message. Raises ConnectionLostError."""
        try:
            self._smtp.rset()
        except _BROKEN as error:
            raise ConnectionLostError(str(error)) from error

    def hand_over(self, content: bytes) -> str:
        """DATA; the server's answer once it has taken the message.

        Raises RefusedError or ConnectionLostError when it certainly was not taken, and
        AmbiguousError when that cannot be known.
        """
        self._begin()
        try:
            self._smtp.send(_stuffed(content))
            crash_point("mailing.after_data")
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(ANSWER_TIMEOUT)
            code, text = self._smtp.getreply()
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(TIMEOUT)
        except _BROKEN as error:
            self._smtp.close()
            raise AmbiguousError(str(error)) from error
        if code == -1:
            raise AmbiguousError("no answer")
        if code != 250:
            self._refuse(code, text, step="data")
        return text.decode("utf-8", "replace")

    def _begin(self) -> None:
        try:
            self._smtp.putcmd("data")
            code, text = self._smtp.getreply()
        except _BROKEN as error:
            raise ConnectionLostError(str(error)) from error
        if code != 354:
            self._refuse(code, text, step="data")

    def _refuse(self, code: int, text: bytes, *, step: str) -> NoReturn:
        if code == -1:
            raise ConnectionLostError("no answer")
        raise RefusedError(code, text, step=step)

    @staticmethod
    def _opened(server: Server) -> smtplib.SMTP:
        try:
            if server.security == "smtps":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=TIMEOUT, context=ssl.create_default_context()
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
            smtp.ehlo_or_helo_if_needed()
            if server.security == "smtp+starttls" or (
                server.security == "smtp" and server.user and smtp.has_extn("starttls")
            ):
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
        except (smtplib.SMTPException, OSError, socket.gaierror) as error:
            raise ServerUnreachableError(_without_secrets(str(error), server)) from error
        return smtp


def _stuffed(content: bytes) -> bytes:
    """The message with leading dots doubled and the end-of-text line (RFC 5321, 4.5.2)."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    return b"".join((b"." if line[:1] == b"." else b"") + line + b"\r\n" for line in lines) + (
        b".\r\n"
    )


def _without_secrets(text: str, server: Server) -> str:
    return text.replace(server.password, "…")[:300] if server.password else text[:300]
