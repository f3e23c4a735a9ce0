"""Background work of surveys."""

from __future__ import annotations

from regulars.core.queue import task
from regulars.customers.models import Purchase
from regulars.surveys.actions import asking
from regulars.surveys.models import Survey


@task(in_transaction=True)
def ask_about_purchase(purchase_id: int, survey_id: int) -> None:
    """Ask the buyer about a purchase, or write down why not."""
    purchase = Purchase.objects.select_related("customer").filter(pk=purchase_id).first()
    survey = Survey.objects.filter(pk=survey_id).first()
    if purchase is None or survey is None or purchase.customer is None:
        return
    asking.ask(purchase.customer, survey, purchase=purchase)
