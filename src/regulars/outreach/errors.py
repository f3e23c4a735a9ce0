"""Why somebody is not thanked."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import capfirst
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


class NotConfirmedError(DomainError):
    """Something speaks against it, and nobody has said that they mean it all the same."""

    code = "not_confirmed"

    def __init__(self, why: str | Promise) -> None:
        super().__init__(
            _("%(why)s. Please confirm that you thank them all the same.")
            % {"why": capfirst(str(why))}
        )


class AlreadyOutError(DomainError):
    """The thanks are out or on their way, and the voucher with them."""

    code = "already_out"

    def __init__(self) -> None:
        super().__init__(_("The customer has this voucher already, or it was used or taken back."))
