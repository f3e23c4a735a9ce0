"""Runs one reaction to one moment, with the note that it ran in the same transaction."""

from __future__ import annotations

from regulars.core.models import Moment
from regulars.core.queue import task


@task(in_transaction=True)
def react(moment_id: int, reaction: str) -> None:
    """Run the reaction named `reaction` for the moment. A moment that is gone needs none."""
    from regulars.core.moments import REACTIONS, payload_of

    moment = Moment.objects.filter(pk=moment_id).first()
    if moment is None:
        return
    REACTIONS[reaction].run(moment, payload_of(moment))
