"""Offers, the vouchers given to customers, and the entries of their use."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import ApiToken, Device, Staff
from regulars.business.models import Place
from regulars.core.models import Model
from regulars.core.privacy import Privacy
from regulars.core.triggers import AppendOnly
from regulars.customers.models import Customer

ALL_DAYS = 0b1111111


class OfferQuerySet(models.QuerySet["Offer"]):
    """Filters of offers."""

    def open(self) -> OfferQuerySet:
        """Those that may still be given."""
        return self.filter(closed_at=None)


class Offer(Model):
    """What may be given, and on which conditions. Its terms never change: vouchers promise them.

    Amounts are minor units of `currency`. `weekdays` has bit 0 for Monday to bit 6 for Sunday.
    `redeemed` is the conditional counter against `limit`; no places means everywhere.
    """

    privacy = {
        "name": Privacy.NONE,
        "gives": Privacy.NONE,
        "percent": Privacy.NONE,
        "amount": Privacy.NONE,
        "item": Privacy.NONE,
        "currency": Privacy.NONE,
        "min_total": Privacy.NONE,
        "weekdays": Privacy.NONE,
        "valid_days": Privacy.NONE,
        "starts_on": Privacy.NONE,
        "ends_on": Privacy.NONE,
        "places": Privacy.NONE,
        "uses_per_voucher": Privacy.NONE,
        "limit_per_customer": Privacy.NONE,
        "limit": Privacy.NONE,
        "redeemed": Privacy.NONE,
        "made_by": Privacy.NONE,
        "closed_at": Privacy.NONE,
    }

    class Gives(models.TextChoices):
        PERCENT = "percent", _("a percentage off")
        AMOUNT = "amount", _("an amount off")
        ITEM = "item", _("something free")

    name = models.CharField(max_length=80)
    gives = models.CharField(max_length=10, choices=Gives.choices)
    percent = models.PositiveSmallIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    item = models.CharField(max_length=120, default="", blank=True)
    currency = models.CharField(max_length=3)
    min_total = models.BigIntegerField(default=0)
    places = models.ManyToManyField(Place, blank=True, related_name="+")
    weekdays = models.PositiveSmallIntegerField(default=ALL_DAYS)
    valid_days = models.PositiveSmallIntegerField(default=60)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    uses_per_voucher = models.PositiveIntegerField(default=1)
    limit_per_customer = models.PositiveIntegerField(null=True, blank=True)
    limit = models.PositiveIntegerField(null=True, blank=True)
    redeemed = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(gives="percent", percent__gte=1, percent__lte=100, amount=0)
                | Q(gives="amount", amount__gt=0, percent=0)
                | (Q(gives="item", percent=0, amount=0) & ~Q(item="")),
                name="offer_gives_something",
            ),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(redeemed__lte=F("limit")), name="offer_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(min_total__gte=0, weekdays__gte=1, weekdays__lte=ALL_DAYS),
                name="offer_conditions",
            ),
            models.CheckConstraint(
                condition=Q(uses_per_voucher__gte=1), name="offer_voucher_has_a_use"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Whether it may be used on this weekday."""
        return bool(self.weekdays >> day.weekday() & 1)

    def worth(self, total: int | None) -> int | None:
        """What it takes off `total` (minor units), rounded down; None where that is not known."""
        if self.gives == self.Gives.ITEM:
            return None
        if total is None:
            return self.amount if self.gives == self.Gives.AMOUNT else None
        if self.gives == self.Gives.AMOUNT:
            return min(self.amount, total)
        return total * self.percent // 100


class VoucherQuerySet(models.QuerySet["Voucher"]):
    """Filters of vouchers."""

    def usable(self, now: datetime) -> VoucherQuerySet:
        """Those with a use left, neither taken back nor run out."""
        return self.filter(cancelled_at=None, expires_at__gt=now, used__lt=F("uses_allowed"))


