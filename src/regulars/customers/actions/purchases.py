"""Recording what customers bought, gave back, or did not buy after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.core import keys, locks, moments
from regulars.core.errors import DomainError
from regulars.customers.actions import standings
from regulars.customers.models import Customer, ImportBatch, Item, Purchase, PurchaseLine
from regulars.customers.moments import PurchaseCancelled, PurchaseRecorded, PurchaseRefunded

NEWS_FOR = timedelta(days=3)
_CLOCK_SKEW = timedelta(minutes=10)


class PurchaseError(DomainError):
    """A purchase that cannot be recorded."""

    code = "bad_purchase"


@dataclass(frozen=True)
class NewLine:
    """One item: `quantity` in thousandths, `amount` in minor units (negative for a refund)."""

    code: str
    name: str
    category: str = ""
    quantity: int = 1000
    amount: int = 0


@dataclass(frozen=True)
class NewPurchase:
    """A sale or refund as a till reports it. `total` in minor units of `currency` (ISO 4217)."""

    source: str
    document: str
    purchased_at: datetime
    total: int
    currency: str
    customer: Customer | None = None
    place: Place | None = None
    served_by: str = ""
    lines: Sequence[NewLine] = ()
    refund_of: str = ""


def record_purchase(new: NewPurchase, *, by: Staff | None = None) -> tuple[Purchase, bool]:
    """Store a purchase once per (source, document); the purchase and whether it was new.

    Known again, it changes nothing, except that what was not known is added: the customer, and
    what it refunds. Writes items that are new. A refund and its sale find each other whichever
    comes first. Records `purchase.recorded` or `purchase.refunded` once the customer is known,
    unless it is older than three days: then it is history. Raises PurchaseError.
    """
    now = timezone.now()
    _check(new, now)
    with transaction.atomic():
        # A refund and its sale that come at once would not see each other.
        locks.wait_for(f"purchase|{new.source}|{new.refund_of or new.document}")
        known = Purchase.objects.filter(source=new.source, document=new.document).first()
        if known is not None and not _give_way(known):
            return _learn(known, new, now, by), False
        drafted = Purchase(
            customer=new.customer,
            source=new.source,
            document=new.document,
            place=new.place,
            purchased_at=new.purchased_at,
            total=new.total,
            currency=new.currency,
            served_by=new.served_by,
            refund_of=_refunded(new),
            refund_of_document=new.refund_of or None,
            is_history=new.purchased_at < now - NEWS_FOR,
        )
        Purchase.objects.bulk_create([drafted], ignore_conflicts=True)
        purchase = Purchase.objects.get(source=new.source, document=new.document)
        if purchase.public_id != drafted.public_id:  # another till process was first
            return _learn(purchase, new, now, by), False
        _write_lines(purchase, new)
        _find_refunds(purchase)
        if purchase.customer_id is not None:
            standings.refresh([purchase.customer_id])
        _tell(purchase, now, by)
    return purchase, True


def cancel_purchase(purchase: Purchase, *, by: Staff | None = None) -> bool:
    """Note that the purchase did not happen; whether it was in force until now."""
    with transaction.atomic():
        cancelled = Purchase.objects.filter(pk=purchase.pk, cancelled_at=None).update(
            cancelled_at=timezone.now()
        )
        if cancelled and purchase.customer_id is not None:
            standings.refresh([purchase.customer_id])
        if cancelled and not purchase.is_history:
            moments.record(
                PurchaseCancelled(purchase_id=purchase.pk),
                customer_id=purchase.customer_id,
                by=by,
            )
    return bool(cancelled)


def item_for(source: str, line: NewLine) -> Item:
    """The item that `source` calls `line.code`, made when it is new."""
    code = line.code or f"name:{keys.fold(line.name)[:110]}"
    item, _made = Item.objects.get_or_create(
        source=source,
        code=code,
        defaults={
            "name": line.name or line.code,
            "category": line.category,
            "search_key": keys.search_key(line.name, line.code, line.category),
        },
    )
    return item


def _check(new: NewPurchase, now: datetime) -> None:
    if not new.document or not new.source:
        raise PurchaseError(_("A purchase needs a source and a document number."))
    if new.purchased_at > now + _CLOCK_SKEW:
        raise PurchaseError(_("This purchase lies in the future."), code="in_the_future")


def _refunded(new: NewPurchase) -> Purchase | None:
    if not new.refund_of or new.refund_of == new.document:
        return None
    return Purchase.objects.filter(source=new.source, document=new.refund_of).first()


def _give_way(known: Purchase) -> bool:
    """Let a purchase that an import only prepares, or has undone, make room for the till's own."""
    batch = known.batch
    if batch is None or batch.state == ImportBatch.State.APPLIED:
        return False
    known.lines.all().delete()
    known.delete()
    return True


def _learn(known: Purchase, new: NewPurchase, now: datetime, by: Staff | None) -> Purchase:
    """Add what was not known of the purchase when it first came."""
    if new.refund_of and known.refund_of_id is None:
        known.refund_of, known.refund_of_document = _refunded(new), new.refund_of
        known.save(update_fields=["refund_of", "refund_of_document"])
    if new.customer is None or known.customer_id is not None:
        return known
    without = Purchase.objects.filter(pk=known.pk, customer=None)
    is_added = without.update(customer=new.customer)
    known.refresh_from_db()
    if is_added:
        standings.refresh([new.customer.pk])
        _tell(known, now, by)
    return known


def _find_refunds(sale: Purchase) -> None:
    """Tie the sale to the refunds of it that came before."""
    waiting = Purchase.objects.filter(
        source=sale.source, refund_of_document=sale.document, refund_of=None
    )
    waiting.exclude(pk=sale.pk).update(refund_of=sale)


def _write_lines(purchase: Purchase, new: NewPurchase) -> None:
    PurchaseLine.objects.bulk_create(
        PurchaseLine(
            purchase=purchase,
            number=number,
            item=item_for(new.source, line),
            quantity=line.quantity,
            amount=line.amount,
        )
        for number, line in enumerate(new.lines, start=1)
    )


def _tell(purchase: Purchase, now: datetime, by: Staff | None) -> None:
    """Say that somebody bought or gave back, as long as it is news: once, with the customer."""
    is_old = purchase.is_history or purchase.purchased_at < now - NEWS_FOR
    if is_old or purchase.customer_id is None or purchase.cancelled_at is not None:
        return
    payload: moments.Payload = PurchaseRecorded(
        purchase_id=purchase.pk, total=purchase.total, currency=purchase.currency
    )
    if purchase.total < 0 or purchase.refund_of_id is not None:
        payload = PurchaseRefunded(
            purchase_id=purchase.pk,
            refund_of_id=purchase.refund_of_id,
            total=purchase.total,
            currency=purchase.currency,
        )
    moments.record(
        payload,
        customer_id=purchase.customer_id,
        happened_at=purchase.purchased_at,
        by=by,
    )
