"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "console.begin_demo": _("Began the demo company"),
        "console.end_demo": _("Removed the demo company"),
    }
)
