"""Asking: every reason, both clocks, decisions written down, and whole lists in batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from regulars.accounts.models import Staff
from regulars.business.models import Business, Place
from regulars.core.models import Job, Moment
from regulars.customers.actions import consents, people, purchases
from regulars.customers.models import Consent, ContactPoint, Customer, Pause, Purchase
from regulars.insight.periods import period
from regulars.insight.queries import scores
from regulars.mailing import actions as mailing
from regulars.mailing import checks
from regulars.mailing.addresses import address_hash
from regulars.mailing.content import Content
from regulars.mailing.models import Message, Purpose, State, Suppression
from regulars.surveys import audience, deciding, queries
from regulars.surveys.actions import answers, asking, designs, runs
from regulars.surveys.models import (
    RECOMMENDATION,
    SATISFACTION,
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


def test_who_wants_no_greetings_gets_no_mail(anna: Customer, nps: Survey) -> None:
    """Mailing stops such mail at hand-off, so nobody is told that it was asked."""
    pause(anna, "do_not_greet")

    assert reason(anna, nps) == "do_not_greet"
    assert reason(anna, nps, channel=AskChannel.HAND) == "asked"


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


@pytest.mark.parametrize("family", [RECOMMENDATION, SATISFACTION])
def test_the_same_question_on_another_scale_has_the_same_clock(
    anna: Customer, business: Business, owner: Staff, family: tuple[Metric, ...]
) -> None:
    AskingRules.objects.create(days_between_asks=0, asks_a_year=100)
    made = [designs.make_survey(name=one, metric=one, by=owner) for one in (*family, Metric.CES)]

    said = [reason(anna, one) for one in made]

    assert said == ["asked", *["same_kind_lately"] * (len(family) - 1), "asked"]


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


# --- One situation for each reason -------------------------------------------------------------


def has_no_address(anna: Customer, nps: Survey, owner: Staff) -> None:
    anna.contact_points.all().delete()


def bounces(anna: Customer, nps: Survey, owner: Staff) -> None:
    on_list(Suppression.Kind.BOUNCED)


def never_agreed(anna: Customer, nps: Survey, owner: Staff) -> None:
    Consent.objects.filter(customer=anna).delete()


def said_no(anna: Customer, nps: Survey, owner: Staff) -> None:
    consents.withdraw_consent(anna, channel="email", purpose="surveys", evidence="said so")


def is_blocked(anna: Customer, nps: Survey, owner: Staff) -> None:
    mailing.suppress("Anna@example.com", detail="asked on the phone", by=owner)


def has_unsubscribed(anna: Customer, nps: Survey, owner: Staff) -> None:
    on_list(Suppression.Kind.UNSUBSCRIBED)


def on_list(kind: Suppression.Kind) -> None:
    """Anna's address comes on the list of those not written to."""
    Suppression.objects.create(address_hash=address_hash("anna@example.com"), kind=kind)


def is_gone(anna: Customer, nps: Survey, owner: Staff) -> None:
    Customer.objects.filter(pk=anna.pk).update(erased_at=timezone.now())


def was_asked_of_the_same(anna: Customer, nps: Survey, owner: Staff) -> None:
    asking.ask(anna, nps)


def was_asked_something_else(anna: Customer, nps: Survey, owner: Staff) -> None:
    asking.ask(anna, designs.make_survey(name="Ease", metric=Metric.CES, by=owner))


def was_asked_often(anna: Customer, nps: Survey, owner: Staff) -> None:
    asking.set_rules(days_between_asks=0, asks_a_year=1, by=owner)
    was_asked_something_else(anna, nps, owner)


def is_closed(anna: Customer, nps: Survey, owner: Staff) -> None:
    designs.change_survey(nps, by=owner, is_open=False)


def gave_it_back(anna: Customer, nps: Survey, owner: Staff) -> None:
    buy(anna)
    buy(anna, "D2", total=-1500, refund_of="D1")


def paused(kind: str) -> Callable[[Customer, Survey, Staff], None]:
    return lambda anna, nps, owner: pause(anna, kind)


