"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "core.allow_sending": _("Allowed sending after a restore"),
        "core.forbid_sending": _("Stopped sending after a restore"),
        "core.restore": _("Restored a backup"),
        "core.retry_job": _("Started parked work again"),
    }
)
