"""Making two records one person, and taking that back exactly.

Whatever points to the merged record, in any package, is moved to the survivor and written down in
the `Merge`, so that unmerging moves the same rows back. What cannot move (the survivor has its
equal, or the table is append-only) stays with the merged record: `queries.people.same_person`
names both. The merged record is kept and leads to the survivor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.core import audit, moments
from regulars.core.errors import DomainError
from regulars.core.models import Moment
from regulars.core.triggers import AppendOnly
from regulars.customers.actions import standings
from regulars.customers.actions.people import refresh_keys
from regulars.customers.models import Consent, Customer, KeptApart, Merge, Pause, Standing
from regulars.customers.moments import ConsentChanged, CustomersMerged, CustomersUnmerged
from regulars.customers.queries import people

# Filled on the survivor where it has nothing; a birthday moves as one piece.
_SIMPLE = ("given_name", "family_name", "company", "language")
_BIRTHDAY = ("birth_year", "birth_month", "birth_day")
_POINTERS = ("home_place", "buyer")
_USER_OF = "was_user_of_"  # and the row number of who paid for the survivor until the merge
_LEFT_ALONE: tuple[type[models.Model], ...] = (Merge, KeptApart, Standing)
MERGE_EVIDENCE = "merge"
_MOMENT = "core.Moment.customer_id"
_also: list[Callable[[Sequence[Customer], Staff | None], None]] = []


def also_when_unmerged(
    function: Callable[[Sequence[Customer], Staff | None], None],
) -> Callable[[Sequence[Customer], Staff | None], None]:
    """Register what else is to be done, in the same transaction: (both records, who unmerged).

    For what was made of a row that had moved and now goes back, like a pause: no list of moved
    rows holds it.
    """
    if function not in _also:
        _also.append(function)
    return function


class MergeError(DomainError):
    """Two records that cannot be made one, or not be taken apart."""

    code = "cannot_merge"


def merge(survivor: Customer, merged: Customer, *, by: Staff | None) -> Merge:
    """Make `merged` the same person as `survivor`: everything it has becomes the survivor's.

    Nothing is lost and no sum changes. Where one of the two refused a kind of message, the
    refusal stands. Records `customer.merged`. Raises MergeError.
    """
    with transaction.atomic():
        survivor, merged = _locked(survivor, merged)
        if survivor.pk == merged.pk or survivor.is_gone or merged.is_gone:
            raise MergeError(_("These two records cannot be made one."))
        refused = _refusals(survivor, merged)
        made = Merge(survivor=survivor, merged=merged, merged_by=by)
        made.filled = _fill(survivor, merged)
        made.moved = {}
        _move_everything(made)
        _refuse_again(made, refused)
        Customer.objects.filter(pk=merged.pk).update(merged_into=survivor)
        made.save(force_insert=True)
        _refresh(survivor, merged)
        _note("customers.merge", made, by)
        moments.record(CustomersMerged(merged_id=merged.pk), customer_id=survivor.pk, by=by)
    return made


def unmerge(made: Merge, *, by: Staff | None) -> Customer:
    """Take a merge back: the rows that moved move back; the record that is a person again.

    What came since stays with the survivor, but a refusal given since holds for both. Raises
    MergeError when it was taken back already or the survivor has been merged or erased since.
    """
    with transaction.atomic():
        if not Merge.objects.filter(pk=made.pk, undone_at=None).update(undone_at=timezone.now()):
            raise MergeError(_("This was taken back already."))
        survivor, merged = _locked(made.survivor, made.merged)
        if survivor.is_gone:
            raise MergeError(_("First take back what was done with this record afterwards."))
        since = _refusals_since(made)
        _take_back_refusals(made)
        _move_back(made)
        _empty(survivor, merged, made.filled)
        Customer.objects.filter(pk=merged.pk).update(merged_into=None)
        merged.merged_into = None
        _copy(since, merged)
        for function in _also:
            function((survivor, merged), by)
        _refresh(survivor, merged)
        _note("customers.unmerge", made, by)
        moments.record(CustomersUnmerged(merged_id=merged.pk), customer_id=survivor.pk, by=by)
    return merged


def keep_apart(one: Customer, other: Customer, *, by: Staff | None) -> None:
    """Remember that two records that look alike are two people."""
    first, second = sorted((one, other), key=lambda record: record.pk)
    with transaction.atomic():
        KeptApart.objects.get_or_create(first=first, second=second, defaults={"said_by": by})
        audit.note("customers.keep_apart", by=by, subject=f"customer:{first.public_id}")


def _locked(one: Customer, other: Customer) -> tuple[Customer, Customer]:
    """Both as they are now, locked in the order of their numbers."""
    held = Customer.objects.select_for_update().filter(pk__in={one.pk, other.pk}).order_by("pk")
    found = {record.pk: record for record in held}
    return found[one.pk], found[other.pk]


# --- Fields ------------------------------------------------------------------------------------


def _fill(survivor: Customer, merged: Customer) -> list[str]:
    filled = [name for name in _SIMPLE if not getattr(survivor, name) and getattr(merged, name)]
    if survivor.birth_month is None and merged.birth_month is not None:
        filled += _BIRTHDAY
    filled += [
        name
        for name in _POINTERS
        if getattr(survivor, f"{name}_id") is None
        and getattr(merged, f"{name}_id") not in {None, survivor.pk}
    ]
    for name in filled:
        setattr(survivor, name, getattr(merged, name))
    if merged.note and merged.note not in survivor.note:
        survivor.note = _joined(survivor.note, merged.note)
        filled.append("note")
    for key in sorted(set(merged.preferences) - set(survivor.preferences)):
        survivor.preferences[key] = merged.preferences[key]
        filled.append(f"preferences.{key}")
    survivor.save(update_fields=_columns(filled))
    return filled


def _joined(own: str, added: str) -> str:
    return f"{own}\n\n{added}" if own else added


def _empty(survivor: Customer, merged: Customer, filled: Sequence[str]) -> None:
    """Take away what was filled, unless somebody has changed it since."""
    names = [name for name in filled if "." not in name and name != "note"]
    if not set(_BIRTHDAY) & set(names) or _birthday(survivor) == _birthday(merged):
        for name in names:
            if getattr(survivor, name) == getattr(merged, name):
                setattr(survivor, name, "" if name in _SIMPLE else None)
    if "note" in filled:
        survivor.note = survivor.note.removesuffix(merged.note).removesuffix("\n\n")
    for key in [name.partition(".")[2] for name in filled if name.startswith("preferences.")]:
        if survivor.preferences.get(key) == merged.preferences.get(key):
            survivor.preferences.pop(key, None)
    survivor.save(update_fields=_columns(filled))


def _birthday(customer: Customer) -> tuple[int | None, ...]:
    return customer.birth_year, customer.birth_month, customer.birth_day


def _columns(filled: Sequence[str]) -> list[str]:
    return sorted({name.partition(".")[0] for name in filled})


# --- Rows --------------------------------------------------------------------------------------


def _relations() -> Iterator[tuple[str, type[models.Model], str]]:
    """(label, model, field) of every foreign key to a customer whose rows may move."""
    for model in apps.get_models():
        if isinstance(getattr(model, "append_only", None), AppendOnly) or model in _LEFT_ALONE:
            continue
        for field in model._meta.concrete_fields:
            if field.related_model is Customer and field.name != "merged_into":
                yield f"{model._meta.label}.{field.attname}", model, field.attname


def _move_everything(made: Merge) -> None:
    for label, model, attname in _relations():
        rows = model._default_manager.filter(**{attname: made.merged_id})
        if model is Customer:
            rows = rows.exclude(pk=made.survivor_id)
        numbers = sorted(rows.values_list("pk", flat=True))
        if numbers:
            made.moved[label] = _moved(model, attname, numbers, made)
    _untangle(made)
    told = Moment.objects.filter(customer_id=made.merged_id)
    numbers = sorted(told.values_list("pk", flat=True))
    if numbers:
        made.moved[_MOMENT] = numbers
        Moment.objects.filter(pk__in=numbers).update(customer_id=made.survivor_id)


def _moved(model: type[models.Model], attname: str, numbers: list[int], made: Merge) -> list[int]:
    """Those of the rows that could move: all at once, else one by one past their equals."""
    rows = model._default_manager.filter(pk__in=numbers)
    change: dict[str, Any] = {attname: made.survivor_id}
    if _without_conflict(rows, change):
        return numbers
    moved = []
    for number in numbers:
        if _without_conflict(model._default_manager.filter(pk=number), change):
            moved.append(number)
        elif model is Pause:
            _widen(Pause.objects.get(pk=number), made)
    return moved


def _without_conflict(rows: models.QuerySet[Any], change: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            rows.update(**change)
    except IntegrityError:
        return False
    return True


def _widen(pause: Pause, made: Merge) -> None:
    """Where both have the same pause, the survivor's lasts as long as the longer one."""
    own = Pause.objects.get(customer_id=made.survivor_id, kind=pause.kind, key=pause.key)
    if own.until is not None and (pause.until is None or pause.until > own.until):
        made.widened[str(own.pk)] = own.until.isoformat()
        Pause.objects.filter(pk=own.pk).update(until=pause.until)


