"""The one family of errors that a person may read."""

from __future__ import annotations

from django.utils.functional import Promise


class DomainError(Exception):
    """Something that may not be done, with a text for the person who tried it.

    `text` is translatable; `code` is stable and goes into the API's answers.
    """

    code = "refused"

    def __init__(self, text: str | Promise, *, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.text)
