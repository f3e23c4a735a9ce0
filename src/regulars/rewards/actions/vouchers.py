"""Giving, using, undoing and taking back vouchers. Right whatever races or crashes.

Locks are taken in one order: customer, voucher, offer. Every step is a conditional UPDATE whose
row count decides, so nothing depends on what was read before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business import queries as business
from regulars.core import audit, moments
from regulars.core.access import Permission
from regulars.core.clock import local_day, start_of_day
from regulars.core.faults import crash_point
from regulars.customers.models import Customer
from regulars.rewards import codes, queries
from regulars.rewards.errors import (
    AlreadyUndoneError,
    CannotGiveError,
    KeyReusedError,
    LimitReachedError,
    NeedsManagerError,
    OfferClosedError,
    ReasonMissingError,
    Refusal,
    VoucherRefusedError,
)
from regulars.rewards.models import Offer, Redemption, Tally, Voucher
from regulars.rewards.moments import (
    VoucherCancelled,
    VoucherIssued,
    VoucherRedeemed,
    VoucherVoided,
)
from regulars.rewards.queries import Counter


@dataclass(frozen=True)
class Issued:
    """A voucher and its code; the code is empty when it was issued before under the same key."""

    voucher: Voucher
    code: str


def issue(offer: Offer, customer: Customer, *, key: str, by: Staff | None) -> Issued:
    """Give `offer` to `customer`. The code is returned this once and kept nowhere.

    `by` None is the installation itself; staff without the permission to manage may give
    `Limits.given_a_day` a day. Raises OfferClosedError, CannotGiveError,
    LimitReachedError, NeedsManagerError.
    """
    with transaction.atomic():
        known = Voucher.objects.filter(key=key).first()
        if known is not None:
            return Issued(known, "")
        now = timezone.now()
        _may_be_given(offer, customer, now)
        if by is not None:
            _count_giving(by, now)
        code = codes.new_code()
        voucher = Voucher.objects.create(
            offer=offer,
            customer=customer,
            code_hash=codes.code_hash(code),
            ending=code[-4:],
            uses_allowed=offer.uses_per_voucher,
            valid_from=_first_instant(offer, now),
            expires_at=queries.expiry_of(offer, now),
            issued_by=by,
            key=key,
        )
        audit.note("rewards.issue_voucher", by=by, subject=_subject(voucher))
        moments.record(
            VoucherIssued(voucher_id=voucher.pk, offer_id=offer.pk),
            customer_id=customer.pk,
            by=by,
        )
    return Issued(voucher, code)


def _first_instant(offer: Offer, now: datetime) -> datetime:
    if offer.starts_on is None:
        return now
    return max(now, start_of_day(offer.starts_on, business.the_business().time_zone))


def _may_be_given(offer: Offer, customer: Customer, now: datetime) -> None:
    closed = not Offer.objects.open().filter(pk=offer.pk).exists()
    if closed or queries.expiry_of(offer, now) <= now:
        raise OfferClosedError
    if customer.is_gone:
        raise CannotGiveError
    if (reached := queries.limit_reached(offer, customer.pk)) is not None:
        raise LimitReachedError(reached)


def _count_giving(by: Staff, now: datetime) -> None:
    if by.may(Permission.MANAGE):
        return
    day = local_day(now, business.the_business().time_zone)
    if not Tally.take(f"given:{by.pk}:{day}", limit=queries.the_limits().given_a_day):
        raise NeedsManagerError(
            _("You have given as many vouchers today as you may alone. Please ask a manager.")
        )


def capture(
    typed: str,
    *,
    at: Counter,
    key: str,
    total: int | None = None,
    currency: str = "",
    document: str = "",
) -> Redemption:
    """Use the voucher with this code once, in one transaction; the entry.

    The same `key` again returns the entry of the first time. `total` in minor units of
    `currency` (default: the offer's). Locks the voucher, its offer where it has a limit, and its
    customer where the offer limits them. Raises VoucherRefusedError and KeyReusedError.
    """
    try:
        with transaction.atomic():
            redemption = _capture(typed, at, key, total, currency, document)
            crash_point("voucher.before_commit")
    except IntegrityError:
        known = Redemption.objects.filter(key=key).first()
        if known is None:
            raise
        return _same(known, typed)
    crash_point("voucher.after_commit")
    return redemption


def _capture(
    typed: str, at: Counter, key: str, total: int | None, currency: str, document: str
) -> Redemption:
    if known := Redemption.objects.filter(key=key).first():
        return _same(known, typed)
    check = queries.check(typed, at=at, total=total, currency=currency)
    voucher = check.voucher
    if voucher is None or check.refusal is not None:
        # A twin with the same key may have used it between the two looks.
        if voucher is not None and (known := Redemption.objects.filter(key=key).first()):
            return _same(known, typed)
        raise VoucherRefusedError(check.refusal or Refusal.UNKNOWN_CODE, check.why)
    crash_point("voucher.checked")
    _lock_customer(voucher)
    if not _use_up(voucher):
        if known := Redemption.objects.filter(key=key).first():
            return _same(known, typed)
        raise _refused(_refusal_now(voucher, at, total, currency), voucher)
    crash_point("voucher.used")
    _count_use(voucher)
    crash_point("voucher.counted")
    redemption = Redemption.objects.create(
        kind=Redemption.Kind.CAPTURE,
        voucher=voucher,
        place=at.place,
        staff=at.staff,
        device=at.device,
        token=at.token,
        total=total,
        value=check.worth,
        currency=currency or voucher.offer.currency,
        document=document,
        key=key,
    )
    crash_point("voucher.entered")
    moments.record(
        VoucherRedeemed(
            voucher_id=voucher.pk,
            redemption_id=redemption.pk,
            value=redemption.value,
            currency=redemption.currency,
        ),
        customer_id=voucher.customer_id,
        by=at.staff,
    )
    crash_point("voucher.recorded")
    return redemption


def _lock_customer(voucher: Voucher) -> None:
    """Hold the customer's row, so that uses of one offer by one customer come one by one."""
    if voucher.offer.limit_per_customer is not None and voucher.customer_id is not None:
        Customer.objects.select_for_update().only("pk").get(pk=voucher.customer_id)


def _use_up(voucher: Voucher) -> bool:
    usable = Voucher.objects.usable(timezone.now()).filter(pk=voucher.pk)
    return usable.update(used=F("used") + 1) == 1


def _count_use(voucher: Voucher) -> None:
    offer = voucher.offer
    if not _count_of_offer(offer):
        raise _refused(Refusal.CAMPAIGN_LIMIT, voucher)
    if offer.limit_per_customer is None or voucher.customer_id is None:
        return
    if queries.uses_by(voucher.customer_id, offer) > offer.limit_per_customer:
        raise _refused(Refusal.CUSTOMER_LIMIT, voucher)


def _refused(refusal: Refusal, voucher: Voucher) -> VoucherRefusedError:
    return VoucherRefusedError(refusal, queries.why_not(refusal, voucher))


def _count_of_offer(offer: Offer) -> bool:
    """Count one use of the offer, unless its limit is reached; without a limit nothing is held."""
    if offer.limit is None:
        return True
    below = Offer.objects.filter(pk=offer.pk, redeemed__lt=F("limit"))
    return below.update(redeemed=F("redeemed") + 1) == 1


def _refusal_now(voucher: Voucher, at: Counter, total: int | None, currency: str) -> Refusal:
    fresh = Voucher.objects.select_related("offer", "customer").get(pk=voucher.pk)
    why = queries.refusal_of(fresh, at=at, total=total, currency=currency, now=timezone.now())
    return why or Refusal.USED


def _same(known: Redemption, typed: str) -> Redemption:
    """The entry of an earlier request with the key, if it was about the same code."""
    is_same = known.voucher.code_hash == codes.code_hash(codes.normal(typed))
    if known.kind != Redemption.Kind.CAPTURE or not is_same:
        raise KeyReusedError
    return known


def void(
    use: Redemption, *, reason: str, at: Counter, key: str, approved_by: Staff | None = None
) -> Redemption:
    """Undo a use: the voucher can be used again. The entry of the undoing.

    A use is undone once; the same `key` again returns the first entry. Staff may undo
    `Limits.undone_a_day` uses a day, each within `Limits.undone_within_minutes`; beyond that a
    manager undoes it or has `approved_by` stand for it. Raises ReasonMissingError,
    AlreadyUndoneError, NeedsManagerError, KeyReusedError.
    """
    if not reason.strip():
        raise ReasonMissingError
    try:
        with transaction.atomic():
            entry = _void(use, reason.strip()[:200], at, key, approved_by)
            crash_point("void.before_commit")
    except IntegrityError:
        known = Redemption.objects.filter(key=key).first()
        if known is None:
            raise AlreadyUndoneError from None
        return _same_void(known, use)
    crash_point("void.after_commit")
    return entry


def _void(
    use: Redemption, reason: str, at: Counter, key: str, approved_by: Staff | None
) -> Redemption:
    if known := Redemption.objects.filter(key=key).first():
        return _same_void(known, use)
    _may_undo(use, at, approved_by)
    crash_point("void.allowed")
    given_back = Voucher.objects.filter(pk=use.voucher_id, used__gt=0)
    given_back.update(used=F("used") - 1)
    crash_point("void.given_back")
    Offer.objects.filter(pk=use.voucher.offer_id, redeemed__gt=0, limit__isnull=False).update(
        redeemed=F("redeemed") - 1
    )
    crash_point("void.uncounted")
    entry = Redemption.objects.create(
        kind=Redemption.Kind.VOID,
        voucher_id=use.voucher_id,
        undoes=use,
        place=at.place,
        staff=at.staff,
        approved_by=approved_by,
        device=at.device,
        token=at.token,
        total=None if use.total is None else -use.total,
        value=None if use.value is None else -use.value,
        currency=use.currency,
        reason=reason,
        key=key,
    )
    crash_point("void.entered")
    moments.record(
        VoucherVoided(voucher_id=use.voucher_id, redemption_id=entry.pk, undoes_id=use.pk),
        customer_id=use.voucher.customer_id,
        by=at.staff,
    )
    return entry


def _may_undo(use: Redemption, at: Counter, approved_by: Staff | None) -> None:
    """Raises NeedsManagerError where this person needs somebody else's word."""
    if at.staff is None:
        return
    person = approved_by or at.staff
    if person.may(Permission.MANAGE, place=at.place):
        return
    limits = queries.the_limits()
    if use.created_at < timezone.now() - timedelta(minutes=limits.undone_within_minutes):
        raise NeedsManagerError(_("It is too late to undo this alone. Please ask a manager."))
    day = local_day(timezone.now(), business.the_business().time_zone)
    if not Tally.take(f"undone:{at.staff.pk}:{day}", limit=limits.undone_a_day):
        raise NeedsManagerError(
            _("You have undone as many uses today as you may alone. Please ask a manager.")
        )


def _same_void(known: Redemption, use: Redemption) -> Redemption:
    if known.kind != Redemption.Kind.VOID or known.undoes_id != use.pk:
        raise KeyReusedError
    return known


def cancel(voucher: Voucher, *, by: Staff | None) -> bool:
    """Take back a voucher that has not been used; whether it was still there to take back."""
    with transaction.atomic():
        unused = Voucher.objects.filter(pk=voucher.pk, used=0, cancelled_at=None)
        if unused.update(cancelled_at=timezone.now(), cancelled_by=by) != 1:
            return False
        audit.note("rewards.cancel_voucher", by=by, subject=_subject(voucher))
        moments.record(
            VoucherCancelled(voucher_id=voucher.pk), customer_id=voucher.customer_id, by=by
        )
    return True


def _subject(voucher: Voucher) -> str:
    return f"voucher:{voucher.public_id}"
