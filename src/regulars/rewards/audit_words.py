"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "rewards.cancel_voucher": _("Cancelled a voucher"),
        "rewards.close_offer": _("Closed an offer"),
        "rewards.issue_voucher": _("Gave a voucher"),
        "rewards.make_offer": _("Made an offer"),
        "rewards.set_limits": _("Set the limits for vouchers"),
    }
)
