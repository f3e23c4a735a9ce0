"""The vouchers that a customer holds, and what they tell in the history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.core.money import format_money
from regulars.customers.models import Customer
from regulars.customers.panels import Suggestion, panel, suggestion, teller
from regulars.rewards import queries
from regulars.rewards.models import Voucher
from regulars.rewards.moments import (
    VoucherCancelled,
    VoucherIssued,
    VoucherRedeemed,
    VoucherVoided,
)

VOUCHERS_SHOWN = 5
RUNS_OUT_SOON = timedelta(days=7)


@panel("rewards/panel.html", order=35)
def held(customer: Customer, staff: Staff) -> dict[str, object] | None:
    """What they may still use, and what they used lately."""
    found = list(queries.vouchers_of(customer)[:VOUCHERS_SHOWN])
    if not found:
        return None
    return {
        "vouchers": [
            {
                "voucher": one,
                "gives": queries.gives_in_words(one.offer),
                "tone": "good" if one.state == Voucher.State.VALID else "",
                "last_day": queries.last_day_of(one),
            }
            for one in found
        ]
    }


@suggestion
def remind(customer: Customer, staff: Staff) -> Iterator[Suggestion]:
    """A voucher that runs out within a week, to mention when they are here."""
    now = timezone.now()
    for voucher in queries.vouchers_of(customer).filter(expires_at__lt=now + RUNS_OUT_SOON):
        if voucher.state == Voucher.State.VALID:
            day = date_format(queries.last_day_of(voucher), "MONTH_DAY_FORMAT")
            said = {"gives": queries.gives_in_words(voucher.offer), "day": day}
            yield Suggestion(
                _("Remind them of their voucher (%(gives)s): it can be used until %(day)s.") % said,
                icon="gift",
                urgency=15,
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
