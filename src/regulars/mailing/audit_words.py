"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "mailing.cancel": _("Cancelled a message"),
        "mailing.change_rules": _("Changed the rules of sending"),
        "mailing.hold": _("Held a message back"),
        "mailing.it_arrived": _("Noted that a message arrived"),
        "mailing.lift_suppression": _("Allowed writing to an address again"),
        "mailing.pause_sending": _("Switched sending off"),
        "mailing.release": _("Sent a held message"),
        "mailing.resume_sending": _("Switched sending on"),
        "mailing.send_again": _("Sent a message again"),
        "mailing.set_server": _("Changed the mail server"),
        "mailing.suppress": _("Blocked an address"),
    }
)
