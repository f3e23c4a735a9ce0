"""Who may be seen, found and filtered, and which record stands for a person."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.core import finding, keys
from regulars.core.access import Permission
from regulars.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerKey,
    Pause,
    Purchase,
    Standing,
)


def customers() -> QuerySet[Customer]:
    """Every record that stands for a person today: not merged, erased or about to be loaded."""
    return Customer.objects.in_force()


def not_erased() -> QuerySet[Customer]:
    """Every record that was not erased, merged ones too."""
    return Customer.objects.filter(erased_at=None)


def record(public_id: str) -> Customer | None:
    """The person of a record, also where that was merged into another one since."""
    found = Customer.objects.select_related("merged_into").filter(public_id=public_id).first()
    return survivor(found) if found else None


def customers_visible_to(staff: Staff) -> QuerySet[Customer]:
    """Everybody, for whoever may look: customers are the business's, not a place's."""
    return customers() if staff.may(Permission.SEE) else Customer.objects.none()


def records_visible_to(staff: Staff) -> QuerySet[Customer]:
    """The same with merged and erased records, whose pages lead on or say that they are gone."""
    return Customer.objects.all() if staff.may(Permission.SEE) else Customer.objects.none()


def for_list(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """With what a row of the list shows, in a fixed number of queries."""
    return rows.select_related("standing", "home_place").prefetch_related("contact_points")


def matching(rows: QuerySet[Customer], words: str) -> QuerySet[Customer]:
    """Those whose names, addresses or keys hold every word, in any of the scripts."""
    spellings = [{keys.fold(word), keys.latin(word)} - {""} for word in keys.search_words(words)]
    return finding.containing(rows, [one for one in spellings if one])


def of_kind(rows: QuerySet[Customer], kind: str) -> QuerySet[Customer]:
    """Those of a kind, by what is kept for today.

    Few are looked up; of many, the first page is found sooner by looking at everybody in order.
    """
    those = Standing.objects.filter(segment=kind)
    few = list(those.values_list("customer_id", flat=True)[: finding.FEW + 1])
    if len(few) <= finding.FEW:
        return rows.filter(pk__in=finding.numbers(few))
    return rows.filter(Exists(those.filter(customer=OuterRef("pk"))))


def with_consent_to(rows: QuerySet[Customer], purpose: str) -> QuerySet[Customer]:
    """Those whose newest record on some channel is a confirmed yes to `purpose`."""
    newer = Consent.objects.filter(
        Q(happened_at__gt=OuterRef("happened_at"))
        | Q(happened_at=OuterRef("happened_at"), pk__gt=OuterRef("pk")),
        customer=OuterRef("customer"),
        channel=OuterRef("channel"),
        purpose=purpose,
    )
    valid = Consent.objects.filter(
        ~Exists(newer), customer=OuterRef("pk"), purpose=purpose, given=True, confirmed=True
    )
    return rows.filter(Exists(valid))


def with_address(rows: QuerySet[Customer], channel: str) -> QuerySet[Customer]:
    """Those with an address on the channel; `none` for those without any.

    Few without any are looked up at once; of many, the first page is found sooner in order.
    """
    points = ContactPoint.objects.filter(customer=OuterRef("pk"))
    if channel == "none":
        reached = ContactPoint.objects.values_list("customer_id", flat=True)
        none = customers().order_by().values_list("pk", flat=True).difference(reached)
        few = list(none[: finding.FEW + 1])
        if len(few) <= finding.FEW:
            return rows.filter(pk__in=finding.numbers(few))
        return rows.filter(~Exists(points))
    return rows.filter(Exists(points.filter(channel=channel)))


def seen_at(rows: QuerySet[Customer], place: str) -> QuerySet[Customer]:
    """Those who bought at the place (by public id) or call it theirs."""
    bought = Purchase.objects.in_force().filter(customer=OuterRef("pk"), place__public_id=place)
    return rows.filter(Q(home_place__public_id=place) | Exists(bought))


def survivor(customer: Customer) -> Customer:
    """The record that `customer` was merged into, or itself."""
    seen = {customer.pk}
    while customer.merged_into is not None and customer.merged_into_id not in seen:
        customer = customer.merged_into
        seen.add(customer.pk)
    return customer


def same_person(customer: Customer) -> list[int]:
    """The row numbers of the survivor and of every record merged into it, however indirectly."""
    found = [survivor(customer).pk]
    frontier = list(found)
    while frontier:
        frontier = list(
            Customer.objects.filter(merged_into__in=frontier)
            .exclude(pk__in=found)
            .values_list("pk", flat=True)
        )
        found += frontier
    return found


def owners_of(channel: str, address: str) -> QuerySet[Customer]:
    """Whoever has this normalised address, the earliest first."""
    known = ContactPoint.objects.filter(channel=channel, address=address)
    return customers().filter(pk__in=known.values("customer")).order_by("pk")


def newest_consents(customer: Customer) -> list[Consent]:
    """The record that counts for each channel and purpose."""
    newest: dict[tuple[str, str], Consent] = {}
    records = Consent.objects.filter(customer=customer).select_related("recorded_by")
    for record in records.order_by("happened_at", "pk"):
        newest[record.channel, record.purpose] = record
    return sorted(newest.values(), key=lambda one: (one.channel, one.purpose))


def all_consents(customer: Customer) -> QuerySet[Consent]:
    """Every record, the newest first."""
    records = Consent.objects.filter(customer=customer).select_related("recorded_by")
    return records.order_by("-happened_at", "-pk")


def pauses_that_staff_may_end(customer: Customer) -> QuerySet[Pause]:
    """All but the one for an open complaint, which ends with the complaint."""
    return Pause.objects.filter(customer=customer).exclude(kind=Pause.Kind.OPEN_COMPLAINT)


def known_by(source: str, value: str) -> Customer | None:
    """Whom a till or shop knows by this number; the survivor where records were merged."""
    keys_of = CustomerKey.objects.filter(source=source, value=value)
    key = keys_of.select_related("customer__merged_into").first()
    return survivor(key.customer) if key else None


def pauses_in_force(customer: Customer) -> list[Pause]:
    """The reasons not to write to the customer now."""
    now = timezone.now()
    return [
        pause
        for pause in Pause.objects.filter(customer=customer, since__lte=now).order_by("since", "pk")
        if pause.until is None or pause.until > now
    ]


def buyers_above(customer: Customer) -> set[int]:
    """The customer, who pays for them, who pays for that one, and so on, by row number."""
    found: set[int] = set()
    number: int | None = customer.pk
    while number is not None and number not in found:
        found.add(number)
        number = Customer.objects.values_list("buyer_id", flat=True).get(pk=number)
    return found
