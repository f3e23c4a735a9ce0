"""The base of every model, and the tables of the mechanisms that all packages share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from regulars.core.ids import new_token
from regulars.core.privacy import Privacy
from regulars.core.triggers import AppendOnly


class Model(models.Model):
    """A row with a public identifier that tells nothing, and the time it was made.

    Every subclass says in `privacy` which class each of its own fields has.
    """

    privacy: ClassVar[dict[str, Privacy]]

    public_id = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class Moment(Model):
    """Something that happened, at a time, mostly with a customer. Written once, never changed.

    `customer_id` is the row number of a customers.Customer: a plain number, since core knows no
    customers. `staff_id` likewise names who did it.
    """

    privacy = {
        "kind": Privacy.NONE,
        "customer_id": Privacy.NONE,
        "staff_id": Privacy.NONE,
        "happened_at": Privacy.BEHAVIOUR,
        "payload": Privacy.BEHAVIOUR,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("kind",)

    kind = models.CharField(max_length=60)
    customer_id = models.BigIntegerField(null=True)
    staff_id = models.BigIntegerField(null=True)
    happened_at = models.DateTimeField()
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "-happened_at"], name="moment_customer"),
            models.Index(fields=["kind", "-happened_at"], name="moment_kind"),
        ]


class JobStatus(models.TextChoices):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


class Job(Model):
    """One piece of background work. The row is the queue.

    A worker claims it with a conditional UPDATE and holds it by a lease that it renews; a lease
    that ran out means that the worker is gone, and the job is claimed again. After
    `max_attempts` it is parked and shown, never forgotten.
    """

    privacy = {
        "task": Privacy.NONE,
        "arguments": Privacy.NONE,
        "key": Privacy.NONE,
        "priority": Privacy.NONE,
        "status": Privacy.NONE,
        "due_at": Privacy.NONE,
        "attempts": Privacy.NONE,
        "max_attempts": Privacy.NONE,
        "lease_until": Privacy.NONE,
        "worker": Privacy.NONE,
        "started_at": Privacy.NONE,
        "finished_at": Privacy.NONE,
        "error": Privacy.NONE,
    }

    task = models.CharField(max_length=200)
    arguments: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001  # many have none
    priority = models.SmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.READY)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=6)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["-priority", "due_at"],
                name="job_ready",
                condition=models.Q(status="ready"),
            ),
            models.Index(
                fields=["lease_until"], name="job_running", condition=models.Q(status="running")
            ),
            models.Index(fields=["status", "-finished_at"], name="job_status"),
        ]


class SchedulePeriod(models.Model):
    """One period of a recurring task that was started. Unique, so each period runs once."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "task": Privacy.NONE,
        "period": Privacy.NONE,
        "started_at": Privacy.NONE,
    }

    task = models.CharField(max_length=80)
    period = models.CharField(max_length=40)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "period"], name="schedule_once")]


class AuditEntry(Model):
    """Who saw, exported or changed what. Appended to, never edited (a trigger refuses it)."""

    privacy = {
        "staff_id": Privacy.NONE,
        "device_id": Privacy.NONE,
        "action": Privacy.NONE,
        "subject": Privacy.NONE,
        "details": Privacy.NONE,
    }
    append_only = AppendOnly()

    staff_id = models.BigIntegerField(null=True)
    device_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, default="")
    details: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="audit_time")]


class RateCounter(models.Model):
    """How often something was tried in a window; counted by conditional UPDATE."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "key": Privacy.NONE,
        "window": Privacy.NONE,
        "count": Privacy.NONE,
        "ends_at": Privacy.NONE,
    }

    key = models.CharField(max_length=120)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_window")]


class IdempotencyKey(models.Model):
    """One effect per key: the request's fingerprint and, once it is answered, the answer.

    Written in the transaction of the effect, so a crash leaves either both or neither.
    """

    privacy: ClassVar[dict[str, Privacy]] = {
        "scope": Privacy.NONE,
        "key": Privacy.NONE,
        "fingerprint": Privacy.NONE,
        "status": Privacy.NONE,
        "answer": Privacy.BEHAVIOUR,
        "created_at": Privacy.NONE,
    }

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]


class InstallationState(models.Model):
    """What this copy of the data knows about itself: one row, made by the first migration.

    A restored copy gets a new `instance_id` and may not send anything until somebody says so,
    since the original may still be running.
    """

    privacy: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.NONE,
        "instance_id": Privacy.NONE,
        "installed_at": Privacy.NONE,
        "sending_allowed": Privacy.NONE,
        "restored_at": Privacy.NONE,
        "backed_up_at": Privacy.NONE,
        "audited_at": Privacy.NONE,
        "faults": Privacy.NONE,
    }

    id = models.SmallIntegerField(primary_key=True, default=1)
    instance_id = models.CharField(max_length=22, default=new_token)
    installed_at = models.DateTimeField(default=timezone.now)
    sending_allowed = models.BooleanField(default=True)
    restored_at = models.DateTimeField(null=True)
    backed_up_at = models.DateTimeField(null=True)
    audited_at = models.DateTimeField(null=True)
    faults = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]
