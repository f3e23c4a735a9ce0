"""Asking: every reason, both clocks, decisions written down, and whole lists in batches."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Business, Place
from regulars.core.models import Job, Moment
from regulars.customers.actions import consents, people, purchases
from regulars.customers.models import Consent, ContactPoint, Customer, Pause, Purchase
from regulars.mailing.models import Message, State
from regulars.surveys import audience, deciding
from regulars.surveys.actions import asking, designs, runs
from regulars.surveys.models import (
    AskChannel,
    AskDecision,
    AskingRules,
    AskReason,
    AskRun,
    Invitation,
    Metric,
    Survey,
)
from regulars.surveys.tasks import ask_about_purchase, carry_on_asking


def reason(customer: Customer, survey: Survey, **more: Any) -> str:
    """The reason that is written down when the customer is asked now."""
    customer.refresh_from_db()
    survey.refresh_from_db()
    return asking.ask(customer, survey, **more).decision.reason


def pause(customer: Customer, kind: str, *, days: int | None = None) -> None:
    until = None if days is None else timezone.now() + timedelta(days=days)
    Pause.objects.create(customer=customer, kind=kind, since=timezone.now(), until=until)


def buy(customer: Customer, document: str = "D1", **fields: Any) -> Purchase:
    return purchases.record_purchase(
        purchases.NewPurchase(
            source="till",
            document=document,
            purchased_at=timezone.now(),
            total=fields.pop("total", 1500),
            currency="HUF",
            customer=customer,
            **fields,
        )
    )[0]


def new_customer(number: int, **fields: Any) -> Customer:
    customer = people.add_customer(
        way="staff",
        by=None,
        given_name=f"Customer {number}",
        addresses=[people.Address("email", f"c{number}@example.com")],
        **fields,
    )
    consents.give_consent(
        customer, channel="email", purpose="surveys", wording="Yes.", evidence="form",
        happened_at=timezone.now(),
    )  # fmt: skip
    return customer


def test_somebody_who_agreed_is_asked(anna: Customer, nps: Survey) -> None:
    asked = asking.ask(anna, nps)

    decision = AskDecision.objects.get()
    invitation = Invitation.objects.get()
    assert (decision.reason, decision.invitation) == ("asked", invitation)
    assert Message.objects.get().pk == invitation.message_id
    assert len(asked.token) == 22
    assert invitation.token_hash != asked.token


@pytest.mark.parametrize("kind", ["died", "silence", "open_complaint"])
def test_a_pause_is_a_reason(anna: Customer, nps: Survey, kind: str) -> None:
    pause(anna, kind)

    assert reason(anna, nps) == kind
    assert reason(anna, nps, channel=AskChannel.HAND) == kind
    assert Message.objects.count() == 0


def test_a_pause_that_is_over_is_none(anna: Customer, nps: Survey) -> None:
    pause(anna, "silence", days=-1)

    assert reason(anna, nps) == "asked"


def test_not_wanting_greetings_says_nothing_about_questions(anna: Customer, nps: Survey) -> None:
    pause(anna, "do_not_greet")

    assert reason(anna, nps) == "asked"


def test_a_follow_up_is_asked_in_spite_of_complaint_and_clocks(anna: Customer, nps: Survey) -> None:
    asking.ask(anna, nps)
    pause(anna, "open_complaint")

    assert reason(anna, nps, case_id=1) == "asked"


def test_a_follow_up_respects_silence(anna: Customer, nps: Survey) -> None:
    pause(anna, "silence")

    assert reason(anna, nps, case_id=1) == "silence"


def test_without_an_address_there_is_no_mail(business: Business, nps: Survey) -> None:
    nobody = people.add_customer(way="staff", by=None, given_name="Béla")

    assert reason(nobody, nps) == "no_address"
    assert reason(nobody, nps, channel=AskChannel.HAND) == "asked"


def test_an_address_that_bounces_is_a_reason(anna: Customer, nps: Survey) -> None:
    anna.contact_points.update(state=ContactPoint.State.BOUNCED)

    assert reason(anna, nps) == "bad_address"


def test_an_address_is_no_consent(business: Business, nps: Survey) -> None:
    customer = people.add_customer(
        way="staff", by=None, addresses=[people.Address("email", "x@example.com")]
    )

    assert reason(customer, nps) == "no_consent"


def test_an_unconfirmed_yes_is_no_consent(anna: Customer, nps: Survey) -> None:
    Consent.objects.filter(customer=anna).update(confirmed=False)

    assert reason(anna, nps) == "no_consent"


@pytest.mark.parametrize("channel", [AskChannel.EMAIL, AskChannel.HAND])
def test_a_no_counts_on_every_channel(anna: Customer, nps: Survey, channel: str) -> None:
    consents.withdraw_consent(
        anna, channel="email", purpose="surveys", evidence="said so", happened_at=timezone.now()
    )

    assert reason(anna, nps, channel=channel) == "withdrawn"


def test_a_closed_survey_asks_nobody(anna: Customer, nps: Survey, owner: Staff) -> None:
    designs.change_survey(nps, by=owner, is_open=False)

    assert reason(anna, nps) == "survey_closed"


def test_an_archived_survey_asks_nobody(anna: Customer, nps: Survey, owner: Staff) -> None:
    designs.archive_survey(nps, by=owner)

    assert reason(anna, nps) == "survey_closed"


def test_an_erased_record_is_gone(anna: Customer, nps: Survey) -> None:
    Customer.objects.filter(pk=anna.pk).update(erased_at=timezone.now())

    assert reason(anna, nps) == "gone"


def test_a_merged_record_is_gone(anna: Customer, nps: Survey) -> None:
    other = new_customer(1)
    Customer.objects.filter(pk=other.pk).update(merged_into=anna)

    assert reason(other, nps) == "gone"


def test_a_cancelled_purchase_is_not_asked_about(anna: Customer, csat: Survey) -> None:
    purchase = buy(anna)
    purchases.cancel_purchase(purchase)
    purchase.refresh_from_db()

    assert reason(anna, csat, purchase=purchase) == "refunded"


def test_a_refunded_purchase_is_not_asked_about(anna: Customer, csat: Survey) -> None:
    purchase = buy(anna)
    buy(anna, "D2", total=-1500, refund_of="D1")

    assert reason(anna, csat, purchase=purchase) == "refunded"


def test_the_clock_of_the_kind(anna: Customer, nps: Survey, owner: Staff) -> None:
    """Another survey of the same metric counts; another metric has a clock of its own."""
    AskingRules.objects.create(days_between_asks=0, asks_a_year=100)
    same = designs.make_survey(name="Again", metric=Metric.NPS, by=owner)
    other = designs.make_survey(name="Ease", metric=Metric.CES, by=owner)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        said = [reason(anna, nps), reason(anna, nps), reason(anna, same), reason(anna, other)]
        clock.move_to(start + timedelta(days=90, seconds=-1))
        said.append(reason(anna, nps))
        clock.move_to(start + timedelta(days=90))
        said.append(reason(anna, nps))

    late = "same_kind_lately"
    assert said == ["asked", late, late, "asked", late, "asked"]


def test_the_two_recommendation_scales_have_clocks_of_their_own(
    anna: Customer, nps: Survey, owner: Staff
) -> None:
    AskingRules.objects.create(days_between_asks=0, asks_a_year=100)
    other = designs.make_survey(name="1 to 10", metric=Metric.NPS_1_10, by=owner)

    assert [reason(anna, nps), reason(anna, other)] == ["asked", "asked"]


def test_the_clock_of_all_questions(anna: Customer, nps: Survey, csat: Survey) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        said = [reason(anna, nps), reason(anna, csat)]
        clock.move_to(start + timedelta(days=14, seconds=-1))
        said.append(reason(anna, csat))
        clock.move_to(start + timedelta(days=14))
        said.append(reason(anna, csat))

    assert said == ["asked", "asked_lately", "asked_lately", "asked"]


def test_enough_is_enough_for_a_year(anna: Customer, csat: Survey, owner: Staff) -> None:
    asking.set_rules(days_between_asks=0, asks_a_year=2, by=owner)
    designs.change_survey(csat, by=owner, pause_days=0)
    start = timezone.now()
    said = []
    for day in (0, 100, 200, 364, 366):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            said.append(reason(anna, csat))

    assert said == ["asked", "asked", "enough_this_year", "enough_this_year", "asked"]


def test_every_reason_is_tested_here() -> None:
    named = Path(__file__).read_text(encoding="utf-8")

    assert [one.value for one in AskReason if f'"{one.value}"' not in named] == []


def test_a_purchase_is_asked_about_after_the_delay(
    anna: Customer, csat: Survey, owner: Staff
) -> None:
    designs.change_survey(csat, by=owner, trigger=Survey.Trigger.AFTER_PURCHASE, delay_hours=3)
    purchase = buy(anna)

    ask_about_purchase.call(purchase_id=purchase.pk, survey_id=csat.pk)

    assert Invitation.objects.get().purchase == purchase


def test_the_forecast_says_what_would_happen(anna: Customer, nps: Survey) -> None:
    new_customer(1)
    people.add_customer(way="staff", by=None, given_name="No address")
    pause(new_customer(2), "silence")

    told = audience.forecast(nps, {})
    alone = audience.forecast(nps, {"language": "hu"})

    assert (told.asked, told.not_asked, told.total) == (2, 2, 4)
    assert sorted(told.reasons) == [(AskReason.NO_ADDRESS, 1), (AskReason.SILENCE, 1)]
    assert (alone.asked, alone.total) == (1, 1)
    assert AskDecision.objects.count() == 0


def test_the_forecast_costs_the_same_for_everybody(
    anna: Customer, nps: Survey, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        new_customer(number)

    with django_assert_num_queries(7):
        audience.forecast(nps, {})


def test_an_audience_by_place(anna: Customer, place: Place, other_place: Place) -> None:
    buy(anna, place=place)
    new_customer(1)

    assert list(audience.customers_in({"place": place.public_id})) == [anna]
    assert list(audience.customers_in({"place": other_place.public_id})) == []


def test_a_list_is_asked_in_batches(
    business: Business, nps: Survey, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 3)
    customers = [new_customer(number) for number in range(7)]
    pause(customers[4], "silence")
    run, is_new = runs.start_run(nps, {}, key="k", by=owner)

    more = [runs.ask_batch(run.pk) for _ in range(4)]

    run.refresh_from_db()
    assert is_new
    assert more == [True, True, False, False]
    assert (run.total, run.asked, run.not_asked) == (7, 6, 1)
    assert run.finished_at is not None
    assert Message.objects.filter(state=State.QUEUED).count() == 6
    assert set(AskDecision.objects.values_list("decided_by", "run")) == {(owner.pk, run.pk)}


def test_the_same_form_twice_is_one_run(anna: Customer, nps: Survey, owner: Staff) -> None:
    first, is_new = runs.start_run(nps, {}, key="k", by=owner)
    again, is_new_again = runs.start_run(nps, {}, key="k", by=owner)

    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
    assert Job.objects.filter(key=f"ask-run:{first.pk}").count() == 1


def test_nobody_is_decided_about_twice_in_a_run(anna: Customer, nps: Survey, owner: Staff) -> None:
    run, _ = runs.start_run(nps, {}, key="k", by=owner)
    asking.ask_many([anna], nps, run=run)

    with pytest.raises(IntegrityError), transaction.atomic():
        asking.ask_many([anna], nps, run=run)

    assert Invitation.objects.count() == 1


def test_a_stopped_run_asks_nobody_further(
    business: Business, nps: Survey, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 1)
    for number in range(3):
        new_customer(number)
    run, _ = runs.start_run(nps, {}, key="k", by=owner)
    runs.ask_batch(run.pk)

    runs.stop_run(run, by=owner)
    carry_on_asking.call(run_id=run.pk)

    assert Invitation.objects.count() == 1
    assert AskRun.objects.get().is_over


def test_the_task_comes_back_for_the_rest(
    business: Business, nps: Survey, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 1)
    new_customer(1)
    run, _ = runs.start_run(nps, {}, key="k", by=owner)

    carry_on_asking.call(run_id=run.pk)

    assert Job.objects.filter(task=runs.CARRY_ON).count() == 2


def test_a_link_handed_over_is_recorded_once(anna: Customer, nps: Survey, owner: Staff) -> None:
    asked = asking.ask(anna, nps, channel=AskChannel.HAND, by=owner)
    invitation = Invitation.objects.get()
    assert Message.objects.count() == 0

    for _ in range(2):
        asking.record_handed_over(invitation, asked.token, by=owner)

    message = Message.objects.get()
    assert (message.state, message.sent_by_id, message.customer) == ("sent", owner.pk, anna)
    assert f"/s/{asked.token}/" in message.text
    assert Moment.objects.filter(kind="survey.asked").count() == 1


def test_a_wrong_link_cannot_be_recorded(anna: Customer, nps: Survey, owner: Staff) -> None:
    asking.ask(anna, nps, channel=AskChannel.HAND, by=owner)

    with pytest.raises(asking.NotByHandError):
        asking.record_handed_over(Invitation.objects.get(), "another", by=owner)


def test_setting_the_rules_keeps_one_row(owner: Staff) -> None:
    asking.set_rules(days_between_asks=7, asks_a_year=4, by=owner)
    asking.set_rules(days_between_asks=30, asks_a_year=2, by=owner)

    assert list(AskingRules.objects.values_list("days_between_asks", "asks_a_year")) == [(30, 2)]
    assert deciding.the_rules().asks_a_year == 2
