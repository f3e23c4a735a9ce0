"""Every environment variable that Regulars reads: its name, kind, default and what it is for.

Nothing has to be set. The list is data, so that the documentation page comes from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class ConfigurationError(Exception):
    """A setting that cannot work. The message names the variable and says what it may be."""


@dataclass(frozen=True)
class Variable(Generic[T]):
    """One environment variable; `read()` gives its typed value.

    `means` says in the documentation what a default stands for that does not say it itself.
    """

    name: str
    parse: Callable[[str], T]
    default: T
    may_be: str
    help: str
    means: str = ""

    def read(self) -> T:
        """The variable's value, or its default when it is unset or empty.

        Raises ConfigurationError when the value cannot be used.
        """
        raw = os.environ.get(self.name, "").strip()
        if not raw:
            return self.default
        try:
            return self.parse(raw)
        except ValueError as error:
            message = f"{self.name} is “{raw}”, but it may be: {self.may_be}"
            raise ConfigurationError(message) from error


def a_flag(raw: str) -> bool:
    """“1”, “yes”, “true”, “on” and their opposites."""
    if raw.lower() in {"1", "yes", "true", "on"}:
        return True
    if raw.lower() in {"0", "no", "false", "off"}:
        return False
    raise ValueError(raw)


def a_count(raw: str) -> int:
    """A whole number that is not negative."""
    number = int(raw)
    if number < 0:
        raise ValueError(raw)
    return number


def a_port(raw: str) -> int:
    """A TCP port."""
    number = int(raw)
    if not 0 < number < 65536:
        raise ValueError(raw)
    return number


def an_origin(raw: str) -> str:
    """`http://host[:port]` or `https://host[:port]`, without a path; returned without a slash."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(raw)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError(raw)
    return f"{parts.scheme}://{parts.netloc}"


def a_database_url(raw: str) -> str:
    """`postgresql://user:password@host:port/name` or `sqlite:////path/to/file`."""
    parts = urlsplit(raw)
    if parts.scheme not in {"postgres", "postgresql", "sqlite"} or not parts.path.strip("/"):
        raise ValueError(raw)
    return raw


def an_smtp_url(raw: str) -> str:
    """`smtp://[user:password@]host[:port]`, `smtps://…` (TLS) or `smtp+starttls://…`."""
    parts = urlsplit(raw)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        raise ValueError(raw)
    return raw


def an_absolute_folder(raw: str) -> Path:
    """A folder, made absolute."""
    return Path(raw).expanduser().absolute()


def an_absolute_folder_or_none(raw: str) -> Path | None:
    """A folder, made absolute; None stands for the default place."""
    return an_absolute_folder(raw)


def a_readable_file(raw: str) -> Path | None:
    """A file that is there."""
    file = Path(raw).expanduser().absolute()
    if not file.is_file():
        raise ValueError(raw)
    return file


