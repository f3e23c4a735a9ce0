"""Erasing a person: name, addresses and words go everywhere; purchases and sums stay, nameless.

What happens to a row follows from how its model points to the customer. `CASCADE`: the row exists
for the person only and is deleted. `SET_NULL`: it stays without the person, its speaking fields
blanked. `PROTECT`: it must stay (money); it keeps pointing to the empty record, blanked as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.core.models import IdempotencyKey, Job, JobStatus, Moment
from regulars.core.triggers import AppendOnly
from regulars.customers.models import Customer, Erasure
from regulars.customers.moments import CustomerErased
from regulars.customers.queries import people, personal, retaining

_KEPT = frozenset({"source", "merged_into", "erased_at", "batch_id", "is_demo"})
_AT_ONCE = 500
JOURNAL = "erasures.jsonl"
_also: list[Callable[[Customer, list[str]], None]] = []


def also_erase(
    function: Callable[[Customer, list[str]], None],
) -> Callable[[Customer, list[str]], None]:
    """Register what else is to be done, in the same transaction: (customer, their addresses).

    For what no foreign key and no address field leads to: files, rows of staged imports.
    """
    if function not in _also:
        _also.append(function)
    return function


class HeldError(DomainError):
    """Nothing may be deleted while a legal hold lasts."""

    code = "held"

    def __init__(self) -> None:
        super().__init__(_("A legal hold stands in the way. End it first."))


def erase(customer: Customer, *, by: Staff | None, despite_hold: bool = False) -> Erasure:
    """Erase the person behind a record and everything merged into it. Cannot be taken back.

    Raises HeldError while a legal hold lasts, unless the erasure was done before (`despite_hold`).

    Ledgers and totals do not change. Records `customer.erased`; the erasure is written to the
    journal beside the database, so that a restored backup forgets the person again.
    """
    _overwrite_what_is_deleted()
    with transaction.atomic():
        held = Customer.objects.select_for_update().filter(pk=people.survivor(customer).pk)
        survivor = held.get()
        if not despite_hold and retaining.hold_of(survivor) is not None:
            raise HeldError
        numbers = people.same_person(survivor)
        rows = personal.rows_about(survivor)
        addresses = personal.addresses_of(numbers)
        public_ids = list(
            Customer.objects.filter(pk__in=numbers).values_list("public_id", flat=True)
        )
        for function in _also:
            function(survivor, addresses)
        for one in reversed(rows):
            if one.model is not Customer:
                _erase_rows(one)
        _erase_traces([*addresses, *public_ids])
        _blank_customers(numbers)
        done, _made = Erasure.objects.get_or_create(
            subject=survivor.public_id,
            defaults={"customer_id": survivor.pk, "erased_by": by},
        )
        audit.note("customers.erase", by=by, subject=f"customer:{survivor.public_id}")
        moments.record(CustomerErased(), customer_id=survivor.pk, by=by)
        transaction.on_commit(_settle)
    return done


def note_export(customer: Customer, *, by: Staff) -> None:
    """Write down that everything about a person was handed out."""
    audit.note("customers.hand_out", by=by, subject=f"customer:{customer.public_id}")


def _erase_rows(rows: personal.Rows) -> None:
    model = rows.model
    for start in range(0, len(rows.numbers), _AT_ONCE):
        stored = model._default_manager.filter(pk__in=rows.numbers[start : start + _AT_ONCE])
        if model is Moment or _exists_for_the_person(model, rows.link):
            stored.delete()
        else:
            _blank(model, stored, rows.link)


def _exists_for_the_person(model: type[models.Model], link: str) -> bool:
    if not link:
        return False
    field = next(one for one in model._meta.concrete_fields if one.attname == link)
    if isinstance(getattr(model, "append_only", None), AppendOnly):
        return False
    remote = field.remote_field
    return (
        field.related_model is Customer
        and remote is not None
        and getattr(remote, "on_delete", None) is models.CASCADE
    )


def _blank(model: type[models.Model], stored: models.QuerySet[Any], link: str) -> None:
    """Empty the fields that speak of the person; let go of the customer where that is possible."""
    rule = getattr(model, "append_only", None)
    changes: dict[str, Any] = {}
    for field in personal.fields_of(model, personal.SPEAKING):
        changes |= _emptied(field)
    linked = next((one for one in model._meta.concrete_fields if one.attname == link), None)
    if linked is not None and linked.null and linked.related_model in {Customer, None}:
        changes[linked.attname] = None
    if isinstance(rule, AppendOnly):
        changes = {name: value for name, value in changes.items() if name in rule.may_change}
    if changes:
        stored.update(**changes)
    if rule is None:
        _replace_unique(model, stored)


def _replace_unique(model: type[models.Model], stored: models.QuerySet[Any]) -> None:
    """What must be there and differ in every row becomes something random."""
    speaking = personal.fields_of(model, personal.SPEAKING)
    names = [one.attname for one in speaking if one.unique and not one.null]
    if not names:
        return
    for number in list(stored.values_list("pk", flat=True)):
        model._default_manager.filter(pk=number).update(**{name: new_token() for name in names})


def _emptied(field: models.Field[Any, Any]) -> dict[str, Any]:
    """What the field becomes; nothing for a number or time that must be there."""
    if field.null:
        return {field.attname: None}
    if isinstance(field, models.CharField | models.TextField):
        return {} if field.unique else {field.attname: ""}
    if isinstance(field, models.JSONField):
        return {field.attname: field.get_default()}
    return {}


def _blank_customers(numbers: Iterable[int]) -> None:
    changes: dict[str, Any] = {
        field.attname: field.get_default()
        for field in Customer._meta.concrete_fields
        if field.name in Customer.privacy and field.name not in _KEPT
    }
    Customer.objects.filter(buyer__in=list(numbers)).update(buyer=None)
    Customer.objects.filter(pk__in=list(numbers)).update(erased_at=timezone.now(), **changes)


def _erase_traces(words: list[str]) -> None:
    """What mechanisms keep for a while: arguments and errors of jobs, answers of the API."""
    for word in words:
        jobs = Job.objects.filter(arguments__icontains=word)
        jobs.exclude(status__in=[JobStatus.READY, JobStatus.RUNNING]).update(arguments={})
        jobs.filter(status=JobStatus.READY).delete()
        Job.objects.filter(error__icontains=word).update(error="")
        IdempotencyKey.objects.filter(answer__icontains=word).update(answer="{}")


def _overwrite_what_is_deleted() -> None:
    """Have SQLite write zeros over what is deleted, so that nothing lingers in free pages."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def _settle() -> None:
    write_journal()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# --- The journal -------------------------------------------------------------------------------


