"""What the public pages lead to."""

from __future__ import annotations

from django.db.models import F

from regulars.feedback.models import CareLine


def care_form() -> CareLine | None:
    """The open form to write to the business with, best the one that belongs to no single place."""
    lines = CareLine.objects.filter(is_open=True)
    return lines.order_by(F("place").asc(nulls_first=True), "pk").first()
