"""What a message says, as typed pieces; `render` turns them into MJML, HTML and plain text.

Nobody writes markup: every value is text and is escaped where it lands.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; line breaks in it are kept."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A line in larger letters."""

    text: str


@dataclass(frozen=True)
class Button:
    """A link drawn as a button."""

    label: str
    url: str


@dataclass(frozen=True)
class Quote:
    """Words that somebody said."""

    text: str


@dataclass(frozen=True)
class Code:
    """A voucher's code, with what it gives and until when."""

    code: str
    gives: str = ""
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """One answer of a scale and the link that opens the page with it chosen."""

    label: str
    url: str


@dataclass(frozen=True)
class Scale:
    """A question with its answers in the mail; a tap opens the page with the answer chosen."""

    question: str
    choices: tuple[Choice, ...]
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Facts:
    """Pairs of a name and a value, one pair a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Signed:
    """Who signs: a name and a title."""

    name: str
    title: str = ""


Piece = Paragraph | Heading | Button | Quote | Code | Scale | Facts | Signed


@dataclass(frozen=True)
class Content:
    """A subject, the line that mail programs show beside it, and the pieces in their order."""

    subject: str
    pieces: tuple[Piece, ...]
    preview: str = ""

    @property
    def has_links(self) -> bool:
        """Whether it holds a link of ours that must work where it is read."""
        return any(isinstance(piece, Button | Scale) for piece in self.pieces)


@dataclass(frozen=True)
class Rendered:
    """A message ready to hand over; `UNSUBSCRIBE_URL` in it is replaced then."""

    subject: str
    html: str
    text: str
