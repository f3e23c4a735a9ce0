"""Who the people of a file are: known ones found, new ones told apart. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from regulars.customers.models import ContactPoint, Customer, CustomerKey, ImportBatch

Person = dict[str, str]
OWN_LENGTH = 22  # of a public_id
_AT_ONCE = 500


@dataclass(frozen=True)
class Known:
    """A customer who is there already, and whether this batch made them."""

    pk: int
    is_ours: bool


class Directory:
    """The customers behind a chunk of records, looked up in a few queries."""

    def __init__(self, batch: ImportBatch, people: Iterable[Person]) -> None:
        wanted = list(people)
        self._batch = batch
        self._keys = self._by_key({p["key"] for p in wanted if "key" in p})
        addresses = {p[c] for p in wanted for c in ("email", "phone") if c in p}
        self._addresses = self._by_address(addresses)
        self._keyed = self._with_key_of_source()

    def known(self, person: Person) -> Known | None:
        """The customer that the person is.

        The source's key decides. Without one that is known, an address does, unless its owner has
        another key of this source: then it is somebody else with the same address.
        """
        key = person.get("key", "")
        if key in self._keys:
            return self._keys[key]
        for channel in ("email", "phone"):
            owners = self._addresses.get(person.get(channel, ""), [])
            free = [o for o in owners if not key or o.pk not in self._keyed]
            if len(free) == 1:
                return free[0]
        return None

    def is_unclear(self, person: Person) -> bool:
        """Whether only an address tells who it is, and several customers have it."""
        if person.get("key"):
            return False
        addresses = (person.get(channel, "") for channel in ("email", "phone"))
        return any(len(self._addresses.get(address, [])) > 1 for address in addresses)

    def _by_key(self, values: set[str]) -> dict[str, Known]:
        found: dict[str, Known] = {}
        source = self._batch.source
        for part in _parts(sorted(values)):
            rows = CustomerKey.objects.filter(source=source, value__in=part).values_list(
                "value", "customer_id", "customer__merged_into_id", "customer__batch_id"
            )
            for value, pk, merged_into, batch_id in rows:
                found[value] = Known(merged_into or pk, batch_id == self._batch.pk)
        return self._by_our_own(values - set(found)) | found

    def _by_our_own(self, values: set[str]) -> dict[str, Known]:
        """Those whom our own export names by our own id, since their source has none."""
        found: dict[str, Known] = {}
        for part in _parts(sorted(value for value in values if len(value) == OWN_LENGTH)):
            rows = Customer.objects.in_force().filter(public_id__in=part)
            found |= {
                public_id: Known(pk, False) for public_id, pk in rows.values_list("public_id", "pk")
            }
        return found

    def _by_address(self, addresses: set[str]) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        people = Q(customer__in=Customer.objects.in_force()) | Q(customer__batch_id=self._batch.pk)
        for part in _parts(sorted(addresses)):
            rows = (
                ContactPoint.objects.filter(people, address__in=part)
                .order_by("customer_id")
                .values_list("address", "customer_id", "customer__batch_id")
                .distinct()
            )
            for address, pk, batch_id in rows:
                found.setdefault(address, []).append(Known(pk, batch_id == self._batch.pk))
        return found

    def _with_key_of_source(self) -> set[int]:
        owners = [owner.pk for found in self._addresses.values() for owner in found]
        if not owners:
            return set()
        keyed = CustomerKey.objects.filter(source=self._batch.source, customer_id__in=owners)
        return set(keyed.values_list("customer_id", flat=True))


def mark(person: Person) -> str:
    """What tells a new person of a file from the others: the key, else an address."""
    if "key" in person:
        return f"key:{person['key']}"
    return f"address:{person.get('email') or person.get('phone', '')}"


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
