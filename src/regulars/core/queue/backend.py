"""The lease queue behind the interface of django-tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, overload

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task as _task
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json
from typing_extensions import ParamSpec

from regulars.core import prepared
from regulars.core.models import Job, JobStatus

P = ParamSpec("P")
T = TypeVar("T")

URGENT = 50
ORDINARY = 0
BULK = -50


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTask(Task[P, T]):
    """A task with what the worker has to know about it.

    `in_transaction`: the function and the note that it is done commit together, so its writes
    happen exactly once. Otherwise it runs at least once and must bear being run again.
    `time_limit`: seconds after which the worker gives it up. `max_attempts`: then it is parked,
    and `gave_up` is called with the task's arguments, in the transaction that parks it.
    """

    in_transaction: bool = False
    time_limit: int = 600
    max_attempts: int = 6
    gave_up: Callable[P, object] | None = None


class LeaseBackend(BaseTaskBackend):
    """Enqueues as rows of `Job`; `core.queue.worker` runs them."""

    task_class = LeaseTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task[P, T], args: Any, kwargs: Any) -> TaskResult[T]:
        """Insert the job in the caller's transaction."""
        self.validate_task(task)
        job = _insert(task, normalize_json(list(args)), normalize_json(dict(kwargs)), key=None)
        return _result(job, task)

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """The job's state. Raises TaskResultDoesNotExist."""
        job = Job.objects.filter(public_id=result_id).first()
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return _result(job, task_named(job.task))


@overload
def task(function: Callable[P, T]) -> LeaseTask[P, T]: ...


@overload
def task(
    *,
    priority: int = ORDINARY,
    in_transaction: bool = False,
    time_limit: int = 600,
    max_attempts: int = 6,
    gave_up: Callable[..., object] | None = None,
) -> Callable[[Callable[P, T]], LeaseTask[P, T]]: ...


def task(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Mark a module-level function as background work; see LeaseTask for the options."""
    if function is not None:
        return _task(function)
    return _task(**options)


def add(
    work: Task[Any, Any],
    arguments: Mapping[str, Any],
    *,
    key: str,
    priority: int | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Enqueue `work(**arguments)` unless a job with `key` was ever enqueued; whether it was new.

    Written in the caller's transaction.
    """
    prepared = work if priority is None else work.using(priority=priority)
    if due_at is not None:
        prepared = prepared.using(run_after=due_at)
    if Job.objects.filter(key=key).exists():
        return False
    job = draft(prepared, arguments, key=key)
    return bool(Job.objects.bulk_create([job], ignore_conflicts=True))


def draft(work: Task[Any, Any], arguments: Mapping[str, Any], *, key: str) -> Job:
    """A job for `work(**arguments)` that is not stored yet."""
    return _draft(work, [], normalize_json(dict(arguments)), key=key)


def add_new(jobs: Iterable[Job]) -> None:
    """Store drafts whose keys cannot be taken yet, because what they name was only just made.

    Raises IntegrityError where a key was taken after all, and RuntimeError outside a transaction,
    where some would stay then.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Jobs were added outside a transaction")
    for job in jobs:
        prepared.insert(job)


def task_named(path: str) -> LeaseTask[..., Any]:
    """The task at a dotted path, as jobs name it. Raises ImportError when there is none."""
    found = import_string(path)
    if not isinstance(found, LeaseTask):
        raise ImportError(f"{path} is not a task")
    return found


def _draft(task: Task[Any, Any], args: Any, kwargs: Any, *, key: str | None) -> Job:
    return Job(
        task=task.module_path,
        arguments={"args": args, "kwargs": kwargs},
        key=key,
        priority=task.priority,
        due_at=task.run_after or timezone.now(),
        max_attempts=getattr(task, "max_attempts", 6),
    )


def _insert(task: Task[Any, Any], args: Any, kwargs: Any, *, key: str | None) -> Job:
    job = _draft(task, args, kwargs, key=key)
    with transaction.atomic():
        job.save(force_insert=True)
    return job


_STATES = {
    JobStatus.READY: TaskResultStatus.READY,
    JobStatus.RUNNING: TaskResultStatus.RUNNING,
    JobStatus.DONE: TaskResultStatus.SUCCESSFUL,
    JobStatus.PARKED: TaskResultStatus.FAILED,
}


def _result(job: Job, task: Task[Any, T]) -> TaskResult[T]:
    return TaskResult(
        task=task,
        id=job.public_id,
        status=_STATES[JobStatus(job.status)],
        enqueued_at=job.created_at,
        started_at=job.started_at,
        last_attempted_at=job.started_at,
        finished_at=job.finished_at,
        args=job.arguments["args"],
        kwargs=job.arguments["kwargs"],
        backend=task.backend,
        errors=[],
        worker_ids=[job.worker] if job.worker else [],
    )
