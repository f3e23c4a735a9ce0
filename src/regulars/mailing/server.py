"""Which mail server is used and who the sender is: the environment wins over the settings page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from regulars.business import queries as business
from regulars.core.crypto import UnreadableSecretError, decrypt
from regulars.core.errors import DomainError

SCHEMES = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class UnreadableServerError(DomainError):
    """The stored mail server cannot be decrypted or is no SMTP address."""

    code = "unreadable_mail_server"


@dataclass(frozen=True)
class Server:
    """A mail server: `security` is one of the keys of SCHEMES."""

    host: str
    port: int
    security: str = "smtp"
    user: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        """The address by which it is stored."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.security}://{who}{host}:{self.port}"


def parsed(url: str) -> Server:
    """The server at `smtp://…`, `smtps://…` or `smtp+starttls://…`.

    Raises UnreadableServerError when `url` is none of these.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError(url)
        port = parts.port or SCHEMES[parts.scheme]
    except ValueError as error:
        raise UnreadableServerError(_("The mail server’s address cannot be read.")) from error
    return Server(
        host=parts.hostname,
        port=port,
        security=parts.scheme,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def the_server() -> Server | None:
    """The mail server to send through, or None while none is set.

    Raises UnreadableServerError when one is stored but cannot be read.
    """
    if settings.SMTP_URL:
        return parsed(settings.SMTP_URL)
    stored = business.the_business().smtp_url
    if not stored:
        return None
    try:
        return parsed(decrypt(stored))
    except UnreadableSecretError as error:
        raise UnreadableServerError(error.text) from error


def the_stored() -> Server | None:
    """The server to go on from in a form: None also where the stored one cannot be read."""
    try:
        return the_server()
    except UnreadableServerError:
        return None


def known() -> dict[str, object]:
    """What a form about the server begins with; never the password."""
    stored, sender = the_stored(), sender_address()
    if stored is None:
        return {"sender": sender}
    return {
        "sender": sender,
        "host": stored.host,
        "security": stored.security,
        "port": stored.port,
        "user": stored.user,
    }


def sender_address() -> str:
    """The address mail comes from; empty while none is set."""
    return str(settings.MAIL_FROM or business.the_business().mail_from)
