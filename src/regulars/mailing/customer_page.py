"""The messages that a customer got, or did not get and why, on the customer's page."""

from __future__ import annotations

from regulars.accounts.models import Staff
from regulars.core.access import Permission
from regulars.customers.models import Customer
from regulars.customers.panels import panel
from regulars.mailing import queries
from regulars.mailing.models import TONES

MESSAGES_SHOWN = 5


@panel("mailing/panel.html", order=50)
def received(customer: Customer, staff: Staff) -> dict[str, object] | None:
    """The newest messages, each with what became of it."""
    found = queries.outbox().filter(customer=customer)[:MESSAGES_SHOWN]
    messages = [(one, TONES[one.state]) for one in found]
    if not messages:
        return None
    return {"messages": messages, "may_open": staff.may(Permission.MANAGE)}
