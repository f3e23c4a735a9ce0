"""What surveys do when something happens to a customer."""

from __future__ import annotations

from datetime import timedelta

from regulars.core import queue
from regulars.core.models import Moment
from regulars.core.moments import reaction
from regulars.core.queue.backend import task_named
from regulars.customers.moments import PurchaseRecorded
from regulars.surveys.models import Survey

ASK_ABOUT_PURCHASE = "regulars.surveys.tasks.ask_about_purchase"


@reaction(PurchaseRecorded)
def ask_later_about_purchase(moment: Moment, payload: PurchaseRecorded) -> None:
    """Set the time at which it is decided whether to ask the buyer."""
    if moment.customer_id is None:
        return
    due = Survey.objects.filter(
        trigger=Survey.Trigger.AFTER_PURCHASE, is_open=True, archived_at=None
    )
    for survey in due:
        queue.add(
            task_named(ASK_ABOUT_PURCHASE),
            {"purchase_id": payload.purchase_id, "survey_id": survey.pk},
            key=f"ask:{survey.pk}:{payload.purchase_id}",
            due_at=moment.happened_at + timedelta(hours=survey.delay_hours),
        )
