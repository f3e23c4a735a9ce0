"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "accounts.accept_invitation": _("Accepted an invitation"),
        "accounts.answer_for": _("Set who answers for a team"),
        "accounts.begin_shift": _("Signed in at a till"),
        "accounts.claim_installation": _("Became the first owner"),
        "accounts.deactivate": _("Shut somebody out"),
        "accounts.end_session": _("Ended a session"),
        "accounts.give_role": _("Gave a role"),
        "accounts.invite": _("Invited somebody"),
        "accounts.make_api_token": _("Made a key for another program"),
        "accounts.make_pairing_code": _("Made a pairing code for a device"),
        "accounts.pair_device": _("Paired a device"),
        "accounts.reactivate": _("Let somebody in again"),
        "accounts.remove_pin": _("Removed a PIN"),
        "accounts.require_second_factor": _("Set who needs a second factor"),
        "accounts.resend_invitation": _("Sent an invitation again"),
        "accounts.reset_second_factor": _("Removed somebody’s second factor"),
        "accounts.revoke_api_token": _("Took back a key of another program"),
        "accounts.revoke_device": _("Shut out a device"),
        "accounts.revoke_invitation": _("Took back an invitation"),
        "accounts.set_pin": _("Set a PIN"),
        "accounts.sign_in": _("Signed in"),
        "accounts.sign_out": _("Signed out"),
        "accounts.sign_out_everywhere": _("Signed somebody out everywhere"),
        "accounts.take_role": _("Took a role away"),
    }
)
