"""What people do about background work that gave up, and forgetting what is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.core import audit
from regulars.core.errors import DomainError
from regulars.core.models import Job, JobStatus
from regulars.core.moments import Actor

KEPT = timedelta(days=7)
# A key keeps work unique for as long as its row lives. These kinds are made once by their
# nature (a moment is written once, a period has its own row); other keys are kept for a year.
KEPT_WITH_A_KEY = timedelta(days=400)
_MADE_ONCE = Q(key=None)
for _prefix in ("moment:", "schedule:", "mailing.deliver:"):
    _MADE_ONCE |= Q(key__startswith=_prefix)


class JobMovedOnError(DomainError):
    """The job is no longer parked."""

    code = "job_moved_on"

    def __init__(self) -> None:
        super().__init__(_("This work is no longer waiting for a decision."))


def retry(job: Job, *, by: Actor) -> None:
    """Let a parked job run again, with all its attempts. Audited.

    Claimed by a conditional UPDATE: of two clicks one counts. Raises JobMovedOnError.
    """
    with transaction.atomic():
        moved = Job.objects.filter(pk=job.pk, status=JobStatus.PARKED).update(
            status=JobStatus.READY,
            attempts=0,
            due_at=timezone.now(),
            lease_until=None,
            finished_at=None,
            worker="",
        )
        if not moved:
            raise JobMovedOnError
        audit.note("core.retry_job", by=by, subject=f"job:{job.public_id}", task=job.task)


def forget_done(now: datetime) -> int:
    """Delete done jobs that ended more than a week ago; how many. Parked ones stay."""
    done = Job.objects.filter(status=JobStatus.DONE)
    old = Q(finished_at__lt=now - KEPT) & _MADE_ONCE
    very_old = Q(finished_at__lt=now - KEPT_WITH_A_KEY)
    return done.filter(old | very_old).delete()[0]