def _untangle(made: Merge) -> None:
    """Nobody pays for themselves, not even through others: free the survivor then, and note it."""
    survivor = Customer.objects.get(pk=made.survivor_id)
    if survivor.buyer is None:
        return
    if survivor.buyer_id == made.merged_id or survivor.pk in people.buyers_above(survivor.buyer):
        made.filled.append(f"{_USER_OF}{survivor.buyer_id}")
        Customer.objects.filter(pk=survivor.pk).update(buyer=None)


def _move_back(made: Merge) -> None:
    for label, numbers in made.moved.items():
        model_label, _dot, attname = label.rpartition(".")
        model = apps.get_model(model_label)
        rows = model._default_manager.filter(pk__in=numbers, **{attname: made.survivor_id})
        rows.update(**{attname: made.merged_id})
    for number, until in made.widened.items():
        Pause.objects.filter(pk=int(number)).update(until=datetime.fromisoformat(until))
    for noted in [name for name in made.filled if name.startswith(_USER_OF)]:
        made.filled.remove(noted)
        buyer = int(noted.removeprefix(_USER_OF))
        Customer.objects.filter(pk=made.survivor_id, buyer=None).update(buyer=buyer)


# --- Consents: a refusal by either of the two stands -------------------------------------------


def _refusals(survivor: Customer, merged: Customer) -> list[Consent]:
    """The newest records by which either refuses something that the other agreed to."""
    own = {(one.channel, one.purpose): one for one in people.newest_consents(survivor)}
    others = {(one.channel, one.purpose): one for one in people.newest_consents(merged)}
    pairs = [(own[key], others[key]) for key in sorted(own.keys() & others.keys())]
    return [one if not one.given else other for one, other in pairs if one.given is not other.given]


