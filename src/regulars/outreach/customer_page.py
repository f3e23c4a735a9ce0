"""Thanking on the customer's page: what was said, and whom nobody has thanked for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.core.access import Permission
from regulars.customers.models import Customer, Segment
from regulars.customers.panels import Suggestion, panel, suggestion, teller
from regulars.insight.queries import people
from regulars.outreach import queries
from regulars.outreach.models import Occasion, Way
from regulars.outreach.moments import ThanksGiven

# A birthday is spoken of this long before; whoever was written to since then has been greeted.
GREETED_AHEAD: Final = timedelta(days=7)


@teller(ThanksGiven, icon="heart", tone="good")
def thanked(payload: ThanksGiven) -> str:
    """Somebody was thanked."""
    what = {"occasion": Occasion(payload.occasion).label}
    return _("Was thanked %(occasion)s") % what


@panel("outreach/panel.html", order=30)
def thanks(customer: Customer, staff: Staff) -> dict[str, object] | None:
    """When they were thanked last, and the way to do it."""
    if customer.is_gone:
        return None
    return {
        "last": queries.last_thanks(customer),
        "may_thank": staff.may(Permission.SERVE) and not queries.obstacle(customer, Way.LETTER),
    }


@suggestion
def keep_in_touch(customer: Customer, staff: Staff) -> Iterator[Suggestion]:
    """A birthday, somebody who comes less often, or a regular whom nobody has thanked for long.

    Only where they may be written to, were it by a letter, and nothing has to be put right first;
    and not for what has just been done.
    """
    if not staff.may(Permission.SERVE) or queries.obstacle(customer, Way.LETTER):
        return
    if queries.doubts(customer, Way.LETTER):
        return
    href = reverse("outreach:new_thanks", args=[customer.public_id])
    last = queries.just_thanked(customer) or queries.last_thanks(customer)
    since = timezone.now() - last.created_at if last is not None else timedelta.max
    on = people.birthday_of(customer, days=GREETED_AHEAD.days)
    if on and since >= GREETED_AHEAD:
        text = _("Greet them: their birthday is on %(day)s.") % {
            "day": date_format(on, "MONTH_DAY_FORMAT")
        }
        yield Suggestion(text, href, "gift", 25)
    standing = getattr(customer, "standing", None)
    if standing is None or standing.visits < 2 or since < queries.HALF_A_YEAR:
        return
    if standing.segment == Segment.LAPSING:
        yield Suggestion(
            _("Write to them: they come less often than they used to."), href, "heart", 20
        )
    else:
        yield Suggestion(_("Thank them: nobody has for half a year."), href, "heart", 10)
