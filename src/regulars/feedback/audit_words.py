"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "feedback.close_case": _("Closed a matter that had to be put right"),
        "feedback.join_customer": _("Said which customer said something"),
        "feedback.make_form": _("Made a form for the website"),
        "feedback.open_case": _("Opened a matter to put right"),
        "feedback.part_customer": _("Said that it was somebody else"),
        "feedback.pass_on_praise": _("Passed praise on"),
    }
)