def _refuse_again(made: Merge, refused: Sequence[Consent]) -> None:
    repeated = []
    for one in refused:
        record = _refusal(made.survivor, one, evidence=f"{MERGE_EVIDENCE}: {one.evidence}")
        repeated.append(record.pk)
        _tell_refusal(record)
    if repeated:
        made.moved["repeated"] = repeated


def _take_back_refusals(made: Merge) -> None:
    Consent.objects.filter(pk__in=made.moved.pop("repeated", [])).delete()


def _refusals_since(made: Merge) -> list[Consent]:
    moved = {
        number
        for label, numbers in made.moved.items()
        for number in numbers
        if label in {"repeated", "customers.Consent.customer_id"}
    }
    since = Consent.objects.filter(
        customer=made.survivor, given=False, created_at__gte=made.created_at
    )
    return list(since.exclude(pk__in=moved).order_by("pk"))


def _copy(refusals: Sequence[Consent], customer: Customer) -> None:
    for one in refusals:
        _tell_refusal(_refusal(customer, one, evidence=one.evidence))


def _refusal(customer: Customer, like: Consent, *, evidence: str) -> Consent:
    record = Consent(
        customer=customer,
        channel=like.channel,
        purpose=like.purpose,
        basis=Consent.Basis.WITHDRAWN,
        given=False,
        language=like.language,
        evidence=evidence[:300],
        recorded_by=like.recorded_by,
        happened_at=timezone.now(),
    )
    record.save(force_insert=True)
    return record


def _tell_refusal(record: Consent) -> None:
    moments.record(
        ConsentChanged(channel=record.channel, purpose=record.purpose, given=False),
        customer_id=record.customer_id,
    )


def _refresh(survivor: Customer, merged: Customer) -> None:
    survivor.refresh_from_db()
    merged.refresh_from_db()
    refresh_keys(survivor)
    refresh_keys(merged)
    standings.refresh([survivor.pk, merged.pk])


def _note(action: str, made: Merge, by: Staff | None) -> None:
    audit.note(
        action,
        by=by,
        subject=f"customer:{made.survivor.public_id}",
        other=made.merged.public_id,
    )
