"""Rate limits that hold across all web workers, and who is asking.

A limit is counted by a conditional UPDATE of one row, so it means the same on SQLite and
PostgreSQL and with any number of processes. Windows are fixed: at the seam of two windows up to
twice the limit can pass within one window's length.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from regulars.core.models import RateCounter

UNKNOWN_ADDRESS = "unknown"


def allow(key: str, *, limit: int, window_seconds: int) -> bool:
    """Count one try of `key` and say whether it was within `limit` in the current window.

    A refused try writes nothing and takes no write lock, so a flood costs one read each. `key`
    is kept only as a keyed hash: it may hold an address. Errors of the database are raised, so
    a limiter that cannot count lets nobody through.
    """
    digest, window = _counter(key, window_seconds)
    counter = RateCounter.objects.filter(key=digest, window=window)
    counted = counter.values_list("count", flat=True).first()
    if counted is None:
        ends_at = datetime.fromtimestamp((window + 1) * window_seconds, tz=UTC)
        RateCounter.objects.bulk_create(
            [RateCounter(key=digest, window=window, ends_at=ends_at)], ignore_conflicts=True
        )
    elif counted >= limit:
        return False
    return counter.filter(count__lt=limit).update(count=F("count") + 1) == 1


def is_reached(key: str, *, limit: int, window_seconds: int) -> bool:
    """Whether `limit` tries of `key` were counted in the current window; counts nothing."""
    digest, window = _counter(key, window_seconds)
    return RateCounter.objects.filter(key=digest, window=window, count__gte=limit).exists()


def give_back(key: str, *, window_seconds: int) -> None:
    """Uncount one try of `key`, where only failures are to be counted."""
    digest, window = _counter(key, window_seconds)
    RateCounter.objects.filter(key=digest, window=window, count__gt=0).update(count=F("count") - 1)


def forget_ended_windows(*, before: datetime | None = None) -> int:
    """Delete the counters whose window ended an hour ago; how many went."""
    ended = before or timezone.now() - timedelta(hours=1)
    deleted, _ = RateCounter.objects.filter(ends_at__lt=ended).delete()
    return deleted


def _counter(key: str, window_seconds: int) -> tuple[str, int]:
    secret = settings.SECRET_KEY.encode()
    digest = hmac.new(secret, f"{window_seconds}:{key}".encode(), hashlib.sha256).hexdigest()
    return digest, int(timezone.now().timestamp()) // window_seconds


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks, as far as it can be believed.

    Without trusted proxies that is the peer of the connection. With n of them
    (REGULARS_TRUSTED_PROXIES) it is the n-th entry of X-Forwarded-For counted from the right:
    each proxy appends the address it saw, everything further left was written by the client.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    trusted: int = settings.TRUSTED_PROXIES
    entries = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    believed = entries[-min(trusted, len(entries))] if trusted else peer
    return _address(believed) or _address(peer) or UNKNOWN_ADDRESS


def client_network(request: HttpRequest) -> str:
    """What to count by: the IPv4 address, or the /64 that one IPv6 customer is given."""
    address = client_address(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def _address(text: str) -> str:
    """A normal form of an address, with or without a port; empty when it is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
