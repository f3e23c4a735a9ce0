"""What this package writes into the audit log, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core import audit

audit.say(
    {
        "customers.add": _("Added a customer"),
        "customers.add_address": _("Added an address"),
        "customers.change": _("Changed a customer’s details"),
        "customers.end_hold": _("Ended a legal hold"),
        "customers.erase": _("Erased a customer"),
        "customers.export": _("Exported a list"),
        "customers.hand_out": _("Handed out everything about a customer"),
        "customers.keep_apart": _("Said that two records are two people"),
        "customers.let_go": _("Let go of data that were old enough"),
        "customers.lift_pause": _("Ended a customer’s pause"),
        "customers.load_import": _("Loaded a file"),
        "customers.merge": _("Merged two records"),
        "customers.new_join_code": _("Made a new code for joining"),
        "customers.pause": _("Paused a customer"),
        "customers.place_hold": _("Placed a legal hold"),
        "customers.prefer_address": _("Chose the preferred address"),
        "customers.remove_address": _("Removed an address"),
        "customers.set_retention": _("Set how long data are kept"),
        "customers.undo_import": _("Undid an import"),
        "customers.unmerge": _("Took a merge back"),
    }
)
