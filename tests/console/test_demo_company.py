"""What the demo company shows. It is loaded once for all tests; each undoes what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import Staff, TeamLead
from regulars.business.models import Business, Department
from regulars.business.queries import the_business
from regulars.console import demo
from regulars.console.demo.people import NAMES
from regulars.core.models import Job, Moment
from regulars.customers.models import Consent, ContactPoint, Customer, Item, Purchase, Standing
from regulars.feedback.models import Case, Feedback, Praise
from regulars.insight import periods
from regulars.insight.queries import scores
from regulars.mailing.models import Message, Purpose
from regulars.outreach.models import Thanks
from regulars.rewards.models import Redemption, Voucher
from regulars.rewards.queries import expiry_of
from regulars.stats.comparisons import Verdict
from regulars.surveys.models import AnswerCount, Metric, Response
from tests.conftest import new_business, new_owner
from tests.console.held import held_because

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo in a transaction of its own, rolled back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        new_business()
        demo.begin(by=new_owner())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def business(loaded: None, db: None) -> Business:
    return the_business()


@pytest.fixture
def owner(business: Business) -> Staff:
    return Staff.objects.get(email="owner@example.com")


@pytest.fixture
def demo_company(business: Business) -> Business:
    return business


def test_it_shows_what_there_is(demo_company: Business) -> None:
    assert set(Customer.objects.values_list("language", flat=True)) == {
        "hu",
        "en",
        "bg",
        "et",
        "ka",
    }
    assert set(Standing.objects.values_list("segment", flat=True)) == {
        *("regular", "first_timer", "occasional", "lapsing", "lost")
    }
    assert Item.objects.filter(is_discreet=True).count() == 1
    assert Purchase.objects.in_force().count() > 2000
    assert {"", "hu", "en", "bg", "et", "ka"} >= set(
        Response.objects.exclude(comment="").values_list("language", flat=True)
    )
    assert set(Case.objects.values_list("state", flat=True)) == {"open", "answered", "closed"}
    assert {used > 0 for used in Voucher.objects.values_list("used", flat=True)} == {True, False}
    assert set(Consent.objects.values_list("given", flat=True)) == {True, False}
    assert set(Thanks.objects.values_list("way", flat=True)) == {"email", "hand", "letter"}
    assert {sent is None for sent in Thanks.objects.values_list("sent_at", flat=True)} == {
        True,
        False,
    }
    assert not Message.objects.filter(purpose=Purpose.APPRECIATION).exclude(state="sent").exists()


def test_the_histograms_count_every_answer(demo_company: Business) -> None:
    counted = AnswerCount.objects.values("metric", "score").annotate(n=models.Sum("count"))
    stored = Response.objects.values("metric", "score").annotate(n=models.Count("pk"))
    key = ("metric", "score", "n")

    assert sorted(counted.values_list(*key)) == sorted(stored.values_list(*key))
    assert Response.objects.count() > 150


def test_every_address_is_made_up(demo_company: Business) -> None:
    addresses = ContactPoint.objects.values_list("address", flat=True)
    assert {address.rpartition("@")[2] for address in addresses} == {"example.com"}


def test_nobody_is_written_to(demo_company: Business) -> None:
    assert held_because() == "paused"


def test_no_old_purchase_asks_anybody(demo_company: Business) -> None:
    assert not Job.objects.filter(task__contains="ask_about_purchase").exists()
    assert not Message.objects.filter(customer=None).exists()


def test_the_banner_shows_the_way_out(demo_company: Business, owner_client: Client) -> None:
    assert b'action="/demo/end/"' in owner_client.get("/settings/").content


def test_praise_waits_to_be_passed_on_to_whom_it_names(
    demo_company: Business, owner_client: Client
) -> None:
    praise = Praise.objects.exclude(employee=None).select_related("feedback", "employee").first()
    assert praise is not None
    assert praise.employee is not None
    there = f"/inbox/{praise.feedback.public_id}/"

    assert "Pass it on by mail" in owner_client.get(there).content.decode()
    owner_client.post(f"{there}pass-on/", {"person": praise.employee.public_id})

    praise.refresh_from_db()
    assert praise.passed_on_at is not None


def test_the_colleagues_of_the_demo_go_with_it(
    demo_company: Business, owner: Staff, owner_client: Client
) -> None:
    team = Department.objects.get(slug="kitchen")
    owner_client.post(f"/staff/{owner.public_id}/teams/", {"teams": team.public_id})
    assert Staff.objects.count() == 3
    assert not any(one.has_usable_password() for one in Staff.objects.exclude(pk=owner.pk))

    owner_client.post("/demo/end/")

    assert (Staff.objects.get(), TeamLead.objects.count()) == (owner, 0)


def test_who_wrote_by_the_form_can_be_recognised(
    demo_company: Business, owner_client: Client
) -> None:
    said = Feedback.objects.get(source="web_form")

    page = owner_client.get(f"/inbox/{said.public_id}/customer/")

    assert len(page.context["matches"]) == 1


def test_its_history_happened_on_its_days(demo_company: Business) -> None:
    yesterday = timezone.now() - timedelta(hours=18)
    newest = Moment.objects.filter(happened_at__gt=yesterday)

    assert set(newest.values_list("kind", flat=True)) <= {
        *("purchase.recorded", "survey.answered", "survey.asked", "feedback.received"),
        *("case.opened", "case.closed", "message.sent", "praise.received"),
    }
    assert not Voucher.objects.filter(created_at__gt=yesterday).exists()
    for voucher in Voucher.objects.select_related("offer"):
        assert voucher.expires_at == expiry_of(voucher.offer, voucher.created_at)
    for use in Redemption.objects.select_related("voucher"):
        assert use.voucher.created_at < use.created_at < timezone.now()
    for praise in Praise.objects.select_related("feedback"):
        told = Moment.objects.get(kind="praise.received", payload__feedback_id=praise.feedback_id)
        assert told.happened_at == praise.feedback.said_at
    for case in Case.objects.select_related("feedback").exclude(closed_at=None):
        assert case.answered_at is not None
        assert case.closed_at is not None
        assert case.feedback.said_at <= case.answered_at <= case.closed_at


def test_home_has_something_to_compare(demo_company: Business) -> None:
    for key in ("month", "quarter"):
        found = scores.reading(Metric.CSAT, periods.period(key)).comparison
        assert found.verdict == Verdict.NO_REAL_CHANGE


def test_hardly_two_are_called_the_same(demo_company: Business) -> None:
    people_ = Customer.objects.filter(kind=Customer.Kind.PERSON)
    names = list(people_.values_list("given_name", "family_name"))
    assert len(set(names)) == len(names)
    for some in NAMES.values():
        assert len({*some.women, *some.men}) >= 40
        assert len(set(some.families_of_women)) == len(some.families_of_women) >= 40
        assert len(some.families_of_men) == len(some.families_of_women)
