"""Letting go of what is old, by rules that an owner switched on; and holding what must stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.queries import the_business
from regulars.core import audit
from regulars.core.clock import local_day
from regulars.core.errors import DomainError
from regulars.core.models import AuditEntry
from regulars.core.triggers import AppendOnly
from regulars.customers import keeping
from regulars.customers.actions import erasing
from regulars.customers.keeping import Kept, Kind
from regulars.customers.models import Customer, LegalHold, RetentionRule, RetentionRun
from regulars.customers.queries import people, retaining

_AT_ONCE = 500


class HoldError(DomainError):
    """A hold that cannot be placed, or that stands in the way."""

    code = "held"


def set_rules(wanted: Mapping[Kind, int], *, by: Staff) -> None:
    """Keep each kind for so many months from tonight on; what is not named is kept for good."""
    with transaction.atomic():
        RetentionRule.objects.exclude(kind__in=wanted).delete()
        for kind, months in wanted.items():
            RetentionRule.objects.update_or_create(
                kind=kind, defaults={"months": months, "set_by": by}
            )
        audit.note("customers.set_retention", by=by, months={str(k): n for k, n in wanted.items()})


def place_hold(customer: Customer, *, reason: str, by: Staff) -> LegalHold:
    """Delete nothing about a customer until the hold ends. Raises HoldError without a reason."""
    written = reason.replace("\x00", "").strip()[:300]
    if not written:
        raise HoldError(_("Please write why."))
    with transaction.atomic():
        held = Customer.objects.select_for_update().get(pk=people.survivor(customer).pk)
        known = retaining.hold_of(held)
        if known is not None:
            return known
        hold = LegalHold.objects.create(customer=held, reason=written, placed_by=by)
        audit.note("customers.place_hold", by=by, subject=f"customer:{held.public_id}")
    return hold


def end_hold(customer: Customer, *, by: Staff) -> None:
    """What is due may go again from tonight on."""
    with transaction.atomic():
        rows = LegalHold.objects.filter(
            customer__in=people.same_person(people.survivor(customer)), ended_at=None
        )
        if rows.update(ended_at=timezone.now(), ended_by=by):
            audit.note("customers.end_hold", by=by, subject=f"customer:{customer.public_id}")


def let_go(*, today: date | None = None) -> dict[Kind, int]:
    """The night's work: empty or delete what is due by each rule; how many rows of each kind.

    In small transactions, each with its count, so that it can be interrupted and others can
    write; done again, it finds nothing more.
    """
    day = today or local_day(timezone.now(), the_business().time_zone)
    found: dict[Kind, int] = {}
    for kind, months in retaining.the_rules().items():
        forecast = retaining.forecast(kind, months)
        run, _is_new = RetentionRun.objects.update_or_create(
            kind=kind, day=day, defaults={"held": forecast.held}
        )
        found[kind] = (
            _let_go_customers(months, run)
            if kind == Kind.CUSTOMERS
            else sum(_let_go_rows(one, months, run) for one in keeping.kept(kind))
        )
        _tell(run)
    return found


def _let_go_rows(kept: Kept, months: int, run: RetentionRun) -> int:
    before, done = retaining.before(months, today=run.day), 0
    while True:
        with transaction.atomic():
            due = kept.due(before, retaining.held_numbers()).order_by("pk")
            numbers = list(due.values_list("pk", flat=True)[:_AT_ONCE])
            _empty(kept, numbers)
            _count(run, len(numbers))
        done += len(numbers)
        if len(numbers) < _AT_ONCE:
            return done


def _empty(kept: Kept, numbers: Iterable[int]) -> None:
    rows: models.QuerySet[models.Model] = kept.model._default_manager.filter(pk__in=numbers)
    if isinstance(getattr(kept.model, "append_only", None), AppendOnly):
        raise TypeError(f"{kept.model.__name__} is a ledger: nothing of it grows old")
    if kept.empties:
        rows.update(**kept.changes())
    else:
        rows.delete()


def _let_go_customers(months: int, run: RetentionRun) -> int:
    before, done = retaining.before(months, today=run.day), 0
    for numbers in retaining.unseen_since(before):
        for customer in Customer.objects.filter(pk__in=numbers).order_by("pk"):
            try:
                with transaction.atomic():
                    erasing.erase(customer, by=None)
                    _count(run, 1)
            except erasing.HeldError:
                continue
            done += 1
    return done


def _count(run: RetentionRun, rows: int) -> None:
    if rows:
        RetentionRun.objects.filter(pk=run.pk).update(done=models.F("done") + rows)


def _tell(run: RetentionRun) -> None:
    """Write down what the night did, also when it was interrupted before it could say so."""
    run.refresh_from_db()
    told: dict[str, Any] = {"kind": str(run.kind), "day": run.day.isoformat(), "rows": run.done}
    with transaction.atomic():
        if run.done and not _is_told(told):
            audit.note("customers.let_go", by=None, **told)


def _is_told(told: dict[str, Any]) -> bool:
    return AuditEntry.objects.filter(action="customers.let_go", details=told).exists()
