"""Into the demo company and out of it, leaving nothing of it.

Coming in notes, for every table, the highest row number there is, and how the company and its
rules were set. Going out deletes every row above it and sets them as they were; what belonged to a
place of the demo goes. People who work here, their sessions and the audit log stay, as do the
installation's public address and mail server as last set, and what the business had before (places,
stages, surveys), with what was changed about it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.apps import apps
from django.core import serializers
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Device, PairingCode, Staff, StaffRole
from regulars.accounts.models import Invitation as StaffInvitation
from regulars.business.models import Business, Department, Place
from regulars.business.queries import the_business
from regulars.console.demo import filling, staff
from regulars.core import audit, queue, triggers
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.core.models import Job, Moment
from regulars.core.queue import LeaseTask
from regulars.core.queue.backend import URGENT
from regulars.customers.imports import files
from regulars.customers.models import Customer, ImportBatch
from regulars.mailing.models import SendingRules
from regulars.rewards.models import Limits
from regulars.surveys.models import AskingRules

PACKAGES: Final = (
    *("business", "customers", "mailing", "surveys"),
    *("feedback", "rewards", "insight", "outreach"),
)
# Of the business's profile: what says which company it is.
COMPANY: Final = (*filling.PROFILE, "language", "logo")
# Tables of one row with rules.
RULES: Final = (AskingRules, Limits, SendingRules)
# How long a load may stay silent until it counts as broken off.
SILENT_FOR: Final = timedelta(seconds=30)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Loading:
    """A load that runs: how many of its pieces are written, and whether it went silent."""

    done: int
    of: int
    is_silent: bool

    @property
    def percent(self) -> str:
        """How much is written, as the language writes it."""
        share = round(100 * self.done / self.of) if self.of else 0
        return f"{number_format(share, use_l10n=True)}%"


class DemoError(DomainError):
    """The demo company cannot be loaded or left."""

    code = "demo"


def may_begin() -> bool:
    """Whether the installation has no customer yet and is not the demo already."""
    return not the_business().is_demo and not Customer.objects.exists()


def begin(*, by: Staff | None, progress: Progress = lambda done, of: None) -> None:
    """Load the demo company, whole or not at all. `progress(done, of)` is told of its pieces.

    It is written in many short transactions, so that others can write meanwhile. What a failure
    leaves is removed at once; what a killed process left, by the next `begin` or `end`. Raises
    DemoError when there are customers already or somebody else is loading it.
    """
    load = start()
    is_whole = False
    try:
        for done, of in pieces(load, by=by):
            progress(done, of)
        is_whole = True
    finally:
        if not is_whole:
            _give_up(load)


def begin_later(work: LeaseTask[[str, int | None], None], *, by: Staff | None) -> None:
    """Have the demo company loaded in the background by `work(load, by)`. Raises DemoError."""
    with transaction.atomic():
        load = start()
        arguments = {"load": load, "by": None if by is None else by.pk}
        queue.add(work, arguments, key=_job_of(load), priority=URGENT)


def go_on(load: str, *, by: Staff | None) -> None:
    """Load the demo company that `begin_later` has noted. Raises DemoError.

    What an earlier attempt has left is removed first; what a failure of the last one leaves, at
    once, and `has_failed()` tells of it until the next load.
    """
    is_whole = False
    try:
        with transaction.atomic():
            profile = _held(load)
            _forget(profile.before_demo, kept_job=_job_of(load))
        for _done in pieces(load, by=by):
            pass
        is_whole = True
    finally:
        if not is_whole and not _is_tried_again(load):
            _give_up(load, is_told=True)


def _is_tried_again(load: str) -> bool:
    """Whether another attempt at loading follows this one."""
    return Job.objects.filter(key=_job_of(load), attempts__lt=F("max_attempts")).exists()


def has_failed() -> bool:
    """Whether the last load broke, so that nothing of it is left."""
    profile = the_business()
    return not profile.is_demo and "failed_at" in profile.before_demo


def loading() -> Loading | None:
    """How far the load is that runs now; None when none does."""
    profile = the_business()
    if not profile.is_demo or not profile.before_demo.get("load"):
        return None
    before = profile.before_demo
    is_silent = _heard_at(profile) < timezone.now() - SILENT_FOR
    return Loading(before.get("done", 0), before.get("of", 0), is_silent)


def _job_of(load: str) -> str:
    return f"demo:{load}"


def pieces(load: str, *, by: Staff | None) -> Iterator[tuple[int, int]]:
    """Write the demo piece by piece, each in a transaction of its own; (pieces done, pieces).

    Raises DemoError when the demo was left, or given up for dead, meanwhile.
    """
    steps = filling.steps(by=by)
    while True:
        with transaction.atomic():
            profile = _held(load)
            told = next(steps, None)
            if told is None:
                del profile.before_demo["load"]
                profile.save(update_fields=["before_demo"])
                audit.note("console.begin_demo", by=by)
                return
            # The parts themselves change other columns of the profile.
            profile.before_demo |= {"done": told[0], "of": told[1]}
            profile.save(update_fields=["before_demo"])
        yield told


def start() -> str:
    """Note how things were; nobody is written to from here on. The key of this load.

    Removes what a load left that has not been heard of for a while. Raises DemoError.
    """
    with transaction.atomic():
        the_business().save()
        profile = Business.objects.select_for_update().get(pk=the_business().pk)
        if profile.is_demo and profile.before_demo.get("load"):
            if _heard_at(profile) > timezone.now() - SILENT_FOR:
                raise DemoError(_("The demo company is being loaded. Please wait a moment."))
            _leave(profile)
        if not may_begin():
            raise DemoError(_("There are customers here already; the demo needs an empty place."))
        profile = Business.objects.get(pk=profile.pk)
        load = new_token()
        profile.before_demo = {
            "profile": {name: getattr(profile, name) for name in COMPANY},
            "rules": serializers.serialize("json", _rules()),
            "rows": {model._meta.label: _last(model) for model in cleared_tables()},
            "load": load,
            "heard_at": timezone.now().isoformat(),
        }
        profile.is_demo = True
        profile.save()
    return load


def _heard_at(profile: Business) -> datetime:
    return datetime.fromisoformat(profile.before_demo["heard_at"])


def _held(load: str) -> Business:
    """The profile, locked, after noting that the load still runs."""
    profile = Business.objects.select_for_update().filter(is_demo=True).first()
    if profile is None or profile.before_demo.get("load") != load:
        raise DemoError(_("The demo company was left while it was being loaded."))
    profile.before_demo["heard_at"] = timezone.now().isoformat()
    profile.save(update_fields=["before_demo"])
    return profile


def _give_up(load: str, *, is_told: bool = False) -> None:
    with transaction.atomic():
        profile = Business.objects.select_for_update().filter(is_demo=True).first()
        if profile is not None and profile.before_demo.get("load") == load:
            _leave(profile)
            if is_told:
                note = {"failed_at": timezone.now().isoformat()}
                Business.objects.filter(pk=profile.pk).update(before_demo=note)


def end(*, by: Staff | None) -> None:
    """Remove everything that came with the demo or was done in it. Raises DemoError."""
    with transaction.atomic():
        profile = Business.objects.select_for_update().filter(is_demo=True).first()
        if profile is None:
            raise DemoError(_("This is not the demo company."))
        _leave(profile)
        audit.note("console.end_demo", by=by)


def _leave(profile: Business) -> None:
    before = profile.before_demo
    _forget(before)
    for row in serializers.deserialize("json", before.get("rules", "[]")):
        row.save()
    Business.objects.filter(pk=profile.pk).update(
        is_demo=False, before_demo={}, **before["profile"]
    )


def _rules() -> Iterator[models.Model]:
    for model in RULES:
        yield from model._default_manager.all()


def _forget(before: dict[str, Any], *, kept_job: str = "") -> None:
    """Rows first: what was done in the demo protects the people and tills it was done by."""
    _forget_files(before["rows"].get(ImportBatch._meta.label, 0))
    guarded = [model for model in cleared_tables() if model in triggers.declared()]
    if guarded:
        triggers.remove(connection)
    _delete_since(before["rows"], kept_job)
    _leave_places(before["rows"].get(Place._meta.label, 0))
    staff.leave(last_department=before["rows"].get(Department._meta.label, 0))
    connection.check_constraints()
    if guarded:
        triggers.install(connection)


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


def _newer(model: type[models.Model], last: Any, kept_job: str) -> models.QuerySet[Any]:
    rows = model._default_manager.order_by()
    if model is Job:
        rows = rows.exclude(key__startswith="schedule:")
        if kept_job:
            rows = rows.exclude(key=kept_job)
    return rows.filter(pk__gt=last) if _is_numbered(model) else rows.exclude(pk__in=last)


def _delete_since(rows: dict[str, Any], kept_job: str) -> None:
    """Delete table by table. Foreign keys are checked at the end of the transaction."""
    for model in cleared_tables():
        last = rows.get(model._meta.label, 0 if _is_numbered(model) else [])
        newer = _newer(model, last, kept_job)
        newer._raw_delete(newer.db)


def _forget_files(last: int) -> None:
    """What was uploaded goes once its rows are gone for certain."""
    for batch in ImportBatch.objects.filter(pk__gt=last):
        transaction.on_commit(partial(files.forget, batch))


def _leave_places(last: int) -> None:
    for model in (StaffRole, StaffInvitation, Device, PairingCode):
        model._default_manager.filter(place_id__gt=last).delete()
