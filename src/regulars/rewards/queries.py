"""Vouchers as tills and pages read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import comb

from babel.dates import get_day_names
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.accounts.models import ApiToken, Device, Staff
from regulars.accounts.queries import places_where
from regulars.business import queries as business
from regulars.business.models import Place
from regulars.core.access import Permission
from regulars.core.clock import local_day, start_of_day
from regulars.core.money import format_money
from regulars.core.templatetags.ui import day_in_words, time_in_words
from regulars.customers.models import Customer, Pause
from regulars.rewards import codes
from regulars.rewards.errors import Refusal
from regulars.rewards.models import ALL_DAYS, Limits, Offer, Redemption, Voucher


@dataclass(frozen=True)
class Counter:
    """Where and by whom a voucher is used: a person at a till, or a program with its token."""

    place: Place | None
    staff: Staff | None = None
    device: Device | None = None
    token: ApiToken | None = None


@dataclass(frozen=True)
class Check:
    """What a code gives, or exactly why not. `worth` in minor units, None where not known."""

    voucher: Voucher | None
    refusal: Refusal | None
    worth: int | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it can be used now."""
        return self.refusal is None

    @property
    def why(self) -> str:
        """Why not, in words; empty where it can be used."""
        return "" if self.refusal is None else why_not(self.refusal, self.voucher)


def the_limits() -> Limits:
    """What staff may do without a manager."""
    return Limits.objects.first() or Limits()


def voucher_by(typed: str) -> Voucher | None:
    """The voucher with this code, however it was typed."""
    code = codes.normal(typed)
    if not codes.is_well_formed(code):
        return None
    found = Voucher.objects.filter(code_hash=codes.code_hash(code))
    return found.select_related("offer", "customer").first()


def check(typed: str, *, at: Counter, total: int | None = None, currency: str = "") -> Check:
    """Whether the code can be used at this counter now, for a purchase of `total` minor units.

    Writes nothing; `actions.vouchers.capture` decides anew.
    """
    if not codes.is_well_formed(codes.normal(typed)):
        return Check(None, Refusal.MISTYPED)
    voucher = voucher_by(typed)
    if voucher is None:
        return Check(None, Refusal.UNKNOWN_CODE)
    refusal = refusal_of(voucher, at=at, total=total, currency=currency, now=timezone.now())
    return Check(voucher, refusal, None if refusal else voucher.offer.worth(total))


def refusal_of(
    voucher: Voucher, *, at: Counter, total: int | None, currency: str, now: datetime
) -> Refusal | None:
    """Why the voucher cannot be used, the plainest reason first; None when it can."""
    return (
        _own_refusal(voucher, now)
        or _refusal_here(voucher.offer, at, now)
        or _refusal_for(voucher.offer, total, currency)
        or limit_reached(voucher.offer, voucher.customer_id)
    )


def _own_refusal(voucher: Voucher, now: datetime) -> Refusal | None:
    if voucher.cancelled_at is not None:
        return Refusal.CANCELLED
    if voucher.used >= voucher.uses_allowed:
        return Refusal.USED
    if voucher.expires_at <= now:
        return Refusal.EXPIRED
    if voucher.valid_from > now:
        return Refusal.NOT_YET
    return Refusal.CUSTOMER_PAUSED if _is_on_hold(voucher) else None


def _is_on_hold(voucher: Voucher) -> bool:
    """An open complaint holds nobody's voucher back; a customer who has died does."""
    customer = voucher.customer
    return customer is not None and customer.pauses.filter(kind=Pause.Kind.DIED).exists()


def _refusal_here(offer: Offer, at: Counter, now: datetime) -> Refusal | None:
    places = set(offer.places.values_list("pk", flat=True))
    if places and (at.place is None or at.place.pk not in places):
        return Refusal.OTHER_PLACE
    if not offer.holds_on(local_day(now, business.the_business().time_zone)):
        return Refusal.OTHER_DAY
    return None


def _refusal_for(offer: Offer, total: int | None, currency: str) -> Refusal | None:
    names_money = offer.gives == Offer.Gives.AMOUNT or offer.min_total
    if currency and currency != offer.currency and names_money:
        return Refusal.OTHER_CURRENCY
    if offer.min_total and total is None:
        return Refusal.NO_TOTAL
    if total is not None and total < offer.min_total:
        return Refusal.MIN_TOTAL
    return None


def limit_reached(offer: Offer, customer_id: int | None) -> Refusal | None:
    """Which limit of uses the offer, or this customer, has reached; None for neither."""
    if offer.limit is not None and offer.redeemed >= offer.limit:
        return Refusal.CAMPAIGN_LIMIT
    if offer.limit_per_customer is None or customer_id is None:
        return None
    has_left = uses_by(customer_id, offer) < offer.limit_per_customer
    return None if has_left else Refusal.CUSTOMER_LIMIT