class Voucher(Model):
    """One offer given to one customer. Its code is shown once and kept as a keyed hash.

    `expires_at` is the first instant of the local day after the last one it is good for.
    `used` is the conditional counter against `uses_allowed`.
    """

    privacy = {
        "offer": Privacy.NONE,
        "customer": Privacy.NONE,
        "code_hash": Privacy.SECRET,
        "ending": Privacy.NONE,
        "uses_allowed": Privacy.NONE,
        "used": Privacy.BEHAVIOUR,
        "valid_from": Privacy.NONE,
        "expires_at": Privacy.NONE,
        "issued_by": Privacy.NONE,
        "key": Privacy.NONE,
        "cancelled_at": Privacy.NONE,
        "cancelled_by": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = (
        *("ending", "uses_allowed", "valid_from", "expires_at", "cancelled_at"),
        *("offer__name", "offer__gives", "offer__percent", "offer__amount", "offer__currency"),
        *("offer__item", "offer__min_total"),
    )

    class State(models.TextChoices):
        WAITING = "waiting", _("not valid yet")
        VALID = "valid", _("valid")
        USED = "used", _("used")
        EXPIRED = "expired", _("run out")
        CANCELLED = "cancelled", _("taken back")

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="vouchers")
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, related_name="vouchers"
    )
    code_hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)
    uses_allowed = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    valid_from = models.DateTimeField()
    expires_at = models.DateTimeField()
    issued_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=200, unique=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    objects = VoucherQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used__lte=F("uses_allowed")), name="voucher_within_uses"
            )
        ]

    def __str__(self) -> str:
        return f"…{self.ending}"

    @property
    def state(self) -> State:
        """Where it stands now."""
        now = timezone.now()
        if self.cancelled_at is not None:
            return self.State.CANCELLED
        if self.used >= self.uses_allowed:
            return self.State.USED
        if self.expires_at <= now:
            return self.State.EXPIRED
        return self.State.VALID if self.valid_from <= now else self.State.WAITING


class Redemption(Model):
    """One use of a voucher, or the undoing of one. Appended to, never edited.

    `value` is what was given, in minor units of `currency`; None for something free. An undoing
    names the use in `undoes` and carries its value negated. Every entry has an actor: a member of
    staff, or a program by its token.
    """

    privacy = {
        "kind": Privacy.BEHAVIOUR,
        "voucher": Privacy.NONE,
        "undoes": Privacy.NONE,
        "place": Privacy.BEHAVIOUR,
        "staff": Privacy.NONE,
        "approved_by": Privacy.NONE,
        "device": Privacy.NONE,
        "token": Privacy.NONE,
        "total": Privacy.MONEY,
        "value": Privacy.MONEY,
        "currency": Privacy.NONE,
        "reason": Privacy.NONE,
        "document": Privacy.BEHAVIOUR,
        "key": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("voucher", "currency", "reason")
    append_only = AppendOnly()

    class Kind(models.TextChoices):
        CAPTURE = "capture", _("used")
        VOID = "void", _("undone")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="redemptions")
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, null=True, related_name="+")
    total = models.BigIntegerField(null=True)
    value = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200, default="")
    document = models.CharField(max_length=120, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(staff__isnull=False) | Q(token__isnull=False),
                name="redemption_has_an_actor",
            ),
            models.CheckConstraint(
                condition=Q(kind="capture", undoes=None)
                | (Q(kind="void", undoes__isnull=False) & ~Q(reason="")),
                name="redemption_void_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="redemption_newest")]


class Limits(models.Model):
    """What staff may do without a manager (one row at most; none means the defaults)."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "slot": Privacy.NONE,
        "given_a_day": Privacy.NONE,
        "undone_a_day": Privacy.NONE,
        "undone_within_minutes": Privacy.NONE,
    }

    slot = models.PositiveSmallIntegerField(unique=True, default=1)
    given_a_day = models.PositiveSmallIntegerField(_("vouchers given a day"), default=5)
    undone_a_day = models.PositiveSmallIntegerField(_("uses undone a day"), default=3)
    undone_within_minutes = models.PositiveSmallIntegerField(
        _("minutes after the use in which it can be undone"), default=30
    )


class Tally(models.Model):
    """A conditional counter with a name, for the limits of one person's day."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "key": Privacy.NONE,
        "count": Privacy.NONE,
        "made_at": Privacy.NONE,
    }

    key = models.CharField(max_length=120, unique=True)
    count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)

    @classmethod
    def take(cls, key: str, *, limit: int) -> bool:
        """Count one, unless `limit` is reached; in the caller's transaction."""
        row: Any = cls(key=key)
        cls.objects.bulk_create([row], ignore_conflicts=True)
        return cls.objects.filter(key=key, count__lt=limit).update(count=F("count") + 1) == 1
