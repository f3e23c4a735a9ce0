"""Thanking on the customer's page: what was said, and whom nobody has thanked for long."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.core.access import Permission
from regulars.customers.models import Customer
from regulars.customers.panels import Suggestion, panel, suggestion, teller
from regulars.outreach import queries
from regulars.outreach.models import Occasion, Way
from regulars.outreach.moments import ThanksGiven


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
def thank_a_regular(customer: Customer, staff: Staff) -> Iterator[Suggestion]:
    """A regular whom nobody has thanked for half a year."""
    standing = getattr(customer, "standing", None)
    if standing is None or standing.visits < 2 or not staff.may(Permission.SERVE):
        return
    last = queries.last_thanks(customer)
    if last is not None and last.created_at > timezone.now() - queries.HALF_A_YEAR:
        return
    if not queries.obstacle(customer, Way.LETTER):
        href = reverse("outreach:new_thanks", args=[customer.public_id])
        yield Suggestion(_("Thank them: nobody has for half a year."), href, "heart", 10)
