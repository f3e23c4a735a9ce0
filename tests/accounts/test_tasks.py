from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import StaffSession
from regulars.accounts.tasks import forget_what_ended
from regulars.core import limits
from regulars.core.models import RateCounter

pytestmark = pytest.mark.django_db


def test_what_is_over_is_forgotten_and_the_rest_kept(colleague_client: Client) -> None:
    limits.allow("door", limit=1, window_seconds=60)

    forget_what_ended.func()
    assert (Session.objects.count(), StaffSession.objects.count()) == (1, 1)
    assert RateCounter.objects.count() == 1

    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        forget_what_ended.func()

    assert (Session.objects.count(), StaffSession.objects.count()) == (0, 0)
    assert RateCounter.objects.count() == 0