SITUATIONS: dict[AskReason, Callable[[Customer, Survey, Staff], None]] = {
    AskReason.ASKED: lambda anna, nps, owner: None,
    AskReason.OPEN_COMPLAINT: paused("open_complaint"),
    AskReason.SILENCE: paused("silence"),
    AskReason.DIED: paused("died"),
    AskReason.DO_NOT_GREET: paused("do_not_greet"),
    AskReason.GONE: is_gone,
    AskReason.NO_ADDRESS: has_no_address,
    AskReason.BAD_ADDRESS: bounces,
    AskReason.NO_CONSENT: never_agreed,
    AskReason.WITHDRAWN: said_no,
    AskReason.UNSUBSCRIBED: has_unsubscribed,
    AskReason.BLOCKED: is_blocked,
    AskReason.ASKED_LATELY: was_asked_something_else,
    AskReason.SAME_KIND_LATELY: was_asked_of_the_same,
    AskReason.ENOUGH_THIS_YEAR: was_asked_often,
    AskReason.SURVEY_CLOSED: is_closed,
    AskReason.REFUNDED: gave_it_back,
}


@pytest.mark.parametrize("wanted", list(AskReason))
def test_every_reason_has_its_situation(
    anna: Customer, nps: Survey, owner: Staff, owner_client: Client, wanted: AskReason
) -> None:
    """The reason is decided, foreseen on the customer's page, and stands there afterwards."""
    SITUATIONS[wanted](anna, nps, owner)
    before = Message.objects.count()
    anna.refresh_from_db()
    nps.refresh_from_db()
    purchase = Purchase.objects.filter(document="D1").first()

    foreseen = deciding.reason_for(anna, nps, purchase=purchase)
    decision = asking.ask(anna, nps, purchase=purchase).decision

    assert (foreseen, decision.reason) == (wanted, wanted)
    assert Message.objects.count() - before == (wanted == AskReason.ASKED)
    if wanted != AskReason.GONE:
        page = owner_client.get(f"/surveys/customers/{anna.public_id}/").content.decode()
        assert escape(str(wanted.label)) in page


@pytest.mark.parametrize("wanted", list(AskReason))
def test_what_would_be_asked_does_go_out(
    anna: Customer, nps: Survey, owner: Staff, wanted: AskReason
) -> None:
    """Whoever is barred for the sake of the mail would not be written to at hand-off either."""
    nothing_yet = AskReason.ASKED, AskReason.OPEN_COMPLAINT, *CLOCKS, *ABOUT_THE_QUESTION
    SITUATIONS[wanted](anna, nps, owner)
    anna = Customer.objects.get(pk=anna.pk)
    message = mailing.queue_message(
        Content(subject="S", pieces=()), key="k", purpose=Purpose.SURVEY, customer=anna
    )

    found = checks.verdict(message, now=timezone.now())

    assert isinstance(found, checks.Skip) == (wanted not in nothing_yet)


CLOCKS = AskReason.ASKED_LATELY, AskReason.SAME_KIND_LATELY, AskReason.ENOUGH_THIS_YEAR
ABOUT_THE_QUESTION = AskReason.SURVEY_CLOSED, AskReason.REFUNDED


def test_who_agreed_after_unsubscribing_is_asked(anna: Customer, nps: Survey, owner: Staff) -> None:
    has_unsubscribed(anna, nps, owner)
    Suppression.objects.update(since=timezone.now() - timedelta(days=1))

    assert reason(anna, nps) == "asked"


def test_a_complaint_about_mail_is_a_reason(anna: Customer, nps: Survey) -> None:
    on_list(Suppression.Kind.COMPLAINED)

    assert reason(anna, nps) == "blocked"


def test_an_entry_of_another_address_is_none(anna: Customer, nps: Survey, owner: Staff) -> None:
    mailing.suppress("bela@example.com", detail="", by=owner)

    assert reason(anna, nps) == "asked"


@pytest.mark.parametrize("channel", [AskChannel.HAND, AskChannel.API])
def test_a_link_goes_where_mail_does_not(
    anna: Customer, nps: Survey, owner: Staff, channel: str
) -> None:
    is_blocked(anna, nps, owner)

    assert reason(anna, nps, channel=channel) == "asked"


