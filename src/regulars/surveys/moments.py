"""What happens when customers are asked."""

from __future__ import annotations

from typing import ClassVar

from regulars.core.moments import Payload


class SurveyAnswered(Payload):
    """Somebody answered a survey. `is_weak` says that something must be put right."""

    kind: ClassVar[str] = "survey.answered"

    response_id: int
    survey_id: int
    metric: str
    score: int
    is_weak: bool
    case_id: int | None = None


class CustomerAsked(Payload):
    """A customer was asked."""

    kind: ClassVar[str] = "survey.asked"

    invitation_id: int
    survey_id: int
    channel: str
