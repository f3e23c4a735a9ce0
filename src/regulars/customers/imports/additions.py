"""What the rows of a file add to what is known of a person, be it a new one or a known one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from regulars.core import keys
from regulars.customers.imports.people import Person
from regulars.customers.models import Consent, ContactPoint, Customer, CustomerKey

Owner = int | str  # a customer's row number, or the public_id of one who is about to be made


@dataclass(slots=True)
class Newcomer:
    """A person who is about to be made, as the rows read so far tell; `words` are found by."""

    public_id: str
    home_place_id: int | None
    told: Person
    given_name: str = ""
    family_name: str = ""
    company: str = ""
    language: str = ""
    note: str = ""
    birth_year: int | None = None
    birth_month: int | None = None
    birth_day: int | None = None
    words: list[str] = field(default_factory=list)

    COLUMNS = (
        *("public_id", "kind", "given_name", "family_name", "company", "language"),
        *("birth_year", "birth_month", "birth_day", "note", "home_place_id"),
        *("search_key", "sort_key"),
    )

    def row(self) -> tuple[Any, ...]:
        """The values of `COLUMNS`."""
        given, family, company = self.given_name, self.family_name, self.company
        both = (f"{given} {family}", f"{family} {given}") if given and family else ()
        kind = kind_of(self)
        is_company = kind == Customer.Kind.COMPANY
        name = company if is_company else f"{family} {given}".strip() or company
        return (
            *(self.public_id, kind, given, family, company, self.language),
            *(self.birth_year, self.birth_month, self.birth_day, self.note, self.home_place_id),
            keys.search_key(*filter(None, (given, family, company, *both, *self.words))),
            keys.sort_key(name)[:260],
        )


@dataclass
class About:
    """What is known of customers: addresses, the source's numbers, the newest statements."""

    points: set[tuple[Owner, str, str]] = field(default_factory=set)
    reached: set[tuple[Owner, str]] = field(default_factory=set)
    keys: set[tuple[Owner, str]] = field(default_factory=set)
    said: dict[tuple[Owner, str, str], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, owners: Sequence[int], *, source: str) -> About:
        """Look up what is known of these customers."""
        if not owners:
            return cls()
        points = ContactPoint.objects.filter(customer_id__in=owners)
        numbers = CustomerKey.objects.filter(customer_id__in=owners, source=source)
        said = Consent.objects.filter(customer_id__in=owners).order_by("happened_at", "pk")
        about = cls(
            keys=set(numbers.values_list("customer_id", "value")),
            said={
                (owner, channel, purpose): given
                for owner, channel, purpose, given in said.values_list(
                    "customer_id", "channel", "purpose", "given"
                )
            },
        )
        for owner, channel, address in points.values_list("customer_id", "channel", "address"):
            about.add_point(owner, channel, address)
        return about

    def add_point(self, owner: Owner, channel: str, address: str) -> bool:
        """Note an address; whether it is the owner's first one on the channel."""
        is_first = (owner, channel) not in self.reached
        self.reached.add((owner, channel))
        self.points.add((owner, channel, address))
        return is_first


def is_news(*, given: bool, newest: bool | None) -> bool:
    """Whether a statement changes what stands: `newest` is what was said last, None for nothing.

    A “no” counts unless it stands already; a “yes” only where nothing was ever said.
    """
    return newest is None or (newest and not given)


def kind_of(person: Newcomer | Customer) -> str:
    """A person, or a company where only its name is known."""
    is_company = bool(person.company and not (person.given_name or person.family_name))
    return (Customer.Kind.COMPANY if is_company else Customer.Kind.PERSON).value


def missing_fields(
    customer: Newcomer | Customer, person: Person, record: dict[str, Any]
) -> dict[str, Any]:
    """The fields that the record knows and the customer's row does not."""
    told = {
        "given_name": person.get("given", ""),
        "family_name": person.get("family", ""),
        "company": person.get("company", ""),
        "language": record.get("language", ""),
        "note": record.get("note", ""),
    }
    fields: dict[str, Any] = {n: v for n, v in told.items() if v and not getattr(customer, n)}
    if record.get("birthday") and customer.birth_month is None:
        year, month, day = record["birthday"]
        fields |= {"birth_year": year, "birth_month": month, "birth_day": day}
    return fields
