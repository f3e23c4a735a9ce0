"""What happens when customers say something."""

from __future__ import annotations

from typing import ClassVar

from regulars.core.moments import Payload


class FeedbackReceived(Payload):
    """Somebody said something, in whatever way. `source` is a feedback.models.Source."""

    kind: ClassVar[str] = "feedback.received"

    feedback_id: int
    source: str
    is_weak: bool


class CaseOpened(Payload):
    """Something has to be put right; also when a closed case is opened again."""

    kind: ClassVar[str] = "case.opened"

    case_id: int
    reason: str
    again: bool = False


class CaseClosed(Payload):
    """A case was closed, with what was done."""

    kind: ClassVar[str] = "case.closed"

    case_id: int


class PraiseReceived(Payload):
    """A customer praised the business, perhaps an employee by name."""

    kind: ClassVar[str] = "praise.received"

    feedback_id: int
    employee_id: int | None = None


class FeedbackJoined(Payload):
    """A member of staff said that this customer had said something."""

    kind: ClassVar[str] = "feedback.joined"

    feedback_id: int


class FeedbackParted(Payload):
    """That was taken back: it was somebody else."""

    kind: ClassVar[str] = "feedback.parted"

    feedback_id: int
