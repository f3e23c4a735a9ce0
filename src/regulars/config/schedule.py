"""All recurring work, listed once."""

from __future__ import annotations

from datetime import time

from django.utils.translation import gettext_lazy as _

from regulars.accounts.tasks import forget_what_ended
from regulars.config.backup.tasks import back_up
from regulars.console.tasks import look_for_damage
from regulars.core.queue.schedule import Daily, Every, Recurring, Weekly
from regulars.core.tasks import keep_house
from regulars.customers.tasks import (
    forget_stale_imports,
    keep_erasure_journal,
    let_go_of_the_old,
    refresh_standings,
)
from regulars.insight.tasks import write_monday_mails
from regulars.mailing.tasks import deliver_due

SCHEDULE: tuple[Recurring, ...] = (
    Recurring(
        "backup",
        back_up,
        Daily(time(2, 30)),
        _("Writes a backup and deletes those that are older than the settings say."),
    ),
    Recurring(
        "customers.retention",
        let_go_of_the_old,
        Daily(time(3)),
        _("Lets go of what is older than the settings say, where an owner switched that on."),
    ),
    Recurring(
        "customers.standings",
        refresh_standings,
        Daily(time(3, 30)),
        _("Says anew who is a regular, comes less often or is lost, since days have passed."),
    ),
    Recurring(
        "customers.erasures",
        keep_erasure_journal,
        Every(60),
        _("Writes erasures into the file from which a restored backup is told whom to forget."),
    ),
    Recurring(
        "customers.imports",
        forget_stale_imports,
        Daily(time(3, 45)),
        _(
            "Throws away uploaded files that were not loaded for a week or whose import is gone, "
            "and rejected rows."
        ),
    ),
    Recurring("mailing.deliver", deliver_due, Every(1), _("Hands over the messages that are due.")),
    Recurring(
        "accounts.forget",
        forget_what_ended,
        Every(60),
        _("Forgets sessions and counters of tries that are over."),
    ),
    Recurring(
        "insight.monday_mail",
        write_monday_mails,
        Weekly(0, time(7)),
        _("Writes to owners and managers how the week went and whom to thank or call."),
    ),
    Recurring(
        "core.keep_house",
        keep_house,
        Daily(time(3, 30)),
        _("Deletes what is done and over: old jobs, counters, periods and keys of requests."),
    ),
    Recurring(
        "console.damage",
        look_for_damage,
        Daily(time(4)),
        _("Looks whether the data agree with themselves, and writes to the owner if not."),
    ),
)