# --- What starts a clock -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.SKIPPED, "asked"),
        (State.CANCELLED, "asked"),
        (State.FAILED, "asked"),
        (State.BOUNCED, "asked"),
        (State.QUEUED, "same_kind_lately"),
        (State.HELD, "same_kind_lately"),
        (State.SENDING, "same_kind_lately"),
        (State.SENT, "same_kind_lately"),
        (State.UNKNOWN, "same_kind_lately"),
        (State.DELIVERED, "same_kind_lately"),
    ],
)
def test_mail_that_never_arrived_asked_nobody(
    anna: Customer, nps: Survey, state: State, said: str
) -> None:
    reason(anna, nps)
    Message.objects.update(state=state)

    assert reason(anna, nps) == said


def test_whoever_answered_all_the_same_was_asked(anna: Customer, nps: Survey) -> None:
    reason(anna, nps)
    Message.objects.update(state=State.FAILED)
    Invitation.objects.update(answered_at=timezone.now())

    assert reason(anna, nps) == "same_kind_lately"


def test_mail_that_was_skipped_counts_nowhere_as_asked(
    anna: Customer, nps: Survey, owner: Staff
) -> None:
    for number in range(3):
        asking.ask(new_customer(number), nps)
    Message.objects.filter(to_address="c1@example.com").update(state=State.SKIPPED)
    Message.objects.filter(to_address="c2@example.com").update(state=State.FAILED)

    counted = queries.with_counts(queries.surveys_visible_to(owner)).get()
    shown = scores.reading(Metric.NPS, period("month"))

    assert (counted.asked, shown.asked) == (1, 1)  # type: ignore[attr-defined]  # annotated


def test_the_page_says_why_a_question_did_not_go_out(
    anna: Customer, nps: Survey, owner_client: Client
) -> None:
    reason(anna, nps)
    Message.objects.update(state=State.SKIPPED, reason="too_often")

    page = owner_client.get(f"/surveys/customers/{anna.public_id}/").content.decode()

    assert "not sent: the customer was written to often enough lately" in page


def test_a_link_that_nobody_sent_is_made_anew(
    anna: Customer, nps: Survey, owner: Staff, owner_client: Client
) -> None:
    page = f"/surveys/customers/{anna.public_id}/"
    first = asking.ask(anna, nps, channel=AskChannel.HAND, by=owner)
    forgotten = owner_client.get(page).content.decode()
    again = asking.ask(anna, nps, channel=AskChannel.HAND, by=owner)
    statuses = [Client().get(f"/s/{one.token}/").status_code for one in (first, again)]
    asking.record_handed_over(Invitation.objects.get(), again.token, by=owner)
    sent = owner_client.get(page).content.decode()

    assert statuses == [404, 200]
    assert ["is not recorded as sent" in one for one in (forgotten, sent)] == [True, False]
    assert "not sent: the link is not recorded as sent" in forgotten
    assert reason(anna, nps, channel=AskChannel.HAND) == "same_kind_lately"
    assert Moment.objects.filter(kind="survey.asked").count() == 1


def test_a_link_made_anew_lives_as_long_as_a_new_one(anna: Customer, nps: Survey) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        asking.ask(anna, nps, channel=AskChannel.HAND)
        clock.move_to(start + timedelta(days=59))
        asking.ask(anna, nps, channel=AskChannel.HAND)

    invitation = Invitation.objects.get()
    assert invitation.created_at == start + timedelta(days=59)
    assert invitation.expires_at == start + timedelta(days=119)


def test_each_survey_has_its_own_unsent_link(anna: Customer, nps: Survey, csat: Survey) -> None:
    for survey in (nps, csat):
        asking.ask(anna, survey, channel=AskChannel.HAND)

    assert Invitation.objects.count() == 2


def test_a_link_that_a_program_sends_starts_the_clock(anna: Customer, nps: Survey) -> None:
    assert [reason(anna, nps, channel=AskChannel.API) for _ in range(2)] == [
        "asked",
        "same_kind_lately",
    ]


@pytest.mark.parametrize("channel", [AskChannel.STAFF, AskChannel.OPEN, AskChannel.API], ids=str)
def test_an_answer_on_any_way_starts_the_clock_of_its_kind(
    anna: Customer, nps: Survey, csat: Survey, channel: str
) -> None:
    answers.submit_open(
        nps,
        answers.current_version(nps),
        answers.Answer("s", 9),
        customer=anna,
        channel=channel,
    )

    assert [reason(anna, nps), reason(anna, csat)] == ["same_kind_lately", "asked"]


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

    with django_assert_num_queries(9):
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
