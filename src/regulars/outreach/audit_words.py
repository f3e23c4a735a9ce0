"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {"outreach.thank_all_the_same": _("Thanked a customer although something spoke against it")}
)
