"""What outreach does when a message is out."""

from __future__ import annotations

from regulars.core.models import Moment
from regulars.core.moments import reaction
from regulars.mailing.moments import MessageSent
from regulars.outreach.actions import thanking
from regulars.outreach.models import Thanks, Way


@reaction(MessageSent)
def note_thanks(moment: Moment, payload: MessageSent) -> None:
    """A customer is thanked when the mail is out, not when it was queued."""
    mailed = Thanks.objects.filter(message_id=payload.message_id, way=Way.EMAIL)
    thanks = mailed.select_related("given_by").first()
    if thanks is not None:
        thanking.note_mailed(thanks, at=moment.happened_at)
