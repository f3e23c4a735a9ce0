"""What surveys show on a customer's page: answers, decisions, and what was said when."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.core.access import Permission
from regulars.customers.models import Customer
from regulars.customers.panels import Suggestion, panel, suggestion, teller
from regulars.surveys import deciding, queries
from regulars.surveys.models import AskReason, Metric
from regulars.surveys.moments import CustomerAsked, SurveyAnswered


@panel("surveys/panel.html", order=40)
def questions(customer: Customer, staff: Staff) -> dict[str, object] | None:
    """The newest answers, and every decision to ask or not with its reason."""
    if customer.is_gone:
        return None
    return {
        "answers": queries.answers_of(customer, staff)[:5],
        "decisions": queries.decisions_about(customer)[:8],
    }


@suggestion
def ask(customer: Customer, staff: Staff) -> Iterator[Suggestion]:
    """To ask somebody who was never asked and may be."""
    if not staff.may(Permission.SERVE) or customer.invitations.exists():
        return
    survey = queries.surveys_to_ask_with(staff).first()
    if survey is not None and deciding.reason_for(customer, survey) == AskReason.ASKED:
        href = reverse("surveys:customer", args=[customer.public_id])
        yield Suggestion(_("Ask how it was: nobody has asked so far."), href, icon="survey")


@teller(SurveyAnswered, icon="survey")
def answered(payload: SurveyAnswered) -> str:
    """An answer with its score."""
    return _("Answered %(score)d · %(what)s") % {
        "score": payload.score,
        "what": Metric(payload.metric).label,
    }


@teller(CustomerAsked, icon="send")
def asked(payload: CustomerAsked) -> str:
    """A question was sent."""
    return _("Was asked a question")
