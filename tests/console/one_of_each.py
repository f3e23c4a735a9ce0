"""One row of every kind, as if somebody had done everything there is to do."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from django.db import models
from django.utils import timezone

numbers = count(1)
# Values that a CHECK asks for.
FIXED: dict[str, dict[str, Any]] = {
    "feedback.Case": {"state": "open", "closed_at": None},
    "rewards.Offer": {"gives": "percent", "percent": 10, "amount": 0},
    "rewards.Redemption": {"kind": "capture", "undoes_id": None},
    "rewards.Voucher": {"used": 0, "uses_allowed": 1},
}


def one_of_each(
    kinds: list[type[models.Model]], known: dict[type[models.Model], models.Model]
) -> None:
    """Store a row of each model, pointing to each other and else to those that are `known`."""
    waiting = list(kinds)
    while waiting:
        ready = [model for model in waiting if not _targets(model) & set(waiting)]
        assert ready, f"these wait for each other: {waiting}"
        for model in ready:
            known[model] = _row(model, known)
            waiting.remove(model)


def _targets(model: type[models.Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields} - {None, model}


def _row(model: type[models.Model], known: dict[type[models.Model], models.Model]) -> models.Model:
    row = model()
    for field in model._meta.concrete_fields:
        if not field.primary_key and field.name not in {"public_id", "created_at"}:
            setattr(row, field.attname, _value(model, field, known))
    for name, value in FIXED.get(model._meta.label, {}).items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


def _value(
    model: type[models.Model],
    field: models.Field[Any, Any],
    known: dict[type[models.Model], models.Model],
) -> Any:
    if field.related_model is model:
        return None
    if field.related_model is not None:
        is_second = model._meta.object_name == "KeptApart" and field.name == "second"
        target = known[field.related_model]
        return _row(field.related_model, known).pk if is_second else target.pk
    if isinstance(field, models.CharField | models.TextField) and field.unique:
        return f"x{next(numbers)}"
    if field.has_default() or field.null:
        return field.get_default() if field.has_default() else None
    return _plain(field)


def _plain(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return dt.date(2026, 5, 1)
    if isinstance(field, models.TimeField):
        return dt.time(9)
    if isinstance(field, models.CharField | models.TextField):
        return "x"
    return 1
