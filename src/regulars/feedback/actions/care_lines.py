"""The public forms by which customers complain and suggest."""

from __future__ import annotations

from django.db import transaction

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.core import audit
from regulars.feedback.models import CareLine


def make_care_line(place: Place | None, *, by: Staff) -> CareLine:
    """The form of a place (or of the business as a whole), made where there is none yet."""
    with transaction.atomic():
        drafted = CareLine(place=place)
        CareLine.objects.bulk_create([drafted], ignore_conflicts=True)
        line = CareLine.objects.get(place=place)
        if line.public_id == drafted.public_id:
            audit.note("feedback.make_form", by=by, subject=f"care_line:{line.public_id}")
    return line
