"""Background work of feedback."""

from __future__ import annotations

from regulars.business.queries import the_business
from regulars.core.queue import task
from regulars.feedback.actions import receiving
from regulars.feedback.models import Feedback


@task
def read_feedback(feedback_id: int) -> None:
    """Read what somebody said: language, feeling, topics, wishes. Run again, it changes nothing."""
    # The model takes a second and 90 MB to load: only workers that read pay for it.
    from regulars.text.reading import read

    feedback = Feedback.objects.select_related("response").filter(pk=feedback_id).first()
    if feedback is None or not feedback.text or feedback.understood_at is not None:
        return
    score = receiving.score_share(feedback.response) if feedback.response else None
    languages = the_business().languages or None
    reading = read(feedback.text, score=score, **({"languages": languages} if languages else {}))
    receiving.understood(feedback, reading)
