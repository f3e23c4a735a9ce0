"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "surveys.accept_answer": _("Let an answer that was held back count"),
        "surveys.archive": _("Put a survey away"),
        "surveys.ask_list": _("Asked a list of customers"),
        "surveys.change": _("Changed a survey"),
        "surveys.delete_junk": _("Deleted answers that were held back"),
        "surveys.make": _("Made a survey"),
        "surveys.set_rules": _("Set how often customers may be asked"),
        "surveys.stop_asking": _("Stopped asking a list"),
    }
)
