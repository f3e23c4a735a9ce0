"""Background work of feedback."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.conf import settings

from regulars.business.queries import the_business
from regulars.core.queue import task
from regulars.feedback.actions import receiving
from regulars.feedback.models import Feedback

if TYPE_CHECKING:
    from regulars.text.reading import Reader


@task
def read_feedback(feedback_id: int) -> None:
    """Read what somebody said: language, feeling, topics, wishes. Run again, it changes nothing."""
    feedback = Feedback.objects.select_related("response").filter(pk=feedback_id).first()
    if feedback is None or not feedback.text or feedback.understood_at is not None:
        return
    score = receiving.score_share(feedback.response) if feedback.response else None
    languages = the_business().languages or None
    reading = _reader().read(
        feedback.text, score=score, **({"languages": languages} if languages else {})
    )
    receiving.understood(feedback, reading)


@functools.cache
def _reader() -> Reader:
    """The reader that the settings name; made with the first comment of a worker."""
    # The model takes a second and 90 MB to load: only workers that read pay for it.
    from regulars.text.encoder import chosen_encoder
    from regulars.text.reading import Reader

    return Reader(
        chosen_encoder(settings.TEXT_ENCODER, model=settings.TEXT_MODEL, key=settings.TEXT_KEY)
    )
