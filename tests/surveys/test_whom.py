"""K3: about a purchase a survey asks who paid, or those for whom it was bought."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core.models import Job, JobStatus
from regulars.core.queue.backend import task_named
from regulars.customers.actions import consents, people, purchases
from regulars.customers.models import Customer, Purchase
from regulars.surveys.actions import designs
from regulars.surveys.models import AskDecision, Metric, Survey
from regulars.surveys.tasks import ask_about_purchase

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought(anna: Customer) -> Purchase:
    return Purchase.objects.create(
        customer=anna,
        source="till",
        document="1",
        purchased_at=timezone.now(),
        total=1000,
        currency="HUF",
    )


def child_of(buyer: Customer, name: str) -> Customer:
    child = people.add_customer(
        way="staff",
        by=None,
        given_name=name,
        addresses=[people.Address("email", f"{name.lower()}@example.com")],
    )
    consents.give_consent(
        child,
        channel="email",
        purpose="surveys",
        wording="Yes",
        evidence="form",
        happened_at=timezone.now(),
    )
    people.set_buyer(child, buyer, by=None)
    return child


def asked(purchase: Purchase, asks: str) -> list[tuple[str, str]]:
    survey = designs.make_survey(name="S", metric=Metric.NPS, asks=asks, by=None)
    ask_about_purchase.call(purchase.pk, survey.pk)
    rows = AskDecision.objects.order_by("pk").values_list("customer__given_name", "reason")
    return list(rows)


def test_who_paid_is_asked(bought: Purchase, anna: Customer) -> None:
    child_of(anna, "Bea")

    assert asked(bought, Survey.Asks.BUYER) == [("Anna", "asked")]


def test_those_for_whom_it_was_bought_are_asked(bought: Purchase, anna: Customer) -> None:
    for name in ("Bea", "Cili"):
        child_of(anna, name)

    assert asked(bought, Survey.Asks.USERS) == [("Bea", "asked"), ("Cili", "asked")]


def test_who_pays_for_nobody_else_is_asked(bought: Purchase) -> None:
    assert asked(bought, Survey.Asks.USERS) == [("Anna", "asked")]


def test_the_owner_chooses_whom_to_ask(
    owner_client: Client, owner: Staff, stranger_client: Client
) -> None:
    form = {"name": "S", "metric": "nps", "trigger": "after_purchase", "delay_hours": "2"}

    owner_client.post("/surveys/new/", form | {"asks": "users"})

    survey = Survey.objects.get()
    assert survey.asks == Survey.Asks.USERS
    changed = form | {"name": "T", "pause_days": "30"}
    address = f"/surveys/{survey.public_id}/change/"
    owner_client.post(address, changed)
    survey.refresh_from_db()
    assert (survey.name, survey.asks) == ("T", Survey.Asks.USERS)
    assert stranger_client.post(address, changed).status_code in {403, 404}


def test_who_is_named_after_the_sale_is_asked_about_it_once(anna: Customer) -> None:
    """A till may send the sale first and its buyer later (at the till's end of the day)."""
    designs.make_survey(
        name="S", metric=Metric.CSAT, trigger="after_purchase", delay_hours=0, by=None
    )
    new = purchases.NewPurchase(
        source="till", document="1", purchased_at=timezone.now(), total=1000, currency="HUF"
    )
    for customer in (None, anna, anna):
        purchases.record_purchase(replace(new, customer=customer))
        _work()

    assert list(AskDecision.objects.values_list("customer__given_name", "reason")) == [
        ("Anna", "asked")
    ]


def _work() -> None:
    """What surveys do about what happened, at once."""
    mine = Q(arguments__kwargs__reaction__startswith="surveys.")
    waiting = Job.objects.filter(mine | Q(task__startswith="regulars.surveys."))
    while job := waiting.filter(status=JobStatus.READY).order_by("pk").first():
        task_named(job.task).func(*job.arguments["args"], **job.arguments["kwargs"])
        Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE)
