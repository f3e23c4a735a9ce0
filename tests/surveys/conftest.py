from __future__ import annotations

import pytest
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.customers.actions import consents
from regulars.customers.models import Customer
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric, Survey
from tests.customers.conftest import new


@pytest.fixture
def anna(business: Business) -> Customer:
    """A customer who agreed to questions by e-mail."""
    customer = new("Anna", "Kovács", email="anna@example.com", language="hu")
    consents.give_consent(
        customer,
        channel="email",
        purpose="surveys",
        wording="Kérdezhetnek.",
        evidence="form at the counter",
        happened_at=timezone.now(),
    )
    return customer


@pytest.fixture
def nps(business: Business, owner: Staff) -> Survey:
    return designs.make_survey(name="Recommendation", metric=Metric.NPS, by=owner)


@pytest.fixture
def csat(business: Business, owner: Staff) -> Survey:
    return designs.make_survey(name="Your visit", metric=Metric.CSAT, by=owner)
