"""Which passwords are refused: what breaches are full of, and what is quickly guessed from them.

zxcvbn (D. Wheeler, USENIX Security 2016) estimates how many guesses a cracker needs who tries the
30,000 commonest passwords of known breaches, names and words, their usual disguises, keyboard
rows, dates and repetitions. Where the operator keeps a copy of the Have I Been Pwned list
(REGULARS_BREACHED_PASSWORDS), each password is looked for in it as well. Nothing leaves here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEAST_GUESSES = 10**8  # zxcvbn's score 3: safe against guessing where each guess costs argon2
_LONGEST = 72  # the estimate's time grows with the length


class GuessableValidator:
    """Refuses what is guessed with fewer than 10^8 tries, or stands in the list of breaches."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        if is_guessable(password, [getattr(user, "name", ""), getattr(user, "email", "")]):
            raise ValidationError(
                _("This password is easily guessed. A few words in a row are better."),
                code="password_guessable",
            )
        list_of_breaches = settings.BREACHED_PASSWORDS
        if list_of_breaches and is_breached(password, list_of_breaches):
            raise ValidationError(
                _("This password is known from a breach elsewhere. Please choose another."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        """For pages that list the rules."""
        return _("A few words in a row are better than one with digits and signs.")


def is_guessable(password: str, about: list[str | None]) -> bool:
    """Whether fewer than 10^8 guesses find it; `about` are words a cracker would try first."""
    from zxcvbn import zxcvbn  # its word lists take 10 MB, so only where a password is set

    known = [word for text in about if text for word in [text, *text.replace("@", " ").split()]]
    return int(zxcvbn(password[:_LONGEST], user_inputs=known)["guesses"]) < LEAST_GUESSES


def is_breached(password: str, file: Path) -> bool:
    """Whether the SHA-1 of `password` begins a line of `file`, whose lines are in order.

    The format of Have I Been Pwned, ordered by hash: forty hexadecimal digits, a colon, a count.
    About 35 short reads in a file of 40 GB. Raises OSError when the file cannot be read.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as lines:
        low, high = 0, file.stat().st_size
        while low < high:
            middle = (low + high) // 2
            found = _line_from(lines, middle)
            if found[:40].upper() < wanted and found:
                low = middle + 1
            else:
                high = middle
        return _line_from(lines, low)[:40].upper() == wanted


def _line_from(lines: BinaryIO, start: int) -> bytes:
    """The first line that begins at `start` or later; empty at the end."""
    if start:
        lines.seek(start - 1)
        lines.readline()
    else:
        lines.seek(0)
    return lines.readline()
