"""PH8: what is due goes, what is not stays, at every jump of the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.core.ids import new_token
from regulars.core.models import AuditEntry, Moment
from regulars.core.privacy import Privacy
from regulars.customers import keeping
from regulars.customers.actions import erasing, retaining
from regulars.customers.keeping import Kind
from regulars.customers.models import Customer, Purchase, RetentionRule, RetentionRun
from regulars.customers.queries import retaining as queries
from regulars.feedback.actions import cases, receiving
from regulars.feedback.models import Case, Feedback, Source
from regulars.mailing.models import Message, State
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import Metric, Response
from tests.customers.conftest import new

pytestmark = pytest.mark.django_db
BUDAPEST = ZoneInfo("Europe/Budapest")
TODAY = datetime(2026, 11, 22, 3, 0, tzinfo=BUDAPEST)
# A year ago, to the day: the last instant of the day before, and the first of that day.
LAST_DUE = datetime(2025, 11, 21, 23, 59, 59, tzinfo=BUDAPEST)
FIRST_KEPT = datetime(2025, 11, 22, 0, 0, tzinfo=BUDAPEST)


@pytest.fixture(autouse=True)
def night(business: Business) -> object:
    with time_machine.travel(TODAY, tick=False) as clock:
        yield clock


def rule(owner: Staff, kind: Kind, months: int = 12) -> None:
    retaining.set_rules({kind: months}, by=owner)


def purchase(customer: Customer | None, at: datetime) -> Purchase:
    return Purchase.objects.create(
        customer=customer, source="till", document=new_token(), purchased_at=at, total=500,
        currency="EUR",
    )  # fmt: skip


def message(customer: Customer, at: datetime, state: str = State.SENT) -> Message:
    return Message.objects.create(
        key=new_token(), purpose="service", customer=customer, to_address="anna@example.com",
        subject="Hello", text="Dear Anna", html="<p>Dear Anna</p>", message_id=new_token(),
        state=state, created_at=at,
    )  # fmt: skip


def answer(customer: Customer, at: datetime, comment: str = "Cold soup") -> Response:
    survey = designs.make_survey(name="Visit", metric=Metric.CSAT, by=None)
    given = answers.Answer(submission_id=new_token(), score=4, comment=comment)
    stored, _new = answers.submit_open(
        survey, answers.current_version(survey), given, customer=customer
    )
    Response.objects.filter(pk=stored.pk).update(answered_at=at)
    return stored


def said(customer: Customer, at: datetime, **more: object) -> Feedback:
    told = receiving.Said(source=Source.COUNTER, text="Cold.", customer=customer, said_at=at)
    return receiving.receive(told)[0]


def grows_old(kind: Kind, customer: Customer, at: datetime) -> Callable[[], bool]:
    """Something of the kind made at a moment, and a look whether it still says what it said."""
    if kind == Kind.PURCHASES:
        bought = purchase(customer, at)
        return lambda: Purchase.objects.get(pk=bought.pk).customer_id is not None
    if kind == Kind.MESSAGES:
        sent = message(customer, at)
        return lambda: bool(Message.objects.get(pk=sent.pk).text)
    if kind == Kind.HISTORY:
        moment = Moment.objects.create(
            kind="x", customer_id=customer.pk, happened_at=at, payload={}
        )
        return lambda: Moment.objects.filter(pk=moment.pk).exists()
    if kind == Kind.WORDS:
        words = answer(customer, at)
        return lambda: bool(Response.objects.get(pk=words.pk).comment)
    somebody = new("Béla")
    Customer.objects.filter(pk=somebody.pk).update(created_at=at)
    return lambda: Customer.objects.get(pk=somebody.pk).erased_at is None


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_due_goes_and_what_is_not_stays(
    kind: Kind, owner: Staff, night: time_machine.Traveller
) -> None:
    anna = new("Anna")
    is_due = grows_old(kind, anna, LAST_DUE)
    is_kept = grows_old(kind, anna, FIRST_KEPT)
    rule(owner, kind)

    assert queries.forecast(kind, 12).due == 1
    assert retaining.let_go() == {kind: 1}
    assert (is_due(), is_kept()) == (False, True)
    assert retaining.let_go() == {kind: 0}

    night.move_to(TODAY + timedelta(days=1))
    assert retaining.let_go() == {kind: 1}
    assert is_kept() is False
    runs = RetentionRun.objects.order_by("day").values_list("day", "done")
    assert list(runs) == [(date(2026, 11, 22), 1), (date(2026, 11, 23), 1)]


@pytest.mark.parametrize("kind", list(Kind))
def test_control_a_day_too_early_takes_what_must_stay(kind: Kind, owner: Staff) -> None:
    is_kept = grows_old(kind, new("Anna"), FIRST_KEPT)
    rule(owner, kind)

    retaining.let_go(today=TODAY.date() + timedelta(days=1))

    assert is_kept() is False


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_goes_before_it_is_switched_on(kind: Kind) -> None:
    is_kept = grows_old(kind, new("Anna"), LAST_DUE - timedelta(days=3000))

    assert (retaining.let_go(), is_kept()) == ({}, True)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.CUSTOMERS])
def test_a_hold_keeps_everything_about_somebody(kind: Kind, owner: Staff) -> None:
    anna = new("Anna")
    is_there = grows_old(kind, anna, LAST_DUE)
    retaining.place_hold(anna, reason="A court asks", by=owner)
    rule(owner, kind)

    shown = queries.forecast(kind, 12)
    retaining.let_go()

    assert (shown.due, shown.held, is_there()) == (0, 1, True)
    retaining.end_hold(anna, by=owner)
    retaining.let_go()
    assert is_there() is False


def test_who_is_held_is_not_erased_by_anybody(owner: Staff, owner_client: Client) -> None:
    anna = new("Anna")
    Customer.objects.update(created_at=LAST_DUE)
    retaining.place_hold(anna, reason="A court asks", by=owner)
    rule(owner, Kind.CUSTOMERS)

    assert retaining.let_go() == {Kind.CUSTOMERS: 0}
    with pytest.raises(erasing.HeldError):
        erasing.erase(anna, by=owner)
    owner_client.post(f"/customers/{anna.public_id}/erasure/", {"sure": "yes"})
    anna.refresh_from_db()
    assert anna.erased_at is None
    assert (
        "A court asks" in owner_client.get(f"/customers/{anna.public_id}/erasure/").content.decode()
    )


@pytest.mark.parametrize("touch", [purchase, answer, said])
def test_who_was_here_since_is_not_forgotten(
    touch: Callable[[Customer, datetime], object], owner: Staff
) -> None:
    anna, bela = new("Anna"), new("Béla")
    touch(anna, FIRST_KEPT)
    touch(bela, LAST_DUE)
    Case.objects.filter(feedback__customer=bela).delete()
    Customer.objects.update(created_at=LAST_DUE - timedelta(days=900))
    rule(owner, Kind.CUSTOMERS)

    retaining.let_go()

    erased = Customer.objects.exclude(erased_at=None)
    assert set(erased.values_list("pk", flat=True)) == {bela.pk}


def test_what_is_not_put_right_yet_stays(owner: Staff) -> None:
    anna = new("Anna")
    feedback = said(anna, LAST_DUE)
    case = cases.open_case(feedback, reason=Case.Reason.BY_STAFF, by=owner)
    retaining.set_rules({Kind.WORDS: 12, Kind.CUSTOMERS: 12}, by=owner)
    Customer.objects.update(created_at=LAST_DUE)

    retaining.let_go()
    assert Feedback.objects.get().text == "Cold."

    cases.close(case, what_was_done="Talked", by=owner)
    retaining.let_go()
    assert (Feedback.objects.get().text, Feedback.objects.get().is_weak) == ("", False)


def test_what_has_not_left_yet_stays(owner: Staff) -> None:
    waiting = message(new("Anna"), LAST_DUE, State.HELD)
    rule(owner, Kind.MESSAGES)

    assert retaining.let_go() == {Kind.MESSAGES: 0}
    assert Message.objects.get(pk=waiting.pk).text == "Dear Anna"


def test_nothing_is_switched_on_that_was_not_shown(owner_client: Client) -> None:
    there = "/settings/retention/"
    purchase(new("Anna"), LAST_DUE)

    owner_client.post(f"{there}rules/", {"purchases": "12"})
    owner_client.post(f"{there}rules/", {"seen": "eyJwdXJjaGFzZXMiOjF9"})
    assert not RetentionRule.objects.exists()

    shown = owner_client.post(there, {"purchases": "12"})
    assert [(one.kind, one.due) for one in shown.context["forecasts"]] == [(Kind.PURCHASES, 1)]
    assert not RetentionRule.objects.exists()

    owner_client.post(f"{there}rules/", {"seen": shown.context["seen"], "purchases": "1"})
    assert list(RetentionRule.objects.values_list("kind", "months")) == [("purchases", 12)]
    assert AuditEntry.objects.latest("pk").details == {"months": {"purchases": 12}}


def test_rules_are_the_owners(colleague_client: Client, stranger_client: Client) -> None:
    statuses = [
        one.get("/settings/retention/").status_code for one in (colleague_client, stranger_client)
    ]

    assert statuses == [403, 403]


ZONES = st.sampled_from(
    ["Europe/Budapest", "Asia/Tbilisi", "America/St_Johns", "Pacific/Apia", "Africa/Cairo"]
)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(1, 120), ZONES)
@example(date(2037, 1, 30), 57, "Africa/Cairo")  # a day there that has no midnight
def test_a_day_is_kept_whole_and_goes_whole(today: date, months: int, zone: str) -> None:
    before = keeping.kept_until(today, months, zone)

    local = before.astimezone(ZoneInfo(zone))
    behind = (today.year - local.year) * 12 + today.month - local.month
    assert (behind, local.day <= today.day) == (months, True)
    just_before = (before - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    assert just_before.date() < local.date()
    assert before <= keeping.kept_until(today + timedelta(days=1), months, zone)


SPARED = {
    # Neither words of customers nor about them: they stay with what they are about.
    "Customer.note", "Item.name",
}  # fmt: skip


def test_every_word_of_a_customer_grows_old() -> None:
    covered = {
        f"{one.model.__name__}.{name}"
        for kind in Kind
        for one in keeping.kept(kind)
        for name in one.empties
    }
    spoken = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if getattr(model, "privacy", {}).get(field.name) == Privacy.VOICE
        and isinstance(field, models.CharField | models.TextField)
    }

    assert spoken - covered - SPARED == set()
