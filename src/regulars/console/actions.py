"""What the console writes of its own: the nightly look and the alarm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import translation

from regulars.accounts import queries as accounts
from regulars.accounts.models import Staff
from regulars.business.queries import the_business
from regulars.console import emails
from regulars.core import soundness
from regulars.core.clock import now
from regulars.core.soundness import Fault
from regulars.mailing import actions as mailing
from regulars.mailing.models import Purpose


def look_for_damage() -> list[Fault]:
    """Compare what is stored with itself, note what was found, and write to every owner once."""
    faults = soundness.look_and_note()
    if faults:
        for owner in accounts.owners():
            _alarm(owner, faults, now().date())
    return faults


def _alarm(owner: Staff, faults: Sequence[Fault], day: date) -> None:
    language = owner.language or the_business().language
    with translation.override(language):
        content = emails.damage(faults)
    mailing.queue_message(
        content,
        key=f"damage:{day.isoformat()}:{owner.public_id}",
        purpose=Purpose.ALERT,
        staff=owner,
        language=language,
    )
