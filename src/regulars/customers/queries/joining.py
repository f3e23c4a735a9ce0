"""The codes by which people join, and those who have yet to confirm."""

from __future__ import annotations

from django.db.models import QuerySet

from regulars.core.ids import token_hash
from regulars.customers.models import JoinCode, JoinRequest


def open_codes() -> QuerySet[JoinCode]:
    """The codes that work, the earliest first."""
    return JoinCode.objects.filter(is_open=True).select_related("place").order_by("pk")


def open_code(code: str) -> JoinCode | None:
    """The code as it is typed or scanned, in either case; None when it no longer works."""
    return open_codes().filter(code=code.upper()).first()


def request_by(token: str) -> JoinRequest | None:
    """The joining whose mail holds this token."""
    rows = JoinRequest.objects.select_related("customer__merged_into", "join_code__place")
    return rows.filter(token_hash=token_hash(token)).first()