def journal_file() -> Path:
    """The file beside the database; it holds random ids and times, nothing about anybody."""
    return Path(settings.DATA) / JOURNAL


def journalled() -> set[str]:
    """The public ids of everybody who was ever erased here."""
    file = journal_file()
    if not file.exists():
        return set()
    return {subject for line in file.read_bytes().splitlines() if (subject := _subject(line))}


def _subject(line: bytes) -> str:
    """Whom a line names; empty for one that a crash has cut off."""
    try:
        return str(json.loads(line)["subject"])
    except (ValueError, KeyError, TypeError):
        return ""


def write_journal() -> int:
    """Add to the file what the database knows and the file does not; how many lines.

    A line that a crash has cut off is ended, and what it should have said is written again.
    """
    known = journalled()
    missing = Erasure.objects.exclude(subject__in=known).order_by("pk")
    lines = [
        json.dumps({"subject": one.subject, "erased_at": one.created_at.isoformat()})
        for one in missing
    ]
    _append(lines)
    return len(lines)


def _append(lines: list[str]) -> None:
    if not lines:
        return
    with journal_file().open("a+b") as file:
        if file.tell() and not _ends_a_line(file):
            file.write(b"\n")
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()


def _ends_a_line(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def take_journal(file: Path) -> int:
    """Add the lines of another journal that this one lacks; how many. Raises ValueError."""
    known = journalled()
    lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    missing = [line for line in lines if str(json.loads(line)["subject"]) not in known]
    _append(missing)
    return len(missing)


def replay_erasures() -> int:
    """After a restore: erase again whoever was erased after the backup; how many."""
    again = Customer.objects.filter(public_id__in=journalled(), erased_at=None)
    numbers = list(again.order_by("pk"))
    for customer in numbers:
        erase(customer, by=None, despite_hold=True)
    return len(numbers)
