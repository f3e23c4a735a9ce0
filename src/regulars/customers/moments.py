"""What happens to a customer here. Payloads carry row numbers and facts, never names."""

from __future__ import annotations

from typing import ClassVar

from regulars.core.moments import Payload


class PurchaseRecorded(Payload):
    """A customer bought something (not history: it happened within the last three days)."""

    kind: ClassVar[str] = "purchase.recorded"

    purchase_id: int
    total: int
    currency: str


class PurchaseRefunded(Payload):
    """A purchase was refunded, wholly or in part. `total` is negative."""

    kind: ClassVar[str] = "purchase.refunded"

    purchase_id: int
    refund_of_id: int | None
    total: int
    currency: str


class PurchaseCancelled(Payload):
    """A purchase turned out not to have happened."""

    kind: ClassVar[str] = "purchase.cancelled"

    purchase_id: int


class HistoryLoaded(Payload):
    """An import brought past customers or purchases: one moment a batch, nobody is written to."""

    kind: ClassVar[str] = "history.loaded"

    batch_id: int
    customers: int
    purchases: int


class HistoryUndone(Payload):
    """An import was undone."""

    kind: ClassVar[str] = "history.undone"

    batch_id: int


class CustomerJoined(Payload):
    """Somebody became a customer here: at the counter, on the web, by staff or by API."""

    kind: ClassVar[str] = "customer.joined"

    way: str


class CustomersMerged(Payload):
    """Two records turned out to be one person; `merged_id` now points to the customer."""

    kind: ClassVar[str] = "customer.merged"

    merged_id: int


class CustomersUnmerged(Payload):
    """A merge was taken back."""

    kind: ClassVar[str] = "customer.unmerged"

    merged_id: int


class ConsentChanged(Payload):
    """A customer agreed to something or withdrew it."""

    kind: ClassVar[str] = "consent.changed"

    channel: str
    purpose: str
    given: bool


class CustomerErased(Payload):
    """A customer's personal data was erased."""

    kind: ClassVar[str] = "customer.erased"


class JoinRequested(Payload):
    """Somebody joined by a QR code and has yet to confirm the e-mail address."""

    kind: ClassVar[str] = "customer.join_requested"

    join_request_id: int
