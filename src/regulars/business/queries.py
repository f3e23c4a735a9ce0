"""The business as the other packages read it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings

from regulars.business.models import Business


def the_business() -> Business:
    """The one business; an unsaved one with the defaults before the first run."""
    return Business.objects.order_by("pk").first() or Business()


def time_zone() -> ZoneInfo:
    """The zone that the business's days are counted in."""
    return ZoneInfo(the_business().time_zone)


def public_url() -> str:
    """Where customers reach this installation, without a slash; empty until it is set."""
    return str(settings.PUBLIC_URL or the_business().public_url).rstrip("/")
