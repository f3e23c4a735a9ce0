"""Addresses and header texts: normal forms, hashes, and what must not stand in a header."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

_is_email = EmailValidator()
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# What XML 1.0 (section 2.2) does not take: MJML refuses the whole mail for one such character.
_UNSENDABLE = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_ADDRESS = 254


def normalised(address: str) -> str:
    """The form by which an address is compared: trimmed, NFC, lower case."""
    return unicodedata.normalize("NFC", address.strip()).lower()


def address_hash(address: str) -> str:
    """What the suppression list keeps: 64 hexadecimal characters of the normalised address."""
    return hashlib.sha256(normalised(address).encode("utf-8", "surrogatepass")).hexdigest()


def is_usable(address: str) -> bool:
    """Whether mail can be addressed to it: one address, no control character, no display name."""
    if len(address) > MAX_ADDRESS or _CONTROL.search(address) or _SURROGATE.search(address):
        return False
    try:
        _is_email(address)
    except ValidationError:
        return False
    return True


def one_line(text: str, *, limit: int = 250) -> str:
    """`text` as it may stand in a header: control and direction characters become spaces.

    What looks like an encoded word (RFC 2047) is taken apart: Python decodes one that stands in a
    name and would write the line break in `=?utf-8?q?=0D=0A?=` as it is.
    """
    plain = _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).replace("=?", "= ?")
    return " ".join(plain.split())[:limit].strip()


def sendable(text: str) -> str:
    """`text` as a mail and its markup can hold it: surrogates and control characters replaced."""
    return _UNSENDABLE.sub("\ufffd", text.replace("\x00", ""))


def masked(address: str) -> str:
    """The address for a list: enough to recognise it, e.g. `an…@example.com`."""
    local, at, domain = address.rpartition("@")
    return f"{local[:2]}…{at}{domain}" if at else address[:2] + "…"
