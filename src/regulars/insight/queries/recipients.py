"""Who gets the Monday mail."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.models import Role, Staff
from regulars.accounts.queries import everybody
from regulars.business.models import Place
from regulars.insight.models import MondayMailChoice


@dataclass(frozen=True)
class Recipient:
    """Somebody and what their mail is about: a place, or (None) the whole business."""

    staff: Staff
    place: Place | None


def monday_recipients() -> list[Recipient]:
    """Owners and managers with an address who have not switched it off.

    Who manages single places gets one mail for each place in use.
    """
    unwanted = set(
        MondayMailChoice.objects.filter(is_wanted=False).values_list("staff_id", flat=True)
    )
    found: list[Recipient] = []
    for staff in everybody().filter(is_active=True, email__isnull=False):
        if staff.pk not in unwanted and staff.email:
            found += [Recipient(staff, place) for place in _places(staff)]
    return found


def _places(staff: Staff) -> list[Place | None]:
    led = [role for role in staff.roles.all() if role.role in (Role.OWNER, Role.MANAGER)]
    if any(role.place is None for role in led):
        return [None]
    return [role.place for role in led if role.place is not None and role.place.is_active]


def wants_monday_mail(staff: Staff) -> bool:
    """Whether somebody has not switched it off."""
    return not MondayMailChoice.objects.filter(staff=staff, is_wanted=False).exists()
