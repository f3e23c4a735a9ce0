"""Why somebody is not thanked."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError


class NotThankedError(DomainError):
    """The customer must not or cannot be written to; the text says why."""

    code = "not_thanked"

    def __init__(self, why: str | Promise) -> None:
        super().__init__(_("This customer cannot be thanked this way: %(why)s.") % {"why": why})
