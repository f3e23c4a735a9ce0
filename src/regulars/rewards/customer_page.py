"""What vouchers tell in a customer's history."""

from __future__ import annotations

from django.utils.translation import gettext as _

from regulars.core.money import format_money
from regulars.customers.panels import teller
from regulars.rewards.moments import (
    VoucherCancelled,
    VoucherIssued,
    VoucherRedeemed,
    VoucherVoided,
)


@teller(VoucherIssued, icon="gift")
def issued(payload: VoucherIssued) -> str:
    """A voucher was given."""
    return _("Got a voucher")


@teller(VoucherRedeemed, icon="ticket", tone="good")
def redeemed(payload: VoucherRedeemed) -> str:
    """A voucher was used."""
    if payload.value is None:
        return _("Used a voucher")
    amount = format_money(payload.value, payload.currency)
    return _("Used a voucher: %(amount)s") % {"amount": amount}


@teller(VoucherVoided, icon="undo")
def voided(payload: VoucherVoided) -> str:
    """A use was undone."""
    return _("The use of a voucher was undone")


@teller(VoucherCancelled, icon="cross")
def cancelled(payload: VoucherCancelled) -> str:
    """A voucher was taken back."""
    return _("A voucher was taken back")
