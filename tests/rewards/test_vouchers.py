"""Codes, giving, using, undoing: the rules of vouchers one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.models import Device, Staff
from regulars.business.models import Business, Place
from regulars.core.clock import local_day
from regulars.core.models import Moment
from regulars.customers.models import Customer, Pause
from regulars.rewards import codes, queries
from regulars.rewards.actions import offers, vouchers
from regulars.rewards.errors import (
    AlreadyUndoneError,
    KeyReusedError,
    LimitReachedError,
    NeedsManagerError,
    OfferClosedError,
    ReasonMissingError,
    Refusal,
    VoucherRefusedError,
)
from regulars.rewards.models import Offer, Redemption, Voucher
from regulars.rewards.queries import Counter

letters = st.sampled_from(codes.ALPHABET)
bodies = st.text(letters, min_size=11, max_size=11)


@given(bodies, st.integers(0, 11), letters)
def test_a_code_with_one_wrong_letter_is_noticed(body: str, where: int, letter: str) -> None:
    code = body + codes.check_letter(body)
    wrong = code[:where] + letter + code[where + 1 :]

    assert codes.is_well_formed(code)
    assert codes.is_well_formed(wrong) == (wrong == code)


@given(bodies, st.integers(0, 11), st.integers(0, 11))
def test_a_code_with_two_letters_changed_round_is_noticed(body: str, one: int, two: int) -> None:
    code = list(body + codes.check_letter(body))
    code[one], code[two] = code[two], code[one]
    changed = "".join(code)

    assert codes.is_well_formed(changed) == (changed[:-1] == body)


def test_a_code_is_read_as_people_write_it() -> None:
    code = codes.new_code()
    written = codes.shown(code).lower().replace("0", "o").replace("1", "l")

    assert codes.normal(f" {written} ") == code
    assert len(code) == 12


def test_the_database_keeps_no_code(code: str) -> None:
    voucher = Voucher.objects.get()

    assert voucher.ending == code[-4:]
    assert code not in str(list(Voucher.objects.values_list()))
    assert voucher.code_hash == codes.code_hash(code)


def test_giving_again_under_one_key_gives_nothing_more(
    offer: Offer, anna: Customer, owner: Staff
) -> None:
    first = vouchers.issue(offer, anna, key="k", by=owner)
    again = vouchers.issue(offer, anna, key="k", by=owner)

    assert (again.voucher, again.code) == (first.voucher, "")
    assert Moment.objects.filter(kind="voucher.issued").count() == 1


def test_a_closed_offer_is_not_given(offer: Offer, anna: Customer, owner: Staff) -> None:
    offers.close_offer(offer, by=owner)

    with pytest.raises(OfferClosedError):
        vouchers.issue(offer, anna, key="k", by=owner)


def test_staff_give_as_many_as_they_may(offer: Offer, anna: Customer, colleague: Staff) -> None:
    for number in range(queries.the_limits().given_a_day):
        vouchers.issue(offer, anna, key=f"k{number}", by=colleague)

    with pytest.raises(NeedsManagerError):
        vouchers.issue(offer, anna, key="one too many", by=colleague)

    assert Voucher.objects.count() == 5


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Budapest", datetime(2026, 11, 28, 23, tzinfo=UTC)),
        ("Asia/Tbilisi", datetime(2026, 11, 28, 20, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 28, 8, tzinfo=UTC)),
    ],
)
@time_machine.travel("2026-11-21T05:00:00Z", tick=False)
def test_a_voucher_runs_out_at_the_end_of_the_local_day(
    business: Business, make: Callable[..., Offer], zone: str, expected: datetime
) -> None:
    Business.objects.update(time_zone=zone)

    assert queries.expiry_of(make(valid_days=7), datetime.now(UTC)) == expected


def test_a_voucher_gives_once(code: str, at: Counter) -> None:
    use = vouchers.capture(codes.shown(code), at=at, key="1", total=2000)

    assert (use.kind, use.value, use.currency, use.staff) == ("capture", 500, "HUF", at.staff)
    assert Moment.objects.get(kind="voucher.redeemed").payload == {
        "voucher_id": use.voucher_id,
        "redemption_id": use.pk,
        "value": 500,
        "currency": "HUF",
    }
    with pytest.raises(VoucherRefusedError) as refused:
        vouchers.capture(code, at=at, key="2")
    assert refused.value.refusal == Refusal.USED


def test_the_same_key_is_one_use_and_another_code_is_refused(
    code: str, at: Counter, offer: Offer, anna: Customer, owner: Staff
) -> None:
    other = vouchers.issue(offer, anna, key="other", by=owner).code
    first = vouchers.capture(code, at=at, key="1")

    assert [vouchers.capture(code, at=at, key="1") for _ in range(5)] == [first] * 5
    with pytest.raises(KeyReusedError):
        vouchers.capture(other, at=at, key="1")


def wrong(refusal: Refusal) -> dict[str, object]:
    """Terms of an offer that is refused for this reason on Saturday for 1000 forints."""
    return {
        Refusal.MIN_TOTAL: {"min_total": 1001},
        Refusal.OTHER_DAY: {"weekdays": 0b1011111},
        Refusal.NOT_YET: {"starts_on": date(2026, 11, 22)},
        Refusal.OTHER_CURRENCY: {"currency": "EUR"},
    }[refusal]


@pytest.mark.parametrize(
    "refusal", [Refusal.MIN_TOTAL, Refusal.OTHER_DAY, Refusal.NOT_YET, Refusal.OTHER_CURRENCY]
)
@time_machine.travel("2026-11-21T10:00:00Z", tick=False)
def test_a_condition_that_does_not_hold_is_named(
    refusal: Refusal, make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter
) -> None:
    code = vouchers.issue(make(**wrong(refusal)), anna, key="k", by=owner).code

    check = queries.check(code, at=at, total=1000, currency="HUF")

    assert check.refusal == refusal
    with pytest.raises(VoucherRefusedError) as refused:
        vouchers.capture(code, at=at, key="1", total=1000, currency="HUF")
    assert refused.value.refusal == refusal
    assert Redemption.objects.count() == 0


def test_an_amount_that_is_needed_is_asked_for(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter
) -> None:
    code = vouchers.issue(make(min_total=1000), anna, key="k", by=owner).code

    assert queries.check(code, at=at).refusal == Refusal.NO_TOTAL
    assert queries.check(code, at=at, total=1000).worth == 500


def test_another_place_is_named(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter, other_place: Place
) -> None:
    code = vouchers.issue(make(places=[other_place]), anna, key="k", by=owner).code

    assert queries.check(code, at=at).refusal == Refusal.OTHER_PLACE
    assert queries.check(code, at=Counter(other_place, staff=owner)).refusal is None


def test_what_became_of_a_voucher_is_named(code: str, at: Counter, owner: Staff) -> None:
    voucher = Voucher.objects.get()
    with time_machine.travel(voucher.expires_at):
        assert queries.check(code, at=at).refusal == Refusal.EXPIRED

    assert vouchers.cancel(voucher, by=owner)
    assert queries.check(code, at=at).refusal == Refusal.CANCELLED
    assert not vouchers.cancel(voucher, by=owner)


def test_a_wrong_code_is_told_from_an_unknown_one(code: str, at: Counter) -> None:
    another = "0" if code[-1] != "0" else "1"

    assert queries.check(code[:-1] + another, at=at).refusal == Refusal.MISTYPED
    assert queries.check(codes.new_code(), at=at).refusal == Refusal.UNKNOWN_CODE


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [(Pause.Kind.DIED, Refusal.CUSTOMER_PAUSED), (Pause.Kind.OPEN_COMPLAINT, None)],
)
def test_a_complaint_takes_no_voucher_away(
    code: str, at: Counter, anna: Customer, kind: str, refusal: Refusal | None
) -> None:
    Pause.objects.create(customer=anna, kind=kind, since=datetime.now(UTC))

    assert queries.check(code, at=at).refusal == refusal


def test_percentages_are_whole_and_rounded_down(make: Callable[..., Offer]) -> None:
    offer = make(gives="percent", percent=15, amount=0)

    assert [offer.worth(total) for total in (0, 1, 999, 1000, None)] == [0, 0, 149, 150, None]


@given(st.integers(1, 100), st.integers(0, 10**15))
def test_a_percentage_never_gives_more_than_it_says(percent: int, total: int) -> None:
    worth = Offer(gives="percent", percent=percent).worth(total)

    assert isinstance(worth, int)
    assert 0 <= worth * 100 <= total * percent < (worth + 1) * 100


def test_an_undone_use_can_be_used_again(code: str, at: Counter) -> None:
    use = vouchers.capture(code, at=at, key="1", total=2000)

    entry = vouchers.void(use, reason="wrong customer", at=at, key="2")

    assert (entry.kind, entry.undoes, entry.value, entry.total) == ("void", use, -500, -2000)
    assert vouchers.void(use, reason="wrong customer", at=at, key="2") == entry
    with pytest.raises(AlreadyUndoneError):
        vouchers.void(use, reason="again", at=at, key="3")
    assert Voucher.objects.get().used == 0
    assert vouchers.capture(code, at=at, key="4").value == 500


def test_nothing_is_undone_without_a_reason(code: str, at: Counter) -> None:
    use = vouchers.capture(code, at=at, key="1")

    with pytest.raises(ReasonMissingError):
        vouchers.void(use, reason="  ", at=at, key="2")


def test_undoing_late_or_often_needs_a_manager(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter, manager: Staff
) -> None:
    code = vouchers.issue(make(uses_per_voucher=9), anna, key="k", by=owner).code
    uses = [vouchers.capture(code, at=at, key=f"use {n}") for n in range(5)]
    for number in range(3):
        vouchers.void(uses[number], reason="mistake", at=at, key=f"undo {number}")

    with pytest.raises(NeedsManagerError):
        vouchers.void(uses[3], reason="mistake", at=at, key="undo 3")

    entry = vouchers.void(uses[3], reason="mistake", at=at, key="undo 3", approved_by=manager)
    assert (entry.staff, entry.approved_by) == (at.staff, manager)


def test_who_undoes_far_more_than_all_others_stands_out(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter, manager: Staff
) -> None:
    code = vouchers.issue(make(uses_per_voucher=60), anna, key="k", by=owner).code
    honest = Counter(at.place, staff=owner)
    uses = [vouchers.capture(code, at=honest, key=f"use {n}") for n in range(40)]
    vouchers.void(uses[0], reason="mistake", at=honest, key="undo 0")
    for number in range(6):
        use = vouchers.capture(code, at=at, key=f"own {number}")
        if number < 4:
            undoer = manager if number > 2 else None
            vouchers.void(use, reason="x", at=at, key=f"own undo {number}", approved_by=undoer)

    found = queries.undoings(owner, since=timezone.now() - timedelta(days=30))

    assert found == [
        queries.Undoing("Colin Colleague", 6, 4, is_unusual=True),
        queries.Undoing("Olga Owner", 40, 1, is_unusual=False),
    ]


def test_undoing_as_often_as_the_others_is_not_unusual(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter
) -> None:
    code = vouchers.issue(make(uses_per_voucher=60), anna, key="k", by=owner).code
    for counter in (at, Counter(at.place, staff=owner)):
        for number in range(12):
            use = vouchers.capture(code, at=counter, key=f"{counter.staff} {number}")
            if number < 3:
                vouchers.void(use, reason="x", at=counter, key=f"undo {counter.staff} {number}")

    found = queries.undoings(owner, since=timezone.now() - timedelta(days=30))

    assert [one.is_unusual for one in found] == [False, False]


def test_the_page_shows_who_undid(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter, owner_client: Client
) -> None:
    code = vouchers.issue(make(), anna, key="k", by=owner).code
    vouchers.void(vouchers.capture(code, at=at, key="1"), reason="x", at=at, key="2")

    page = owner_client.get("/vouchers/uses/").content.decode()

    assert "Undone in the last 30 days" in page
    assert "Colin Colleague" in page


def test_history_cannot_be_edited(code: str, at: Counter) -> None:
    use = vouchers.capture(code, at=at, key="1")

    for change in (
        lambda: Redemption.objects.filter(pk=use.pk).update(value=0),
        lambda: Redemption.objects.filter(pk=use.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Redemption.objects.get().value == 500


def test_an_entry_without_an_actor_is_refused(code: str) -> None:
    voucher = Voucher.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Redemption.objects.create(kind="capture", voucher=voucher, currency="HUF", key="x")


def test_the_till_is_noted(code: str, till: tuple[Device, object], at: Counter) -> None:
    device = till[0]

    use = vouchers.capture(code, at=Counter(at.place, at.staff, device), key="1")

    assert (use.device, use.place, use.staff) == (device, at.place, at.staff)


@time_machine.travel("2026-11-21T10:00:00Z", tick=False)
@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (
            {"min_total": 1001},
            "The amount is too small for this voucher. For purchases from HUF\xa01,001.",
        ),
        (
            {"weekdays": 0b1011111},
            "This voucher is not for this day of the week. "
            "It can be used on: Monday–Friday, Sunday.",
        ),
        (
            {"starts_on": date(2026, 11, 22)},
            "This voucher is not valid yet. It is good from 22 November 2026.",
        ),
        ({"currency": "EUR"}, "This voucher is in another currency. It is in EUR."),
    ],
)
def test_a_refusal_names_the_amount_the_days_or_the_date(
    make: Callable[..., Offer],
    anna: Customer,
    owner: Staff,
    at: Counter,
    terms: dict[str, object],
    says: str,
) -> None:
    code = vouchers.issue(make(**terms), anna, key="k", by=owner).code

    assert queries.check(code, at=at, total=1000, currency="HUF").why == says
    with pytest.raises(VoucherRefusedError) as refused:
        vouchers.capture(code, at=at, key="1", total=1000, currency="HUF")
    assert str(refused.value) == says


@time_machine.travel("2026-11-21T10:00:00Z", tick=False)
def test_a_refusal_names_the_place_the_last_use_and_the_last_day(
    make: Callable[..., Offer],
    anna: Customer,
    owner: Staff,
    at: Counter,
    place: Place,
    other_place: Place,
) -> None:
    elsewhere = vouchers.issue(make(places=[other_place]), anna, key="k1", by=owner).code
    often = make(limit_per_customer=1)
    used, second = (vouchers.issue(often, anna, key=key, by=owner).code for key in ("k2", "k3"))
    vouchers.capture(used, at=at, key="1")

    assert queries.check(elsewhere, at=at).why == (
        f"This voucher is not for this place. At: {other_place}."
    )
    assert queries.check(used, at=at).why.endswith(f"Last use: 21 November 2026, 11:00, {place}.")
    assert queries.check(second, at=at).why == (
        "This customer has used this offer as often as it allows. At most 1 use per customer."
    )
    with time_machine.travel("2027-03-01T10:00:00Z", tick=False):
        assert queries.check(second, at=at).why == (
            "This voucher has run out. It was good until 20 January 2027."
        )


def test_every_condition_is_told(make: Callable[..., Offer], place: Place) -> None:
    offer = make(
        min_total=1000,
        weekdays=0b0110011,
        places=[place],
        uses_per_voucher=3,
        limit_per_customer=2,
    )

    assert queries.conditions_in_words(offer, "en") == [
        "For purchases from HUF\xa01,000.",
        "It can be used on: Monday, Tuesday, Friday, Saturday.",
        f"At: {place.name}.",
        "It can be used 3 times.",
        "At most 2 uses per customer.",
    ]
    assert queries.conditions_in_words(make(weekdays=0b11111, limit_per_customer=1), "hu") == [
        "Ezeken a napokon váltható be: hétfő–péntek.",
        "Ügyfelenként legfeljebb 1 alkalommal.",
    ]


def test_something_free_stays_good_when_the_business_changes_its_currency(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter
) -> None:
    free = {"gives": "item", "amount": 0, "item": "a coffee"}
    item = vouchers.issue(make(**free), anna, key="k1", by=owner).code
    above = vouchers.issue(make(**free, min_total=500), anna, key="k2", by=owner).code

    assert queries.check(item, at=at, currency="EUR").refusal is None
    assert queries.check(above, at=at, total=900, currency="EUR").refusal == (
        Refusal.OTHER_CURRENCY
    )


@pytest.mark.parametrize("terms", [{"limit": 1}, {"limit_per_customer": 1}])
def test_what_is_used_up_is_not_given(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter, terms: dict[str, int]
) -> None:
    """Neither offered nor given: a voucher of it would be refused from its first day."""
    offer = make(**terms)
    assert list(queries.offers_for(anna)) == [offer]
    code = vouchers.issue(offer, anna, key="k1", by=owner).code
    use = vouchers.capture(code, at=at, key="1")

    offer.refresh_from_db()
    with pytest.raises(LimitReachedError):
        vouchers.issue(offer, anna, key="k2", by=owner)
    assert list(queries.offers_for(anna)) == []
    vouchers.void(use, reason="mistake", at=at, key="2")
    offer.refresh_from_db()
    assert list(queries.offers_for(anna)) == [offer]


def test_what_is_over_or_closed_is_not_offered(
    make: Callable[..., Offer], anna: Customer, owner: Staff, at: Counter
) -> None:
    today = local_day(timezone.now(), "Europe/Budapest")
    make(ends_on=today - timedelta(days=1))
    last = make(ends_on=today)
    offers.close_offer(make(), by=owner)

    assert list(queries.offers_for(anna)) == [last]
