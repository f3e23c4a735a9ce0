"""Placeholders in texts that users write: `{given_name}` and the like, from an allow-list only.

No template language: a placeholder is replaced by a text once, the text is not looked at again,
and whatever else stands in braces is refused when it is saved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError

_TOKEN = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
_BRACE = re.compile(r"[{}]")
MAX_TEXT = 20_000


@dataclass(frozen=True)
class Placeholder:
    """A name that may stand in braces, and what it stands for."""

    name: str
    label: str | Promise


CUSTOMER: tuple[Placeholder, ...] = (
    Placeholder("given_name", _("the customer’s given name")),
    Placeholder("family_name", _("the customer’s family name")),
    Placeholder("full_name", _("the customer’s name in the order of their language")),
    Placeholder("business", _("the name of your business")),
    Placeholder("place", _("the place where the customer buys most")),
    Placeholder("signature", _("who signs")),
)


class UnknownPlaceholderError(DomainError):
    """The text has something in braces that is not on the list."""

    code = "unknown_placeholder"

    def __init__(self, found: str, allowed: Collection[str]) -> None:
        super().__init__(
            _("“%(found)s” is not a placeholder. You can use: %(allowed)s.")
            % {
                "found": found[:60],
                "allowed": ", ".join(f"{{{name}}}" for name in sorted(allowed)),
            }
        )
        self.found = found


class TextTooLongError(DomainError):
    """The text is longer than a message may be."""

    code = "text_too_long"

    def __init__(self) -> None:
        super().__init__(_("This text is too long."))


def check(text: str, allowed: Collection[str]) -> None:
    """Accept `text` for saving. Raises UnknownPlaceholderError or TextTooLongError."""
    if len(text) > MAX_TEXT:
        raise TextTooLongError
    for match in _TOKEN.finditer(text):
        if match.group(1) not in allowed:
            raise UnknownPlaceholderError(match.group(0), allowed)
    rest = _TOKEN.sub("", text)
    brace = _BRACE.search(rest)
    if brace:
        raise UnknownPlaceholderError(rest[brace.start() :].split("\n")[0][:20], allowed)


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders replaced by `values`, literally and once.

    A value that looks like a placeholder stays as it is. Escaping is the business of where the
    result lands: `content` takes plain text and `render` escapes it. Raises
    UnknownPlaceholderError when a placeholder has no value.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise UnknownPlaceholderError(match.group(0), values)
        return str(values[name])

    return _TOKEN.sub(value_of, text)
