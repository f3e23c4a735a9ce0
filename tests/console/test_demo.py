from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from regulars.accounts.models import Staff, TeamLead
from regulars.business.models import Business, Department, Place
from regulars.business.queries import the_business
from regulars.console import demo
from regulars.core.models import AuditEntry, Job
from regulars.customers.actions import people
from regulars.customers.models import Consent, ContactPoint, Customer, Item, Purchase, Standing
from regulars.feedback.models import Case, Feedback, Praise
from regulars.mailing import delivery
from regulars.mailing.actions import queue_rendered
from regulars.mailing.content import Rendered
from regulars.mailing.models import Message, Purpose
from regulars.outreach.models import Thanks
from regulars.rewards.models import Voucher
from regulars.surveys.actions import designs
from regulars.surveys.models import AnswerCount, Metric, Response

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    """How many rows each table has, but for the audit log."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model is not AuditEntry and model._meta.managed
    }


@pytest.fixture
def demo_company(business: Business, owner: Staff) -> Business:
    demo.begin(by=owner)
    return the_business()


def test_one_click_in_and_one_click_out_leave_nothing(
    business: Business, owner: Staff, owner_client: Client
) -> None:
    designs.make_survey(name="Ours", metric=Metric.NPS, by=owner)
    Place.objects.create(name="Ours")
    before, profile = rows(), Business.objects.values().get()

    owner_client.post("/demo/")
    assert (the_business().is_demo, Customer.objects.count()) == (True, 400)
    people.add_customer(way="staff", by=owner, given_name="Added while looking around")
    owner_client.post("/demo/end/")

    assert rows() == before
    assert Business.objects.values().get() == profile


def test_it_is_refused_where_there_are_customers(business: Business, owner: Staff) -> None:
    people.add_customer(way="staff", by=owner, given_name="Anna")

    with pytest.raises(demo.DemoError):
        demo.begin(by=owner)
    assert not the_business().is_demo


def test_leaving_what_is_no_demo_deletes_nothing(business: Business, owner: Staff) -> None:
    people.add_customer(way="staff", by=owner, given_name="Anna")

    with pytest.raises(demo.DemoError):
        demo.end(by=owner)
    assert Customer.objects.count() == 1


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
    message = queue_rendered(
        Rendered("Hello", "<p>Hello</p>", "Hello"),
        key="k",
        purpose=Purpose.SERVICE,
        to="anna@example.com",
        language="en",
    )
    assert delivery.deliver().sent == 0
    message.refresh_from_db()
    assert (message.state, message.reason) == ("held", "paused")


def test_control_the_demo_alone_holds_it(business: Business) -> None:
    message = queue_rendered(
        Rendered("Hello", "<p>Hello</p>", "Hello"),
        key="k",
        purpose=Purpose.SERVICE,
        to="anna@example.com",
        language="en",
    )
    assert delivery.deliver().sent == 0
    message.refresh_from_db()
    assert (message.state, message.reason) == ("held", "no_server")


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
