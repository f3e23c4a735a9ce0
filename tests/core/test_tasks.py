"""What core forgets by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from regulars.core.tasks import keep_house


@pytest.mark.django_db
def test_what_is_over_leaves_the_cache() -> None:
    """It would stay until the cache is full: counts of sign-ins by address, for years."""
    cache.set("ended", 1, timeout=60)
    cache.set("lasting", 1, timeout=60 * 60)

    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        keep_house.call()
        assert cache.get("lasting") == 1

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM core_cache")
        assert [key for (key,) in cursor.fetchall()] == [":1:lasting"]
