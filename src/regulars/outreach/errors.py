"""Why somebody is not thanked."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError


class JustThankedError(DomainError):
    """Somebody has thanked the customer within a day; once more only if that is meant."""

    code = "just_thanked"

    def __init__(self, who: str) -> None:
        super().__init__(
            _("%(who)s has thanked this customer within the last day. Nothing was sent twice.")
            % {"who": who}
        )


class NotThankedError(DomainError):
    """The customer must not or cannot be written to; the text says why."""

    code = "not_thanked"

    def __init__(self, why: str | Promise) -> None:
        super().__init__(_("This customer cannot be thanked this way: %(why)s.") % {"why": why})
