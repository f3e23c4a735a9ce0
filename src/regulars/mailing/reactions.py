"""What mailing does when something happens to a customer."""

from __future__ import annotations

from django.utils import translation

from regulars.business import queries as business
from regulars.core import links
from regulars.core.models import Moment
from regulars.core.moments import reaction
from regulars.customers.actions import joining
from regulars.customers.models import JoinRequest
from regulars.customers.moments import JoinRequested
from regulars.mailing import actions, emails
from regulars.mailing.models import Purpose


@reaction(JoinRequested, priority=60)
def ask_to_confirm(moment: Moment, payload: JoinRequested) -> None:
    """Write to the address that somebody joined with; its link confirms."""
    rows = JoinRequest.objects.select_related("customer", "customer__merged_into")
    request = rows.filter(pk=payload.join_request_id, confirmed_at=None).first()
    if request is None:
        return
    url = links.to("customers:confirm_joining", joining.new_confirmation_token(request))
    with translation.override(request.language):
        content = emails.confirm_joining(
            business=business.the_business().name,
            name=request.customer.full_name,
            agreed=[request.wordings[purpose] for purpose in request.purposes],
            url=url,
        )
    actions.queue_message(
        content,
        key=f"join:{request.pk}",
        purpose=Purpose.SERVICE,
        customer=request.customer,
        to=request.email,
        language=request.language,
    )