def why_not(refusal: Refusal, voucher: Voucher | None) -> str:
    """The refusal in words, with the day, place or amount that it is about."""
    detail = "" if voucher is None else _detail(refusal, voucher)
    return f"{refusal.label} {detail}".strip()


def _detail(refusal: Refusal, voucher: Voucher) -> str:
    offer = voucher.offer
    match refusal:
        case Refusal.USED:
            return _last_use(voucher)
        case Refusal.EXPIRED:
            return _("It was good until %(day)s.") % {"day": day_in_words(last_day_of(voucher))}
        case Refusal.NOT_YET:
            return _("It is good from %(day)s.") % {"day": day_in_words(first_day_of(voucher))}
        case Refusal.OTHER_PLACE:
            return _places(offer)
        case Refusal.OTHER_DAY:
            return _weekdays(offer)
        case Refusal.OTHER_CURRENCY:
            return _("It is in %(currency)s.") % {"currency": offer.currency}
        case Refusal.NO_TOTAL | Refusal.MIN_TOTAL:
            return _least(offer)
        case Refusal.CUSTOMER_LIMIT:
            return _per_customer(offer)
        case _:
            return ""


def _last_use(voucher: Voucher) -> str:
    use = uses().filter(voucher=voucher, undone_by=None).order_by("-created_at", "-pk").first()
    if use is None:
        return ""
    where = [str(use.place)] if use.place is not None else []
    with timezone.override(business.the_business().time_zone):
        said = ", ".join([time_in_words(use.created_at), *where])
    return _("Last use: %(when)s.") % {"when": said}


def expiry_of(offer: Offer, now: datetime) -> datetime:
    """The end of the last local day on which a voucher given now is good, as the next day's start.

    The last day is `valid_days` after the day of giving, or the offer's own last day if sooner.
    """
    zone = business.the_business().time_zone
    last = local_day(now, zone) + timedelta(days=offer.valid_days)
    if offer.ends_on is not None:
        last = min(last, offer.ends_on)
    return start_of_day(last + timedelta(days=1), zone)


def is_over(offer: Offer) -> bool:
    """Whether the offer's own last day has passed."""
    today = local_day(timezone.now(), business.the_business().time_zone)
    return offer.ends_on is not None and offer.ends_on < today


def last_day_of(voucher: Voucher) -> date:
    """The last local day that a voucher is good for; it runs out at the midnight after it."""
    return local_day(voucher.expires_at - timedelta(seconds=1), business.the_business().time_zone)


def first_day_of(voucher: Voucher) -> date:
    """The first local day that a voucher is good for."""
    return local_day(voucher.valid_from, business.the_business().time_zone)


def uses_by(customer_id: int, offer: Offer) -> int:
    """How often the customer has used the offer, over all of their vouchers of it."""
    theirs = Voucher.objects.filter(customer_id=customer_id, offer=offer)
    return int(theirs.aggregate(sum=Sum("used"))["sum"] or 0)


def gives_in_words(offer: Offer, language: str = "") -> str:
    """What the offer gives, for a customer: “10% off”, “€5.00 off”, “free: a coffee”."""
    with translation.override(language or translation.get_language() or "en"):
        if offer.gives == Offer.Gives.PERCENT:
            return _("%(percent)s%% off") % {"percent": offer.percent}
        if offer.gives == Offer.Gives.AMOUNT:
            return _("%(amount)s off") % {"amount": format_money(offer.amount, offer.currency)}
        return _("Free: %(item)s") % {"item": offer.item}


def conditions_in_words(offer: Offer, language: str = "") -> list[str]:
    """The offer's conditions for a customer, one sentence each."""
    with translation.override(language or translation.get_language() or "en"):
        said = [_least(offer), _weekdays(offer), _places(offer), _uses(offer), _per_customer(offer)]
        return [one for one in said if one]


def _least(offer: Offer) -> str:
    if not offer.min_total:
        return ""
    least = format_money(offer.min_total, offer.currency)
    return _("For purchases from %(amount)s.") % {"amount": least}


def _weekdays(offer: Offer) -> str:
    if offer.weekdays == ALL_DAYS:
        return ""
    return _("It can be used on: %(days)s.") % {"days": days_in_words(offer.weekdays)}


def _places(offer: Offer) -> str:
    places = [place.name for place in offer.places.order_by("name")]
    return _("At: %(places)s.") % {"places": ", ".join(places)} if places else ""


def _uses(offer: Offer) -> str:
    if offer.uses_per_voucher == 1:
        return ""
    said = ngettext(
        "It can be used %(count)s time.", "It can be used %(count)s times.", offer.uses_per_voucher
    )
    return said % {"count": offer.uses_per_voucher}


def _per_customer(offer: Offer) -> str:
    if offer.limit_per_customer is None:
        return ""
    said = ngettext(
        "At most %(count)s use per customer.",
        "At most %(count)s uses per customer.",
        offer.limit_per_customer,
    )
    return said % {"count": offer.limit_per_customer}


