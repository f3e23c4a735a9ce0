"""What this package itself tells in a customer's history and suggests to do next."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.core.access import Permission
from regulars.customers.models import Consent, Customer
from regulars.customers.moments import (
    ConsentChanged,
    CustomerJoined,
    CustomersMerged,
    CustomersUnmerged,
)
from regulars.customers.panels import Suggestion, suggestion, teller
from regulars.customers.queries import duplicates, people


@teller(CustomerJoined, icon="person")
def joined(payload: CustomerJoined) -> str:
    """How somebody became a customer."""
    return {
        "staff": _("Was added by staff"),
        "counter": _("Joined at the counter"),
        "web": _("Joined on the web"),
        "api": _("Arrived from the till or web shop"),
        "import": _("Arrived with a file"),
    }.get(payload.way, _("Became a customer"))


@teller(CustomersMerged, icon="people")
def merged(payload: CustomersMerged) -> str:
    """A second record of the same person was merged."""
    return _("Another record of the same person was merged into this one")


@teller(CustomersUnmerged, icon="people")
def unmerged(payload: CustomersUnmerged) -> str:
    """A merge was taken back."""
    return _("A merged record was taken apart again")


@teller(ConsentChanged, icon="shield")
def consent(payload: ConsentChanged) -> str:
    """What was agreed to or refused."""
    purpose = str(Consent.Purpose(payload.purpose).label)
    if payload.given:
        return _("Agreed to: %(purpose)s") % {"purpose": purpose}
    return _("Does not want: %(purpose)s") % {"purpose": purpose}


@suggestion
def complete(customer: Customer, staff: Staff) -> Iterator[Suggestion]:
    """What is missing to stay in touch, and records that may be the same person."""
    if not staff.may(Permission.SERVE):
        return
    page = customer.get_absolute_url()
    if not customer.contact_points.exists():
        yield Suggestion(_("Ask for an e-mail address or phone number."), f"{page}addresses/")
    elif not any(one.given for one in people.newest_consents(customer)):
        yield Suggestion(_("Ask what they would like to hear from you."), f"{page}consents/")
    if not customer.full_name:
        yield Suggestion(_("Ask for the name."), f"{page}edit/", icon="pencil")
    if staff.may(Permission.MANAGE) and (alike := duplicates.alike(customer)):
        yield Suggestion(
            _("Look whether %(name)s is the same person.") % {"name": alike[0]},
            reverse("customers:compare", args=[customer.public_id, alike[0].public_id]),
            icon="people",
        )
