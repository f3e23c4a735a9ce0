"""Why a voucher is not given, used or undone, in words for whoever stands at the till."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError


class Refusal(TextChoices):
    """Why a voucher cannot be used here and now."""

    MISTYPED = "mistyped", _("This code has a typing error. Please look at it again.")
    UNKNOWN_CODE = "unknown_code", _("No voucher has this code.")
    TOO_MANY_TRIES = (
        "too_many_tries",
        _("Too many wrong codes. Please wait ten minutes, or use another till."),
    )
    CANCELLED = "cancelled", _("This voucher was taken back.")
    USED = "used", _("This voucher has been used already.")
    EXPIRED = "expired", _("This voucher has run out.")
    NOT_YET = "not_yet", _("This voucher is not valid yet.")
    OTHER_PLACE = "other_place", _("This voucher is not for this place.")
    OTHER_DAY = "other_day", _("This voucher is not for this day of the week.")
    OTHER_CURRENCY = "other_currency", _("This voucher is in another currency.")
    NO_TOTAL = "no_total", _("This voucher depends on the amount. Please enter it.")
    MIN_TOTAL = "min_total", _("The amount is too small for this voucher.")
    CUSTOMER_LIMIT = "customer_limit", _("This customer has used this offer as often as it allows.")
    CAMPAIGN_LIMIT = "campaign_limit", _("This offer has been used as often as it was meant to be.")
    CUSTOMER_PAUSED = "customer_paused", _("This voucher is on hold. Please ask a manager.")


class VoucherRefusedError(DomainError):
    """The voucher cannot be used; `refusal` says why, `why` in words and in particular."""

    def __init__(self, refusal: Refusal, why: str = "") -> None:
        super().__init__(why or refusal.label, code=refusal.value)
        self.refusal = refusal
        self.status = _STATUS.get(refusal, 409)


_STATUS = {Refusal.MISTYPED: 422, Refusal.UNKNOWN_CODE: 404, Refusal.TOO_MANY_TRIES: 429}


class KeyReusedError(DomainError):
    """The idempotency key belongs to something else."""

    code = "idempotency_key_reused"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This key was used for something else."))


class AlreadyUndoneError(DomainError):
    """The use was undone before."""

    code = "already_undone"

    def __init__(self) -> None:
        super().__init__(_("This use has been undone already."))


class ReasonMissingError(DomainError):
    """Nothing is undone without a reason."""

    code = "reason_missing"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please say why."))


class NeedsManagerError(DomainError):
    """Beyond what this person may do alone."""

    code = "needs_manager"
    status = 403

    def __init__(self, text: str | Promise) -> None:
        super().__init__(text)


class OfferClosedError(DomainError):
    """The offer is not given any more."""

    code = "offer_closed"

    def __init__(self) -> None:
        super().__init__(_("This offer is not given any more."))


class LimitReachedError(DomainError):
    """The offer, or this customer's share of it, is used up: a voucher would be refused at once."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.label, code=refusal.value)


class CannotGiveError(DomainError):
    """This customer can be given nothing."""

    code = "cannot_give"

    def __init__(self) -> None:
        super().__init__(_("This customer’s record is closed: nothing can be given."))