DATA: Final = Variable(
    "REGULARS_DATA",
    an_absolute_folder,
    Path("~/.local/share/regulars").expanduser(),
    "a folder that this user may write to",
    "Where the database, uploaded files and generated secrets are kept.",
)
DATABASE_URL: Final = Variable(
    "REGULARS_DATABASE_URL",
    a_database_url,
    "",
    "postgresql://user:password@host:5432/name or sqlite:////path/to/file",
    "The database. Left empty, a SQLite file in the data folder.",
)
PUBLIC_URL: Final = Variable(
    "REGULARS_PUBLIC_URL",
    an_origin,
    "",
    "an address such as https://regulars.example.com, without a path",
    "The address at which customers reach this installation. It may also be set on the page "
    "“Settings”; the variable wins. Until one is set, links work on this computer only. "
    "An address with https must be set here: cookies become Secure, with the __Host- prefix, and "
    "passkeys and forms are taken at that address. Once it is set, no other name is answered but "
    "localhost and addresses of the shop's own network (192.168.…).",
)
HOST: Final = Variable(
    "REGULARS_HOST",
    str,
    "127.0.0.1",
    "an address of this computer, or 0.0.0.0 for all of them",
    "The address the web server listens on; 0.0.0.0 lets phones and tills of the shop's own "
    "network in.",
)
PORT: Final = Variable(
    "REGULARS_PORT", a_port, 8000, "a number from 1 to 65535", "The port of the web server."
)
WEB_WORKERS: Final = Variable(
    "REGULARS_WEB_WORKERS",
    a_count,
    1,
    "a whole number",
    "How many web server processes run. One carries a shop with a few tills.",
)
QUEUE_WORKERS: Final = Variable(
    "REGULARS_QUEUE_WORKERS",
    a_count,
    1,
    "a whole number",
    "How many background worker processes run. 0 starts none (run `regulars work` elsewhere).",
)
DEBUG: Final = Variable(
    "REGULARS_DEBUG",
    a_flag,
    False,
    "yes or no",
    "Shows the details of errors in the browser. For developers; refused on a public address.",
)
SECRET_KEY: Final = Variable(
    "REGULARS_SECRET_KEY",
    str,
    "",
    "a long random text",
    "Signs sessions and links. Left empty, one is made at the first start and kept in the data "
    "folder. Needed when several machines serve one installation.",
)
FIELD_KEYS: Final = Variable(
    "REGULARS_FIELD_KEYS",
    str,
    "",
    "Fernet keys, separated by commas, the newest first",
    "Encrypt integrations' secrets and second factors in the database. Left empty, made at the "
    "first start and kept in the data folder.",
)
SMTP_URL: Final = Variable(
    "REGULARS_SMTP_URL",
    an_smtp_url,
    "",
    "smtp://user:password@host:587, smtps://… or smtp+starttls://…",
    "The mail server. It may also be set on the page “Settings”; the variable wins. Until one is "
    "set, mail waits on the page “Outbox”.",
)
MAIL_FROM: Final = Variable(
    "REGULARS_MAIL_FROM",
    str,
    "",
    "an e-mail address",
    "The sender of mail. It may also be set on the page “Settings”; the variable wins.",
)
MAIL_WEBHOOK_SECRET: Final = Variable(
    "REGULARS_MAIL_WEBHOOK_SECRET",
    str,
    "",
    "user:password, as in a web address",
    "What the mail provider signs in with when it reports bounces and complaints to "
    "/webhooks/mail/PROVIDER/tracking/. Left empty, there are no such addresses.",
)
BACKUPS: Final = Variable(
    "REGULARS_BACKUPS",
    an_absolute_folder_or_none,
    None,
    "a folder that this user may write to",
    "Where the backup of each night goes; best another disk. Left empty, “backups” in the data "
    "folder.",
    means="<data folder>/backups",
)
BACKUP_KEEP: Final = Variable(
    "REGULARS_BACKUP_KEEP",
    a_count,
    14,
    "a whole number",
    "How many backups of the night are kept in that folder; older ones are deleted, those made by "
    "hand and by other installations never. With 0 none is made at night.",
)
BREACHED_PASSWORDS: Final = Variable(
    "REGULARS_BREACHED_PASSWORDS",
    a_readable_file,
    None,
    "a file of the Have I Been Pwned list, SHA-1, ordered by hash",
    "A copy of the list of breached passwords, which new passwords are looked for in. Without it, "
    "passwords are compared with the 30,000 commonest of known breaches and their disguises.",
)
TRUSTED_PROXIES: Final = Variable(
    "REGULARS_TRUSTED_PROXIES",
    a_count,
    0,
    "a whole number",
    "How many reverse proxies stand in front. Only that many entries at the end of "
    "X-Forwarded-For are believed.",
)
HSTS_SUBDOMAINS: Final = Variable(
    "REGULARS_HSTS_SUBDOMAINS",
    a_flag,
    False,
    "yes or no",
    "With https: have browsers use https for every name below this one too, for a year. Only where "
    "everything under the name is served over https; it cannot be taken back quickly.",
)
LOG_LEVEL: Final = Variable(
    "REGULARS_LOG_LEVEL",
    str.upper,
    "INFO",
    "DEBUG, INFO, WARNING or ERROR",
    "How much is written to the log on standard error.",
)
TEXT_ENCODER: Final = Variable(
    "REGULARS_TEXT_ENCODER",
    str,
    "shipped",
    "shipped, none, an https:// address of an OpenAI-compatible server, or st:NAME",
    "The model that reads comments. Nothing leaves this computer unless an address is set here.",
)
TEXT_MODEL: Final = Variable(
    "REGULARS_TEXT_MODEL",
    str,
    "",
    "a name that the server at REGULARS_TEXT_ENCODER knows",
    "The embedding model to ask that server for.",
)
TEXT_KEY: Final = Variable(
    "REGULARS_TEXT_KEY",
    str,
    "",
    "the key of the server at REGULARS_TEXT_ENCODER",
    "Sent to that server as a bearer token, and nowhere else.",
)

ALL: Final[tuple[Variable[Any], ...]] = (
    DATA,
    DATABASE_URL,
    PUBLIC_URL,
    HOST,
    PORT,
    WEB_WORKERS,
    QUEUE_WORKERS,
    DEBUG,
    SECRET_KEY,
    FIELD_KEYS,
    SMTP_URL,
    MAIL_FROM,
    MAIL_WEBHOOK_SECRET,
    BACKUPS,
    BACKUP_KEEP,
    BREACHED_PASSWORDS,
    TRUSTED_PROXIES,
    HSTS_SUBDOMAINS,
    LOG_LEVEL,
    TEXT_ENCODER,
    TEXT_MODEL,
    TEXT_KEY,
)
