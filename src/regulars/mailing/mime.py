"""A message as the bytes that go over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import (
    Address,
    UniqueAddressHeader,
    UniqueSingleAddressHeader,
    UniqueUnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

from django.utils.encoding import punycode

from regulars.mailing.addresses import is_usable, one_line


class HeaderError(ValueError):
    """A header would hold what mail must not have."""


# These are sent as they are, on one line: a folded or encoded List-Unsubscribe is ignored by
# mailbox providers (Python folds at 76 characters), and RFC 8058 wants the address plain.
_VERBATIM = frozenset({"list-unsubscribe", "list-unsubscribe-post", "message-id", "in-reply-to"})
_LINE_LIMIT = 998
_ENCODED_LINE = 76  # characters of a line that holds an encoded word (RFC 2047, section 2)


class _Policy(EmailPolicy):
    """The SMTP policy, with some headers written verbatim and words in other letters whole.

    Left to itself it encodes word by word and loses the space where a line is folded between two
    encoded words ("… korábban:" and "Könnyűség" arrive as one).
    """

    def fold(self, name: str, value: str) -> str:
        if name.lower() in _VERBATIM:
            return f"{name}: {value}{self.linesep}"
        if isinstance(value, UniqueUnstructuredHeader) and not value.isascii():
            return f"{name}: {self._encoded(name, value)}{self.linesep}"
        if isinstance(value, UniqueSingleAddressHeader | UniqueAddressHeader):
            (address,) = value.addresses
            if not address.display_name.isascii():
                words = self._encoded(name, address.display_name)
                return f"{name}: {words}{self.linesep} <{address.addr_spec}>{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")

    def _encoded(self, name: str, words: str) -> str:
        folded = Header(words, "utf-8", header_name=name, maxlinelen=_ENCODED_LINE)
        return folded.encode(linesep=self.linesep)


_POLICY = _Policy(linesep=SMTP.linesep, max_line_length=_ENCODED_LINE, cte_type="7bit")


@dataclass(frozen=True)
class Envelope:
    """What the headers say. Addresses are single and usable; `unsubscribe` is an https address."""

    sender: str
    sender_name: str
    to: str
    to_name: str
    subject: str
    message_id: str
    date: datetime
    reply_to: str = ""
    in_reply_to: str = ""
    unsubscribe: str = ""
    is_automatic: bool = True


def wire_address(address: str) -> str:
    """`address` with its domain in ASCII (IDNA). Raises HeaderError where that cannot be."""
    local, _, domain = address.strip().rpartition("@")
    try:
        wire = f"{local}@{punycode(domain)}"
    except UnicodeError as error:
        raise HeaderError(f"{domain!r} has no ASCII form") from error
    if not is_usable(wire):
        raise HeaderError("not one usable address")
    return wire


def as_bytes(
    envelope: Envelope, *, text: str, html: str, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The whole message with CRLF line ends, 7-bit throughout.

    `pictures` are PNG files by the Content-ID under which `html` names them.

    Raises HeaderError where a header would be broken or smuggled; nothing of it is then sent.
    """
    mail = EmailMessage(policy=_POLICY)
    try:
        mail["From"] = _mailbox(envelope.sender_name, envelope.sender)
        mail["To"] = _mailbox(envelope.to_name, envelope.to)
        mail["Subject"] = one_line(envelope.subject, limit=300)
        mail["Date"] = format_datetime(envelope.date)
        mail["Message-ID"] = _plain(envelope.message_id)
        if envelope.reply_to:
            mail["Reply-To"] = _mailbox("", envelope.reply_to)
        if envelope.in_reply_to:
            mail["In-Reply-To"] = _plain(envelope.in_reply_to)
        if envelope.is_automatic:
            mail["Auto-Submitted"] = "auto-generated"
        if envelope.unsubscribe:
            mail["List-Unsubscribe"] = f"<{_plain(envelope.unsubscribe)}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(text, cte="quoted-printable" if text.isascii() else "base64")
        if html:
            mail.add_alternative(html, subtype="html", cte="base64")
            _add_pictures(mail, pictures or {})
        return _verified(mail.as_bytes(policy=_POLICY), mail.keys())
    except HeaderError:
        raise
    except (ValueError, UnicodeError, LookupError, IndexError, AttributeError) as error:
        # The standard library's header parser raises all of these on hostile input.
        raise HeaderError(str(error)[:200]) from error


def _add_pictures(mail: EmailMessage, pictures: Mapping[str, bytes]) -> None:
    page = mail.get_body(("html",))
    for content_id, png in pictures.items():
        if isinstance(page, EmailMessage):
            page.add_related(
                png, "image", "png", cid=f"<{content_id}>", disposition="inline", cte="base64"
            )


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = wire_address(address).rpartition("@")
    return Address(display_name=one_line(name), username=local, domain=domain)


def _verified(raw: bytes, names: list[str]) -> bytes:
    """`raw`, once its head is seen to hold exactly the headers that were set."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    if b"\r" in head.replace(b"\r\n", b"") or b"\n" in head.replace(b"\r\n", b""):
        raise HeaderError("a line break inside a header")
    lines = [line for line in head.split(b"\r\n") if line[:1] not in {b" ", b"\t"}]
    if [line.partition(b":")[0].decode("ascii", "replace") for line in lines] != names:
        raise HeaderError("a header that nobody set")
    return raw


def _plain(value: str) -> str:
    if not value.isascii() or not value.isprintable() or len(value) > _LINE_LIMIT - 30:
        raise HeaderError("a header that must be plain ASCII on one line is not")
    return value
