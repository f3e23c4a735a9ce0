from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Business, Place
from regulars.core.ids import new_token
from regulars.core.models import Job, JobStatus
from regulars.core.queue.backend import task_named
from regulars.customers.actions import consents, people
from regulars.customers.models import Customer
from regulars.feedback.actions import receiving
from regulars.feedback.models import Feedback, Source
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import Metric, Response, Survey


@pytest.fixture
def anna(business: Business, place: Place) -> Customer:
    """A customer of the first place with an address, who agreed to questions by e-mail."""
    customer = people.add_customer(
        way="staff",
        by=None,
        given_name="Anna",
        family_name="Kovács",
        language="hu",
        addresses=[
            people.Address("email", "anna@example.com"),
            people.Address("phone", "+36301234567"),
        ],
    )
    customer.home_place = place
    customer.save(update_fields=["home_place"])
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
def csat(business: Business, owner: Staff) -> Survey:
    return designs.make_survey(name="Your visit", metric=Metric.CSAT, by=owner)


Answering = Callable[..., Response]


@pytest.fixture
def answer(csat: Survey, anna: Customer) -> Answering:
    """Anna answers, at no special place; the reactions have not run yet."""

    def give(score: int, comment: str = "", *, customer: Customer | None = anna) -> Response:
        given = answers.Answer(submission_id=new_token(), score=score, comment=comment)
        version = answers.current_version(csat)
        return answers.submit_open(csat, version, given, customer=customer)[0]

    return give


@pytest.fixture
def said(anna: Customer) -> Callable[..., Feedback]:
    """Anna says something at the counter."""

    def say(text: str = "The soup was cold.", **more: object) -> Feedback:
        fields: dict[str, object] = {"customer": anna, **more}
        return receiving.receive(receiving.Said(source=Source.COUNTER, text=text, **fields))[0]  # type: ignore[arg-type]  # fields of Said

    return say


@pytest.fixture
def work() -> Callable[[], None]:
    """Do the work of feedback that is due: its reactions, then the reading of words."""

    def run() -> None:
        while job := _next():
            arguments = job.arguments
            task_named(job.task).func(*arguments["args"], **arguments["kwargs"])
            Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE)

    return run


def _next() -> Job | None:
    ready = Job.objects.filter(status=JobStatus.READY).order_by("pk")
    reactions = ready.filter(arguments__kwargs__reaction__startswith="feedback.")
    return (reactions | ready.filter(task__startswith="regulars.feedback.")).first()
