"""Into the demo company and out of it, leaving nothing.

Coming in notes, for every table, the highest row number there is. Going out deletes every row
above it and puts the business's own profile back. People who work here, their sessions and the
audit log stay; what belonged to a place of the demo goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Device, PairingCode, Staff, StaffRole
from regulars.accounts.models import Invitation as StaffInvitation
from regulars.business.models import Business, Department, Place
from regulars.business.queries import the_business
from regulars.console.demo import filling, staff
from regulars.core import audit, triggers
from regulars.core.errors import DomainError
from regulars.core.models import Job, Moment
from regulars.customers.models import Customer

PACKAGES: Final = (
    *("business", "customers", "mailing", "surveys"),
    *("feedback", "rewards", "insight", "outreach"),
)
Progress = Callable[[int, int], None]


class DemoError(DomainError):
    """The demo company cannot be loaded or left."""

    code = "demo"


def may_begin() -> bool:
    """Whether the installation has no customer yet and is not the demo already."""
    return not the_business().is_demo and not Customer.objects.exists()


def begin(*, by: Staff | None, progress: Progress = lambda done, of: None) -> None:
    """Load the demo company in one transaction. `progress(done, of)` is told of each part.

    Raises DemoError when there are customers already.
    """
    with transaction.atomic():
        profile = the_business()
        profile.save()
        profile = Business.objects.select_for_update().get(pk=profile.pk)
        if not may_begin():
            raise DemoError(_("There are customers here already; the demo needs an empty place."))
        profile.before_demo = {
            "profile": {name: getattr(profile, name) for name in filling.PROFILE},
            "rows": {model._meta.label: _last(model) for model in cleared_tables()},
        }
        profile.is_demo = True
        profile.save()
        filling.fill(by=by, progress=progress)
        audit.note("console.begin_demo", by=by)


def end(*, by: Staff | None) -> None:
    """Remove everything that came with the demo or was done in it. Raises DemoError."""
    with transaction.atomic():
        profile = Business.objects.select_for_update().filter(is_demo=True).first()
        if profile is None:
            raise DemoError(_("This is not the demo company."))
        before = profile.before_demo
        _leave_places(before["rows"].get(Place._meta.label, 0))
        staff.leave(last_department=before["rows"].get(Department._meta.label, 0))
        _delete_since(before["rows"])
        Business.objects.filter(pk=profile.pk).update(
            is_demo=False, before_demo={}, **before["profile"]
        )
        audit.note("console.end_demo", by=by)


def cleared_tables() -> Iterator[type[models.Model]]:
    """Every table whose newer rows belong to the demo."""
    for package in PACKAGES:
        for model in apps.get_app_config(package).get_models(include_auto_created=True):
            if model is not Business:
                yield model
    yield Moment
    yield Job


def _last(model: type[models.Model]) -> Any:
    """The highest row number, or the list of keys where keys are no numbers."""
    rows = model._default_manager.order_by()
    if _is_numbered(model):
        return rows.aggregate(last=models.Max("pk"))["last"] or 0
    return list(rows.values_list("pk", flat=True))


def _is_numbered(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.AutoField | models.IntegerField)


def _newer(model: type[models.Model], last: Any) -> models.QuerySet[Any]:
    rows = model._default_manager.order_by()
    if model is Job:
        rows = rows.exclude(key__startswith="schedule:")
    return rows.filter(pk__gt=last) if _is_numbered(model) else rows.exclude(pk__in=last)


def _delete_since(rows: dict[str, Any]) -> None:
    """Delete table by table. Foreign keys are checked at the end of the transaction."""
    tables = list(cleared_tables())
    guarded = [model for model in tables if model in triggers.declared()]
    if guarded:
        triggers.remove(connection)
    for model in tables:
        newer = _newer(model, rows.get(model._meta.label, 0 if _is_numbered(model) else []))
        newer._raw_delete(newer.db)
    connection.check_constraints()
    if guarded:
        triggers.install(connection)


def _leave_places(last: int) -> None:
    for model in (StaffRole, StaffInvitation, Device, PairingCode):
        model._default_manager.filter(place_id__gt=last).delete()
