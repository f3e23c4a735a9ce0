"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "business.change": _("Changed the business’s details"),
        "business.remove_department": _("Removed a team"),
        "business.remove_signature": _("Removed a signature"),
        "business.remove_touchpoint": _("Removed a stage"),
        "business.save_department": _("Saved a team"),
        "business.save_place": _("Saved a place"),
        "business.save_signature": _("Saved a signature"),
        "business.save_touchpoint": _("Saved a stage"),
    }
)