def days_in_words(weekdays: int) -> str:
    """Days of the week (bit 0 for Monday), three and more in a row as a span: Monday–Friday."""
    locale = (translation.get_language() or "en").replace("-", "_")
    names = get_day_names("wide", "stand-alone", locale)
    spans: list[list[int]] = []
    for day in (day for day in range(7) if weekdays >> day & 1):
        if spans and spans[-1][-1] == day - 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    return ", ".join(
        f"{names[days[0]]}–{names[days[-1]]}"
        if len(days) > 2
        else ", ".join(names[day] for day in days)
        for days in spans
    )


def vouchers() -> QuerySet[Voucher]:
    """Every voucher, with its offer."""
    return Voucher.objects.select_related("offer")


def uses() -> QuerySet[Redemption]:
    """Every use of a voucher, whether it was undone since or not."""
    return Redemption.objects.filter(kind=Redemption.Kind.CAPTURE).select_related("voucher")


def offers_in_order() -> QuerySet[Offer]:
    """All offers, those still given first."""
    return Offer.objects.order_by("closed_at", "-created_at")


def offers_for(customer: Customer) -> QuerySet[Offer]:
    """The offers that this customer can be given and use today, by name."""
    today = local_day(timezone.now(), business.the_business().time_zone)
    used_up = (
        customer.vouchers.filter(offer__limit_per_customer__isnull=False)
        .values("offer")
        .annotate(uses=Sum("used"))
        .filter(uses__gte=F("offer__limit_per_customer"))
    )
    return (
        Offer.objects.open()
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .filter(Q(limit=None) | Q(redeemed__lt=F("limit")))
        .exclude(pk__in=used_up.values("offer"))
        .order_by("name")
    )


def vouchers_of(customer: Customer) -> QuerySet[Voucher]:
    """A customer's vouchers, the newest first."""
    return customer.vouchers.select_related("offer").order_by("-created_at")


def redemptions_visible_to(staff: Staff) -> QuerySet[Redemption]:
    """Uses and undoings at the places that `staff` manages, the newest first."""
    everything = Redemption.objects.select_related(
        "voucher__offer", "place", "staff", "approved_by", "device", "token", "undone_by"
    ).order_by("-created_at", "-pk")
    if any(
        role.place_id is None and role.role in {"owner", "manager"} for role in staff.roles_held()
    ):
        return everything
    return everything.filter(place__in=places_where(staff, Permission.MANAGE))


@dataclass(frozen=True)
class Undoing:
    """How often somebody undid uses; `is_unusual` where chance hardly explains it.

    `who` is a member of staff's or a program's name. Compared with all others together: the
    probability of at least so many undoings among as many uses, at the others' rate, is below
    one in a hundred.
    """

    who: str
    uses: int
    undone: int
    is_unusual: bool


MANY_UNDONE = 3
UNUSUAL_BELOW = 0.01


def undoings(staff: Staff, *, since: datetime) -> list[Undoing]:
    """Everybody who used or undid vouchers since then, where `staff` manages; the oddest first."""
    seen = redemptions_visible_to(staff).filter(created_at__gte=since).order_by()
    rows = seen.values_list("staff__name", "staff__email", "token__name", "kind").annotate(
        n=Count("pk")
    )
    uses: dict[str, int] = {}
    undone: dict[str, int] = {}
    for name, email, token, kind, count in rows:
        who = name or email or token or ""
        uses.setdefault(who, 0)
        (uses if kind == Redemption.Kind.CAPTURE else undone).setdefault(who, 0)
        (uses if kind == Redemption.Kind.CAPTURE else undone)[who] += count
    all_uses, all_undone = sum(uses.values()), sum(undone.values())
    found = [
        Undoing(
            who,
            count,
            undone.get(who, 0),
            _is_unusual(
                undone.get(who, 0),
                max(count, undone.get(who, 0)),
                all_undone - undone.get(who, 0),
                all_uses - count,
            ),
        )
        for who, count in uses.items()
    ]
    return sorted(found, key=lambda one: (not one.is_unusual, -one.undone, one.who))


def _is_unusual(undone: int, uses: int, others_undone: int, others_uses: int) -> bool:
    if undone < MANY_UNDONE:
        return False
    rate = (others_undone + 1) / (max(others_uses, others_undone) + 2)  # Laplace's estimate
    fewer = sum(comb(uses, k) * rate**k * (1 - rate) ** (uses - k) for k in range(undone))
    return 1 - fewer < UNUSUAL_BELOW


def redemptions_at(device: Device) -> QuerySet[Redemption]:
    """Uses at this till."""
    return Redemption.objects.filter(device=device, kind=Redemption.Kind.CAPTURE).select_related(
        "voucher__offer", "voucher__customer", "staff", "undone_by"
    )
