from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from regulars.core import limits
from regulars.core.models import RateCounter

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_as_many_as_the_limit_pass_in_a_window() -> None:
    with time_machine.travel(NOON, tick=False):
        passed = [limits.allow("door", limit=3, window_seconds=60) for _ in range(5)]
        other = limits.allow("another door", limit=3, window_seconds=60)
    with time_machine.travel(NOON + timedelta(seconds=60), tick=False):
        later = limits.allow("door", limit=3, window_seconds=60)

    assert (passed, other, later) == ([True, True, True, False, False], True, True)


@pytest.mark.django_db
def test_a_refused_try_only_reads(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with time_machine.travel(NOON, tick=False):
        limits.allow("door", limit=1, window_seconds=60)
        with django_assert_num_queries(1) as seen:
            assert not limits.allow("door", limit=1, window_seconds=60)

    assert seen.captured_queries[0]["sql"].startswith("SELECT")


@pytest.mark.django_db
def test_what_is_given_back_can_be_used_again() -> None:
    with time_machine.travel(NOON, tick=False):
        assert limits.allow("door", limit=1, window_seconds=60)
        limits.give_back("door", window_seconds=60)

        assert limits.allow("door", limit=1, window_seconds=60)


@pytest.mark.django_db
def test_one_key_is_counted_apart_in_windows_of_different_length() -> None:
    with time_machine.travel(NOON, tick=False):
        assert limits.allow("door", limit=1, window_seconds=60)
        assert limits.allow("door", limit=1, window_seconds=3600)


@pytest.mark.django_db
def test_the_key_is_not_in_the_database() -> None:
    limits.allow("pair:192.0.2.7", limit=1, window_seconds=60)

    assert "192.0.2.7" not in str(RateCounter.objects.values())


@pytest.mark.django_db
def test_ended_windows_are_forgotten() -> None:
    with time_machine.travel(NOON, tick=False):
        limits.allow("door", limit=1, window_seconds=60)
    with time_machine.travel(NOON + timedelta(minutes=30), tick=False):
        assert limits.forget_ended_windows() == 0
    with time_machine.travel(NOON + timedelta(minutes=62), tick=False):
        assert limits.forget_ended_windows() == 1


@pytest.mark.django_db
def test_a_limiter_that_cannot_count_lets_nobody_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(RateCounter.objects, "filter", broken)

    with pytest.raises(DatabaseError):
        limits.allow("door", limit=1, window_seconds=60)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "6.6.6.6, 203.0.113.5, 198.51.100.9", "203.0.113.5"),
        (2, "198.51.100.9", "198.51.100.9"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.5, nonsense", "192.0.2.1"),
        (1, "203.0.113.5:1234", "203.0.113.5"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "2001:0db8:0:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(
    settings: Settings, proxies: int, forwarded: str, believed: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers=headers)

    assert limits.client_address(request) == believed


def test_ipv6_customers_are_counted_by_the_network_they_were_given(
    settings: Settings,
) -> None:
    settings.TRUSTED_PROXIES = 0
    request = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2:3:4:5:6")

    assert limits.client_network(request) == "2001:db8:1:2::/64"


def test_an_address_that_is_none_is_unknown(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0

    assert limits.client_address(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"
