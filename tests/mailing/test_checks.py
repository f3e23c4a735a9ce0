"""PH5 and the other checks at hand-off: who may be written to, and when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
import time_machine
from django.utils import timezone

from regulars.business.models import Business
from regulars.customers.models import Consent, Customer, Pause
from regulars.mailing import actions, delivery, hours, queries
from regulars.mailing.addresses import address_hash
from regulars.mailing.checks import Go, Later, Skip, Verdict, day_limit, verdict
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Message, Purpose, Reason, SendingRules, State, Suppression
from tests.mailing.conftest import agree, customer
from tests.mailing.sink import Sink

pytestmark = pytest.mark.django_db
Clock = time_machine.Traveller


@pytest.fixture(autouse=True)
def reachable(business: Business, noon: Clock) -> None:
    Business.objects.update(public_url="https://mandula.example")


def message_to(person: Customer | None, purpose: Purpose = Purpose.MARKETING) -> Message:
    return actions.queue_message(
        Content("Hi", (Paragraph("x"),)),
        key=f"{purpose}:{person.pk if person else 0}:{Message.objects.count()}",
        purpose=purpose,
        customer=person,
        to="" if person else "anna@example.com",
    )


def judged(person: Customer, purpose: Purpose = Purpose.MARKETING) -> Verdict:
    return verdict(message_to(person, purpose), now=timezone.now())


def test_a_given_consent_is_what_the_message_stands_on() -> None:
    person = customer(consents=())
    record = agree(person, "marketing")

    assert judged(person) == Go(record)


@pytest.mark.parametrize(
    ("purpose", "consented"),
    [
        (Purpose.MARKETING, "surveys"),
        (Purpose.SURVEY, "appreciation"),
        (Purpose.APPRECIATION, "marketing"),
    ],
)
def test_a_consent_to_something_else_does_not_count(purpose: Purpose, consented: str) -> None:
    assert judged(customer(consents=(consented,)), purpose) == Skip(Reason.NO_CONSENT)


def test_a_consent_on_another_channel_does_not_count() -> None:
    person = customer(consents=("marketing",))
    Consent.objects.update(channel="phone")

    assert judged(person) == Skip(Reason.NO_CONSENT)


def test_the_newest_record_counts(noon: Clock) -> None:
    person = customer(consents=("marketing",))
    noon.shift(60)
    agree(person, "marketing", given=False)
    assert judged(person) == Skip(Reason.WITHDRAWN)

    noon.shift(60)
    record = agree(person, "marketing")
    assert judged(person) == Go(record)


def test_an_unconfirmed_consent_does_not_count() -> None:
    person = customer(consents=())
    agree(person, "marketing", confirmed=False)

    assert judged(person) == Skip(Reason.UNCONFIRMED)


def test_of_merged_customers_the_one_who_said_no_wins(noon: Clock) -> None:
    loser = customer(consents=())
    agree(loser, "marketing", given=False)
    noon.shift(60)
    survivor = customer("anna2@example.com", consents=("marketing",))
    Customer.objects.filter(pk=loser.pk).update(merged_into=survivor)
    loser.refresh_from_db()

    assert judged(survivor) == Skip(Reason.WITHDRAWN)
    assert judged(loser) == Skip(Reason.WITHDRAWN)


@pytest.mark.parametrize(
    ("kind", "reason", "stopped"),
    [
        ("died", Reason.DIED, {"service", "survey", "appreciation", "marketing"}),
        ("silence", Reason.SILENCE, {"survey", "appreciation", "marketing"}),
        ("do_not_greet", Reason.DO_NOT_GREET, {"survey", "appreciation", "marketing"}),
        ("open_complaint", Reason.OPEN_COMPLAINT, {"appreciation", "marketing"}),
    ],
)
def test_a_pause_stops_what_it_is_meant_to_stop(
    kind: str, reason: Reason, stopped: set[str]
) -> None:
    person = customer()
    Pause.objects.create(customer=person, kind=kind, since=timezone.now())
    kinds = [Purpose.SERVICE, Purpose.SURVEY, Purpose.APPRECIATION, Purpose.MARKETING]

    assert {p.value for p in kinds if judged(person, p) == Skip(reason)} == stopped


def test_a_pause_that_is_over_stops_nothing() -> None:
    person = customer()
    now = timezone.now()
    Pause.objects.create(customer=person, kind="silence", since=now - timedelta(days=2), until=now)

    assert isinstance(judged(person), Go)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("bounced", Reason.ADDRESS_BOUNCED),
        ("complained", Reason.COMPLAINED),
        ("blocked", Reason.BLOCKED),
        ("unsubscribed", Reason.UNSUBSCRIBED),
    ],
)
def test_a_suppressed_address_is_not_written_to(kind: str, reason: Reason) -> None:
    person = customer("Anna@Example.com ")
    Suppression.objects.create(address_hash=address_hash("anna@example.COM"), kind=kind)

    assert judged(person) == Skip(reason)


def test_an_erased_customer_is_not_written_to() -> None:
    person = customer()
    message = message_to(person)
    person.delete()
    message.refresh_from_db()

    assert verdict(message, now=timezone.now()) == Skip(Reason.ERASED)


def test_a_message_that_needs_consent_never_goes_to_nobody() -> None:
    assert verdict(message_to(None), now=timezone.now()) == Skip(Reason.ERASED)


def test_a_failing_check_stops_the_message(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    message = message_to(customer())

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(queries, "newest_consent", broken)
    delivery.deliver()

    message.refresh_from_db()
    assert (message.state, message.reason, sink.accepted) == (State.QUEUED, Reason.FAULT, [])


def handed_over(person: Customer, purpose: Purpose) -> None:
    message = message_to(person, purpose)
    Message.objects.filter(pk=message.pk).update(state=State.SENT, sent_at=timezone.now())


def test_offers_keep_their_distance(noon: Clock) -> None:
    person = customer()
    handed_over(person, Purpose.MARKETING)
    assert judged(person) == Skip(Reason.TOO_OFTEN)

    noon.shift(timedelta(days=7, seconds=1))
    assert isinstance(judged(person), Go)


def test_no_more_than_three_messages_in_seven_days(noon: Clock) -> None:
    person = customer()
    for _ in range(3):
        assert isinstance(judged(person, Purpose.SURVEY), Go)
        handed_over(person, Purpose.SURVEY)

    assert judged(person, Purpose.SURVEY) == Skip(Reason.TOO_OFTEN)
    assert isinstance(judged(person, Purpose.SERVICE), Go)


def test_quiet_hours_wait_for_the_morning(noon: Clock) -> None:
    person = customer()
    noon.move_to(datetime(2026, 11, 18, 20, 30, tzinfo=UTC))  # 21:30 in Budapest

    assert judged(person) == Later(Reason.QUIET_HOURS, datetime(2026, 11, 19, 7, 0, tzinfo=UTC))
    assert isinstance(judged(person, Purpose.SERVICE), Go)


def test_a_full_day_waits_for_tomorrow() -> None:
    SendingRules.objects.create(pk=1, daily_limit=1)
    handed_over(customer("b@example.com"), Purpose.SURVEY)

    assert judged(customer()) == Later(Reason.DAILY_LIMIT, datetime(2026, 11, 19, 7, 0, tzinfo=UTC))


def test_a_new_sender_begins_with_fifty_a_day_and_doubles() -> None:
    zone, now = ZoneInfo("Europe/Budapest"), timezone.now()
    rules = SendingRules(daily_limit=500, gradual_since=now.date())

    limits = [day_limit(rules, zone, now=now + timedelta(days=day)) for day in range(6)]

    assert limits == [50, 100, 200, 400, 500, 500]


@pytest.mark.parametrize("start", [time(21), time(0), time(23, 59)])
@pytest.mark.parametrize("end", [time(8), time(2, 30), time(0, 30)])
def test_the_end_of_quiet_hours_is_never_quiet_in_any_zone(start: time, end: time) -> None:
    """PC11: every zone, on the days of the year when its clock jumps and around them."""
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for moment in _around_jumps(zone):
            found = hours.end_of_quiet(moment, zone, start=start, end=end)
            if found is None:
                assert not hours.is_quiet(moment, zone, start=start, end=end)
                continue
            assert not hours.is_quiet(found, zone, start=start, end=end), (name, moment)
            assert timedelta() < found - moment <= timedelta(hours=26), (name, moment)


def _around_jumps(zone: ZoneInfo) -> list[datetime]:
    day, moments = datetime(2026, 1, 1, tzinfo=UTC), []
    while day.year == 2026:
        later = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            moments += [day + timedelta(minutes=30 * n) for n in range(-24, 72)]
        day = later
    return moments[:200] or [datetime(2026, 7, 1, hour, tzinfo=UTC) for hour in range(0, 24, 6)]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Africa/Cairo", datetime(2026, 4, 24, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 3, 8, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 9, 6, tzinfo=UTC)),
        ("Asia/Beirut", datetime(2026, 3, 29, tzinfo=UTC)),
        ("Atlantic/Azores", datetime(2026, 3, 29, tzinfo=UTC)),
    ],
)
def test_a_day_without_midnight_begins_where_the_clock_jumps(zone: str, day: datetime) -> None:
    place = ZoneInfo(zone)
    noon_there = day.replace(hour=12, tzinfo=place)

    start = hours.start_of_day(noon_there, place)

    assert start.astimezone(place).date() == day.date()
    assert (start - timedelta(seconds=1)).astimezone(place).date() < day.date()
