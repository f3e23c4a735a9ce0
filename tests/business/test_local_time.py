"""Days and times on pages are the business's, not the server's."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.core import audit


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Budapest", "23 November 2026, 00:30"),
        ("Asia/Tbilisi", "23 November 2026, 03:30"),
        ("America/Lima", "22 November 2026, 18:30"),
    ],
)
def test_pages_tell_the_time_of_the_business(
    business: Business, owner: Staff, owner_client: Client, zone: str, shown: str
) -> None:
    Business.objects.update(time_zone=zone)
    with time_machine.travel("2026-11-22T23:30:00+00:00", tick=False):
        audit.note("staff.test", by=owner)

        page = owner_client.get(reverse("accounts:audit_log")).content.decode()

    assert f">{shown}</td>" in page
    assert timezone.get_current_timezone_name() == "UTC"
