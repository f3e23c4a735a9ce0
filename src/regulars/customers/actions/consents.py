"""What customers agree to and withdraw, and reasons not to write to them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.customers.models import Consent, Customer, Pause
from regulars.customers.moments import ConsentChanged


def give_consent(
    customer: Customer,
    *,
    channel: str,
    purpose: str,
    basis: str = Consent.Basis.CONSENT,
    wording: str,
    evidence: str,
    language: str = "",
    confirmed: bool = True,
    happened_at: datetime | None = None,
    by: Staff | None = None,
) -> Consent:
    """Record that the customer agreed; the newest record of a channel and purpose counts.

    `wording` is the text they saw, `evidence` how it is known (“form at the counter”, “import:
    list.csv, row 12”). One that is not `confirmed` (double opt-in under way) allows nothing.
    """
    return _record(
        customer,
        given=True,
        by=by,
        channel=channel,
        purpose=purpose,
        basis=basis,
        wording=wording,
        evidence=evidence,
        language=language or customer.language,
        confirmed=confirmed,
        happened_at=happened_at or timezone.now(),
    )


def withdraw_consent(
    customer: Customer,
    *,
    channel: str,
    purpose: str,
    evidence: str,
    happened_at: datetime | None = None,
    by: Staff | None = None,
) -> Consent:
    """Record that the customer does not want this (any more). Works at once."""
    return _record(
        customer,
        given=False,
        by=by,
        channel=channel,
        purpose=purpose,
        basis=Consent.Basis.WITHDRAWN,
        evidence=evidence,
        language=customer.language,
        happened_at=happened_at or timezone.now(),
    )


def confirm_consent(record: Consent, *, evidence: str, by: Staff | None = None) -> Consent:
    """Record that the customer confirmed a consent that waited for it, with how it is known."""
    return give_consent(
        record.customer,
        channel=record.channel,
        purpose=record.purpose,
        basis=record.basis,
        wording=record.wording,
        evidence=evidence,
        language=record.language,
        by=by,
    )


def pause(
    customer: Customer,
    *,
    kind: str,
    reason: str = "",
    key: str = "",
    until: datetime | None = None,
    by: Staff | None = None,
) -> Pause:
    """Stop writing to the customer for a reason of `kind`. The same (kind, key) is one pause."""
    with transaction.atomic():
        found, made = Pause.objects.get_or_create(
            customer=customer,
            kind=kind,
            key=key,
            defaults={"since": timezone.now(), "until": until, "reason": reason},
        )
        if made:
            audit.note(
                "customers.pause", by=by, subject=f"customer:{customer.public_id}", kind=kind
            )
    return found


def lift_pause(customer: Customer, *, kind: str, key: str = "", by: Staff | None = None) -> bool:
    """End a pause; whether there was one."""
    with transaction.atomic():
        lifted, _rows = Pause.objects.filter(customer=customer, kind=kind, key=key).delete()
        if lifted:
            audit.note(
                "customers.lift_pause", by=by, subject=f"customer:{customer.public_id}", kind=kind
            )
    return bool(lifted)


def _record(customer: Customer, *, given: bool, by: Staff | None, **fields: object) -> Consent:
    with transaction.atomic():
        record = Consent(customer=customer, given=given, recorded_by=by, **fields)
        record.save(force_insert=True)
        moments.record(
            ConsentChanged(channel=record.channel, purpose=record.purpose, given=given),
            customer_id=customer.pk,
            by=by,
        )
    return record
