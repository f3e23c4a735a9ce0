"""Background work of surveys."""

from __future__ import annotations

from regulars.core.queue import task
from regulars.core.queue.backend import BULK
from regulars.customers.models import Purchase
from regulars.surveys import queries
from regulars.surveys.actions import asking, runs
from regulars.surveys.models import Survey


@task(in_transaction=True)
def ask_about_purchase(purchase_id: int, survey_id: int) -> None:
    """Ask about a purchase whom the survey asks, or write down why not."""
    purchase = Purchase.objects.select_related("customer").filter(pk=purchase_id).first()
    survey = Survey.objects.filter(pk=survey_id).first()
    if purchase is None or survey is None or purchase.customer is None:
        return
    for customer in queries.asked_about(purchase.customer, survey):
        asking.ask(customer, survey, purchase=purchase)


@task(in_transaction=True, priority=BULK)
def carry_on_asking(run_id: int) -> None:
    """Ask the next customers of a list, and come back for the rest."""
    if runs.ask_batch(run_id):
        carry_on_asking.enqueue(run_id=run_id)
