"""Puts a staged batch in force, and takes it back exactly.

One UPDATE decides in either direction; what has to follow (changes to customers who were there
before, removing rows) rolls on in short transactions and can be killed at any point.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.core.faults import crash_point
from regulars.core.models import AuditEntry, Moment
from regulars.customers.actions.consents import withdraw_consent
from regulars.customers.imports.additions import is_news
from regulars.customers.imports.consent import Provenance, evidence
from regulars.customers.imports.staging import REST
from regulars.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerKey,
    ImportBatch,
    ImportChange,
    Item,
    Purchase,
    PurchaseLine,
    Standing,
)
from regulars.customers.moments import HistoryLoaded, HistoryUndone
from regulars.customers.queries import people

State = ImportBatch.State
Change = ImportChange.Kind
_AT_ONCE = 200
# What an import makes for its customers, or the program by itself: no sign that somebody used them.
_OWN = (ContactPoint, CustomerKey, Consent, Standing)
_NOT_IN_FORCE = (State.UNDONE, State.FAILED)


def apply(batch: ImportBatch) -> bool:
    """Put a completely staged batch in force; whether it was not yet.

    One UPDATE, with one moment `history.loaded`. Nobody is written to because of it.
    """
    staged = batch.counts.get("staged", {})
    with transaction.atomic():
        now = timezone.now()
        applied = ImportBatch.objects.filter(pk=batch.pk, state=State.STAGING).update(
            state=State.APPLIED, applied_at=now
        )
        if applied:
            loaded = HistoryLoaded(
                batch_id=batch.pk,
                customers=staged.get("customers", 0),
                purchases=staged.get("purchases", 0),
            )
            moments.record(loaded, by=batch.made_by)
            audit.note(
                "customers.load_import",
                by=batch.made_by,
                subject=f"import:{batch.public_id}",
                **staged,
            )
    crash_point("imports.applied")
    batch.refresh_from_db()
    return bool(applied)


def roll_forward(batch: ImportBatch) -> None:
    """Make the planned changes to customers who were there before. Again changes nothing."""
    waiting = ImportChange.objects.filter(batch=batch, is_done=False).order_by("pk")
    for part in _parts(waiting):
        with transaction.atomic():
            for change in part:
                _make(batch, change)


def take_back(batch: ImportBatch, *, by: Staff | None) -> bool:
    """Make an applied batch invisible at once; whether it was in force. `sweep` does the rest."""
    if not ImportBatch.objects.filter(pk=batch.pk, state=State.APPLIED).exists():
        return False
    keep_used(batch)
    with transaction.atomic():
        undone = ImportBatch.objects.filter(pk=batch.pk, state=State.APPLIED).update(
            state=State.UNDONE, undone_at=timezone.now()
        )
        if undone:
            moments.record(HistoryUndone(batch_id=batch.pk), by=by)
            audit.note("customers.undo_import", by=by, subject=f"import:{batch.public_id}")
    batch.refresh_from_db()
    return bool(undone)


def sweep(batch: ImportBatch) -> None:
    """Remove what a batch that is not in force has left; customers whom others use stay.

    Raises ValueError for a batch that is in force.
    """
    if batch.state == State.APPLIED:
        raise ValueError("this batch is in force")
    _take_changes_back(batch)
    _remove_purchases(batch)
    _remove_customers(batch)
    _remove_items(batch)
    for part in _parts(ImportChange.objects.filter(batch=batch).order_by("pk")):
        with transaction.atomic():
            ImportChange.objects.filter(pk__in=[change.pk for change in part]).delete()


def left_behind(batch: ImportBatch) -> bool:
    """Whether `sweep` has something to do."""
    return (
        Purchase.objects.filter(batch=batch).exists()
        or Customer.objects.filter(batch_id=batch.pk).exists()
        or ImportChange.objects.filter(batch=batch).exists()
    )


# --- Changes to what was there before ----------------------------------------------------------


def _make(batch: ImportBatch, change: ImportChange) -> None:
    customer = people.survivor(change.customer) if change.customer is not None else None
    if customer is not None and customer.erased_at is None:
        change.made_id = _made(batch, change, customer)
        _refresh_keys(customer)
    change.is_done = True
    change.save(update_fields=["made_id", "is_done"])


def _made(batch: ImportBatch, change: ImportChange, customer: Customer) -> int | None:
    after = change.after
    if change.kind == Change.FIELDS:
        still_empty = {n: v for n, v in after.items() if getattr(customer, n) == change.before[n]}
        Customer.objects.filter(pk=customer.pk).update(**still_empty)
        return None
    if change.kind == Change.ADDRESS:
        same = ContactPoint.objects.filter(customer=customer, channel=after["channel"])
        if same.filter(address=after["address"]).exists():
            return None
        point = ContactPoint(customer=customer, **after, is_preferred=not same.exists())
        point.save(force_insert=True)
        return point.pk
    if change.kind == Change.KEY:
        if CustomerKey.objects.filter(source=batch.source, value=after["value"]).exists():
            return None
        return CustomerKey.objects.create(customer=customer, source=batch.source, **after).pk
    return _stated(batch, customer, after)


def _stated(batch: ImportBatch, customer: Customer, after: dict[str, Any]) -> int | None:
    """Record what the file states, if it still is news: people go on talking to us meanwhile."""
    newest = _records(customer, after["channel"], after["purpose"]).last()
    if not is_news(given=after["given"], newest=newest.given if newest else None):
        return None
    at = Provenance.from_json(batch.provenance).counts_from(
        given=after["given"], now=timezone.now()
    )
    record = Consent(customer=customer, **after, happened_at=at, recorded_by=batch.made_by)
    record.save(force_insert=True)
    return record.pk


def _records(customer: Customer, channel: str, purpose: str) -> models.QuerySet[Consent]:
    """What the person ever said about this, the newest last."""
    said = Consent.objects.filter(
        customer__in=people.same_person(customer), channel=channel, purpose=purpose
    )
    return said.order_by("happened_at", "pk")


_MADE: dict[str, type[models.Model]] = {
    Change.ADDRESS: ContactPoint,
    Change.KEY: CustomerKey,
}


def _take_changes_back(batch: ImportBatch) -> None:
    done = ImportChange.objects.filter(batch=batch, is_done=True).exclude(kind=Change.ITEM)
    for part in _parts(done.select_related("customer").order_by("-pk")):
        with transaction.atomic():
            for change in part:
                _take_change_back(batch, change)
                change.is_done = False
                change.save(update_fields=["is_done"])


def _take_change_back(batch: ImportBatch, change: ImportChange) -> None:
    customer = change.customer
    if customer is None:
        return
    if change.kind == Change.FIELDS:
        customer.refresh_from_db()
        untouched = {
            name: value
            for name, value in change.before.items()
            if getattr(customer, name) == change.after[name]
        }
        Customer.objects.filter(pk=customer.pk).update(**untouched)
    elif change.made_id is None:
        return
    elif change.kind == Change.CONSENT:
        _take_statements_back(batch, Consent.objects.filter(pk=change.made_id))
    else:
        _MADE[change.kind]._base_manager.filter(pk=change.made_id).delete()
    _refresh_keys(customer)


def _take_statements_back(batch: ImportBatch, records: models.QuerySet[Consent]) -> None:
    """Remove what the import says that people said. Where a message went out on such a record it
    stays, as the proof of what was done, and is withdrawn.
    """
    stood_on: set[int] = set()
    for relation in _relations(Consent):
        rows = relation.related_model._base_manager.filter(
            **{f"{relation.field.name}__in": records}
        )
        stood_on |= set(rows.values_list(relation.field.attname, flat=True))
    for record in Consent.objects.filter(pk__in=stood_on, given=True).select_related("customer"):
        if _records(record.customer, record.channel, record.purpose).last() == record:
            withdraw_consent(
                record.customer,
                channel=record.channel,
                purpose=record.purpose,
                evidence=f"import undone: {batch.file_name[:200]}",
            )
    records.exclude(pk__in=stood_on).delete()


def _refresh_keys(customer: Customer) -> None:
    from regulars.customers.actions.people import refresh_keys

    customer.refresh_from_db()
    refresh_keys(customer)


# --- Removing ----------------------------------------------------------------------------------


def keep_used(batch: ImportBatch) -> int:
    """Let customers whom something else refers to outlive the batch; how many."""
    kept = 0
    made = Customer.objects.filter(batch_id=batch.pk)
    for part in _parts(made.only("pk", "public_id").order_by("pk"), by_pk=True):
        with transaction.atomic():
            kept += _keep(batch, _used(batch, part))
    return kept


def _keep(batch: ImportBatch, used: set[int]) -> int:
    """Let these customers outlive the batch, without what it says that they agreed to."""
    if not used:
        return 0
    kept = Customer.objects.filter(pk__in=used)
    persons = {pk for customer in kept for pk in people.same_person(customer)}
    said = Consent.objects.filter(
        customer__in=persons,
        evidence__startswith=evidence(batch.file_name),
        created_at__gte=batch.created_at,
    )
    if batch.applied_at is not None:
        said = said.filter(created_at__lte=batch.applied_at)
    _take_statements_back(batch, said)
    return kept.update(batch_id=None)


def _used(batch: ImportBatch, customers: list[Customer]) -> set[int]:
    """Those of the customers who have anything that the batch did not bring."""
    ids = [customer.pk for customer in customers]
    used: set[int] = set()
    for relation in _relations(Customer):
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": ids})
        if relation.related_model is ImportChange:  # another import has completed them
            rows = rows.exclude(batch=batch).exclude(batch__state__in=_NOT_IN_FORCE)
        elif relation.related_model in _OWN:
            if relation.related_model not in (ContactPoint, CustomerKey, Consent):
                continue
            if batch.applied_at is None:
                continue
            rows = rows.filter(created_at__gt=batch.applied_at)
        elif relation.related_model is Purchase:
            rows = rows.exclude(batch=batch)
        used |= set(rows.values_list(relation.field.attname, flat=True))
    happened = Moment.objects.filter(customer_id__in=ids).values_list("customer_id", flat=True)
    used |= {pk for pk in happened if pk is not None}
    subjects = {f"customer:{customer.public_id}": customer.pk for customer in customers}
    noted = AuditEntry.objects.filter(subject__in=subjects).values_list("subject", flat=True)
    return used | {subjects[subject] for subject in noted}


def _relations(model: type[models.Model]) -> list[models.ManyToOneRel]:
    """Everything that points to rows of the model, also where the model does not name it."""
    fields = model._meta.get_fields(include_hidden=True)
    return [field for field in fields if isinstance(field, models.ManyToOneRel)]


def _remove_purchases(batch: ImportBatch) -> None:
    rows = Purchase.objects.filter(batch=batch).only("pk").order_by("pk")
    for part in _parts(rows):
        with transaction.atomic():
            ids = [purchase.pk for purchase in part]
            PurchaseLine.objects.filter(purchase_id__in=ids)._raw_delete("default")
            Purchase.objects.filter(pk__in=ids).delete()
        crash_point("imports.swept")


def _remove_customers(batch: ImportBatch) -> None:
    rows = Customer.objects.filter(batch_id=batch.pk).only("pk", "public_id").order_by("pk")
    for part in _parts(rows):
        with transaction.atomic():
            used = _used(batch, part)
            _keep(batch, used)
            Customer.objects.filter(pk__in=[c.pk for c in part if c.pk not in used]).delete()


def _remove_items(batch: ImportBatch) -> None:
    noted = ImportChange.objects.filter(batch=batch, kind=Change.ITEM)
    for part in _parts(noted.order_by("pk"), by_pk=True):
        with transaction.atomic():
            ids = [change.made_id for change in part]
            sold = PurchaseLine.objects.filter(item_id__in=ids).values_list("item_id", flat=True)
            Item.objects.filter(pk__in=set(ids) - set(sold)).delete()


def _parts(rows: Any, *, by_pk: bool = False) -> Iterator[list[Any]]:
    """Parts of `rows`, looked up anew each time, since the work takes them out of the list.

    `by_pk` goes on behind the last row instead, for work that leaves them in.
    """
    last = 0
    while True:
        part = list(rows.filter(pk__gt=last)[:_AT_ONCE] if by_pk else rows[:_AT_ONCE])
        if not part:
            return
        yield part
        last = part[-1].pk
        time.sleep(REST)
