from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

import pytest
import time_machine
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from regulars.accounts.models import Staff, TeamLead
from regulars.business.models import Business, Department, Place
from regulars.business.queries import the_business
from regulars.console import demo
from regulars.console.demo import coming_and_going, filling
from regulars.console.demo.people import NAMES
from regulars.core.models import AuditEntry, Job, Moment
from regulars.customers.actions import people
from regulars.customers.models import Consent, ContactPoint, Customer, Item, Purchase, Standing
from regulars.feedback.models import Case, Feedback, Praise
from regulars.insight import periods
from regulars.insight.queries import scores
from regulars.mailing import delivery
from regulars.mailing.actions import queue_rendered
from regulars.mailing.content import Rendered
from regulars.mailing.models import Message, Purpose
from regulars.outreach.models import Thanks
from regulars.rewards.models import Redemption, Voucher
from regulars.rewards.queries import expiry_of
from regulars.stats.comparisons import Verdict
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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first steps of the demo, up to its customers."""
    whole = filling.steps

    def first_steps(*, by: Staff | None) -> Iterator[tuple[int, int]]:
        return islice(whole(by=by), 5)

    monkeypatch.setattr(filling, "steps", first_steps)


@pytest.mark.usefixtures("quick")
def test_what_breaks_while_loading_leaves_nothing(business: Business, owner: Staff) -> None:
    before = rows()

    def broken(done: int, of: int) -> None:
        if done == 4:
            assert Customer.objects.count() == 400
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.begin(by=owner, progress=broken)

    assert rows() == before
    assert not the_business().is_demo


@pytest.mark.usefixtures("quick")
def test_what_a_killed_load_left_is_removed_by_the_next(business: Business, owner: Staff) -> None:
    demo.begin(by=owner)
    whole = rows()
    demo.end(by=owner)
    # Nobody goes on with it, and nothing is tidied: as after a kill.
    left = list(islice(coming_and_going.pieces(coming_and_going.start(), by=owner), 4))
    assert len(left) == 4

    with pytest.raises(demo.DemoError, match="being loaded"):
        demo.begin(by=owner)
    with time_machine.travel(timezone.now() + coming_and_going.SILENT_FOR, tick=True):
        demo.begin(by=owner)

    assert rows() == whole


@pytest.mark.usefixtures("quick")
def test_a_load_that_was_given_up_for_dead_writes_no_more(business: Business, owner: Staff) -> None:
    slow = coming_and_going.pieces(coming_and_going.start(), by=owner)
    next(slow)
    demo.end(by=owner)
    before = rows()

    with pytest.raises(demo.DemoError):
        next(slow)
    assert rows() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_others_can_write_between_its_pieces(business: Business, owner: Staff) -> None:
    told = []

    def committed(done: int, of: int) -> None:
        assert not connection.in_atomic_block
        told.append(done)

    demo.begin(by=owner, progress=committed)
    demo.end(by=owner)

    assert told == [1, 2, 3, 4, 5]


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
