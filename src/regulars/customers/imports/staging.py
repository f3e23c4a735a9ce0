"""Writes checked records in short transactions. Nobody sees them until the batch is applied.

Each transaction moves the batch's checkpoint by a conditional UPDATE, so a killed worker's
successor goes on exactly where the last commit was, and two workers never write the same chunk.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from regulars.business.models import Place
from regulars.core import keys
from regulars.core.faults import crash_point
from regulars.core.ids import new_token
from regulars.customers.addresses import shown_phone
from regulars.customers.imports import consent, files, people
from regulars.customers.imports.additions import (
    About,
    Newcomer,
    Owner,
    is_news,
    kind_of,
    missing_fields,
)
from regulars.customers.imports.bulk import Rows
from regulars.customers.imports.columns import Kind, Reading
from regulars.customers.imports.consent import Provenance
from regulars.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerKey,
    ImportBatch,
    ImportChange,
    Item,
    Purchase,
    PurchaseLine,
)

Record = dict[str, Any]
Addition = tuple[str, dict[str, Any], dict[str, Any]]  # kind of change, before, after
State = ImportBatch.State
Change = ImportChange.Kind

FEWEST, MOST = 250, 8_000  # rows in one transaction
SHORT, LONG = 0.06, 0.12  # seconds that one may take before the next gets fewer rows
REST = 0.004
_ATTEMPTS = 5
POINT = ("channel", "address", "shown_as")
CONSENT = ("channel", "purpose", "basis", "given", "wording", "evidence")


class TakenOverError(Exception):
    """Another worker has moved the checkpoint, or the batch is not being loaded any more."""


@dataclass
class Prepared:
    """The rows of one chunk, ready to be written, and what they count."""

    people: dict[Owner, Newcomer | Customer] = field(default_factory=dict)  # new in this batch
    owners: dict[str, Owner] = field(default_factory=dict)  # by `people.mark`
    about: About = field(default_factory=About)
    completed: dict[int, dict[str, Any]] = field(default_factory=dict)
    points: list[tuple[Any, ...]] = field(default_factory=list)  # (owner, …), as in `_owner`
    keys: list[tuple[Any, ...]] = field(default_factory=list)
    consents: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    purchases: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[str, list[Any]]] = field(default_factory=list)
    refund_of: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, more: int = 1) -> None:
        """Add to a count."""
        self.counts[name] = self.counts.get(name, 0) + more

    @property
    def newcomers(self) -> list[Newcomer]:
        """Those who are made with this chunk."""
        return [person for person in self.people.values() if isinstance(person, Newcomer)]


class Stager:
    """Loads the records of a batch from its checkpoint on."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.reading = Reading.from_json(batch.mapping)
        self.provenance = Provenance.from_json(batch.provenance)
        self._places = {keys.fold(p.name): p.pk for p in Place.objects.all()}
        self._items: dict[str, int] = {}
        self._pace = Pace()
        self._prepare = (
            self._prepare_customers if batch.kind == Kind.CUSTOMERS else self._prepare_purchases
        )

    def run(self, *, seen: Callable[[int], None] = lambda done: None) -> None:
        """Write everything that is not written yet. Raises TakenOverError."""
        remaining = files.records(self.batch, start=self.batch.checkpoint)
        for chunk in chunks(remaining, self._pace):
            self._write(chunk)
            seen(self.batch.checkpoint)
            crash_point("imports.chunk")
            time.sleep(REST)  # others who wait for SQLite's one writer come in between

    def forecast(self) -> dict[str, int]:
        """What `run` would count, without writing anything."""
        counts: dict[str, int] = {}
        marks: set[str] = set()
        for chunk in chunks(files.records(self.batch), Pace()):
            prepared = self._prepare(chunk)
            again = marks & set(prepared.owners)
            marks |= set(prepared.owners)
            if again:
                prepared.count("customers", -len(again))
                if self.batch.kind == Kind.CUSTOMERS:
                    prepared.count("known", len(again))
            for name, more in prepared.counts.items():
                counts[name] = counts.get(name, 0) + more
        return counts

    def _write(self, chunk: Sequence[Record]) -> None:
        for attempt in range(_ATTEMPTS):
            prepared = self._prepare(chunk)
            self._know_items(prepared)
            try:
                with transaction.atomic(), self._pace:
                    moved = self._advance(len(chunk), prepared.counts)
                    crash_point("imports.advanced")
                    self._insert(prepared)
                    crash_point("imports.before_commit")
            except IntegrityError:  # somebody added the same number meanwhile: look again
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            self.batch.checkpoint, self.batch.counts = moved
            return

    def _advance(self, step: int, counted: Mapping[str, int]) -> tuple[int, dict[str, Any]]:
        """Move the checkpoint, if nobody else has; where it is then, and the counts."""
        batch = self.batch
        counts = dict(batch.counts)
        staged = dict(counts.get("staged", {}))
        for name, more in counted.items():
            staged[name] = staged.get(name, 0) + more
        counts["staged"] = staged
        following = batch.checkpoint + step
        moved = ImportBatch.objects.filter(
            pk=batch.pk, state=State.STAGING, checkpoint=batch.checkpoint
        ).update(checkpoint=following, counts=counts)
        if not moved:
            raise TakenOverError
        return following, counts

    # --- Purchases -----------------------------------------------------------------------------

    def _prepare_purchases(self, chunk: Sequence[Record]) -> Prepared:
        prepared = Prepared()
        source = self.batch.source
        documents = {record["doc"] for record in chunk}
        known = set(
            Purchase.objects.filter(source=source, document__in=documents).values_list(
                "document", flat=True
            )
        )
        fresh = {r["doc"]: r for r in chunk if r["doc"] not in known}
        prepared.count("known", len(chunk) - len(fresh))
        directory = people.Directory(self.batch, [r["who"] for r in fresh.values() if r["who"]])
        self._recall(prepared, directory, fresh.values())
        for document, record in fresh.items():
            owner = self._buyer(prepared, directory, record)
            public_id = new_token()
            place, at = self._place(record), _moment(record["at"])
            money = (record["total"], record["cur"], record.get("by", ""))
            prepared.purchases.append((owner, public_id, document, place, at, *money))
            lines = record.get("lines", ())
            prepared.lines += [(public_id, [n, *line]) for n, line in enumerate(lines, 1)]
            if "refund_of" in record:
                prepared.refund_of[public_id] = record["refund_of"]
        prepared.count("purchases", len(fresh))
        return prepared

    def _place(self, record: Record) -> int | None:
        return self._places.get(keys.fold(record["place"])) if "place" in record else None

    def _buyer(
        self, prepared: Prepared, directory: people.Directory, record: Record
    ) -> int | str | None:
        """The customer's row number, the public_id of one who is about to be made, or None."""
        person = record["who"]
        if not person:
            return None
        known = directory.known(person)
        if known is not None:
            if known.pk in prepared.people:
                self._tell(prepared, known.pk, record)
            return known.pk
        if directory.is_unclear(person):
            return None
        return self._new_customer(prepared, record)

    def _recall(
        self, prepared: Prepared, directory: people.Directory, records: Iterable[Record]
    ) -> None:
        """Take up again those whom an earlier chunk has made and of whom rows tell more."""
        telling = [r["who"] for r in records if r["who"] and len(r["who"]) > 1]
        ours = {k.pk for who in telling if (k := directory.known(who)) is not None and k.is_ours}
        if ours:
            prepared.people |= Customer.objects.in_bulk(ours)
            prepared.about = About.of(list(ours), source=self.batch.source)

    # --- Customers -----------------------------------------------------------------------------

    def _prepare_customers(self, chunk: Sequence[Record]) -> Prepared:
        prepared = Prepared()
        directory = people.Directory(self.batch, [record["who"] for record in chunk])
        known = {id(r): owner for r in chunk if (owner := directory.known(r["who"]))}
        numbers = [owner.pk for owner in known.values()]
        there = Customer.objects.in_bulk(numbers)
        prepared.people |= {o.pk: there[o.pk] for o in known.values() if o.is_ours}
        prepared.about = About.of(numbers, source=self.batch.source)
        for record in chunk:
            owner = known.get(id(record))
            if owner is None and directory.is_unclear(record["who"]):
                prepared.count("unclear")
            elif owner is None:
                before = prepared.counts.get("customers", 0)
                self._new_customer(prepared, record)
                prepared.count("known", 1 - (prepared.counts.get("customers", 0) - before))
            elif owner.is_ours:
                self._tell(prepared, owner.pk, record)
                prepared.count("known")
            elif self._change(prepared, there[owner.pk], record):
                prepared.count("changed")
            else:
                prepared.count("known")
        return prepared

    def _new_customer(self, prepared: Prepared, record: Record) -> Owner:
        """Who the record's new person is: several rows may tell of the same one."""
        person = record["who"]
        mark = people.mark(person)
        owner = prepared.owners.get(mark)
        if owner is None:
            owner = prepared.owners[mark] = new_token()
            prepared.people[owner] = Newcomer(owner, self._place(record), person)
            prepared.count("customers")
            self._tell(prepared, owner, record)
        elif self.batch.kind == Kind.CUSTOMERS or not _repeats(prepared.people[owner], person):
            self._tell(prepared, owner, record)
        return owner

    def _tell(self, prepared: Prepared, owner: Owner, record: Record) -> None:
        """Add what the record tells to a person whom this batch makes."""
        person = prepared.people[owner]
        for kind, _before, after in self._additions(prepared.about, owner, person, record):
            if kind == Change.ADDRESS:
                prepared.points.append((owner, *after.values()))
                words = [after["address"], after["shown_as"]]
            elif kind == Change.KEY:
                prepared.keys.append((owner, after["value"]))
                prepared.owners.setdefault(f"key:{after['value']}", owner)
                words = [after["value"]]
            elif kind == Change.CONSENT:
                prepared.consents.append((owner, *after.values()))
                continue
            else:
                words = []
            if isinstance(person, Newcomer):
                person.words += words
            else:
                fields = prepared.completed.setdefault(person.pk, {})
                fields |= after if kind == Change.FIELDS else {}

    def _said(self, record: Record) -> list[consent.Stated]:
        has_column = "agreed" in self.reading.columns
        return consent.stated(record, self.provenance, has_column=has_column)

    def _consent(self, said: consent.Stated, record: Record) -> tuple[Any, ...]:
        evidence = consent.evidence(self.batch.file_name, record["n"])
        if not said.given:
            return (said.channel, said.purpose, Consent.Basis.WITHDRAWN.value, False, "", evidence)
        basis = str(self.provenance.basis)
        return (said.channel, said.purpose, basis, True, self.provenance.wording, evidence)

    # --- What is known already -----------------------------------------------------------------

    def _change(self, prepared: Prepared, customer: Customer, record: Record) -> bool:
        """Plan what the record adds to a known customer; whether it adds anything."""
        planned = self._additions(prepared.about, customer.pk, customer, record)
        for kind, before, after in planned:
            after.pop("is_preferred", None)  # decided when the change is made
            prepared.changes.append((kind, customer.pk, before, after))
        return bool(planned)

    def _additions(
        self, about: About, owner: Owner, customer: Newcomer | Customer, record: Record
    ) -> list[Addition]:
        """What the record adds to what is known of its owner; notes it as known from now on."""
        person = record["who"]
        found: list[Addition] = []
        fields = missing_fields(customer, person, record)
        if fields:
            found.append((Change.FIELDS, {n: getattr(customer, n) for n in fields}, fields))
            for name, value in fields.items():
                setattr(customer, name, value)
        for channel in ("email", "phone"):
            address = person.get(channel)
            if address and (owner, channel, address) not in about.points:
                is_first = about.add_point(owner, channel, address)
                point = dict(zip(POINT, _point(channel, address), strict=True))
                found.append((Change.ADDRESS, {}, {**point, "is_preferred": is_first}))
        key = person.get("key", customer.public_id)
        if key != customer.public_id and (owner, key) not in about.keys:
            found.append((Change.KEY, {}, {"value": key}))
            about.keys.add((owner, key))
        for said in self._said(record):
            subject = (owner, said.channel, said.purpose)
            if is_news(given=said.given, newest=about.said.get(subject)):
                after = dict(zip(CONSENT, self._consent(said, record), strict=True))
                found.append((Change.CONSENT, {}, after))
                about.said[subject] = said.given
        return found

    def _know_items(self, prepared: Prepared) -> None:
        wanted: dict[str, tuple[str, str]] = {}
        for _purchase, (_number, code, name, category, _quantity, _amount) in prepared.lines:
            wanted.setdefault(item_code(code, name), (name, category))
        unknown = [code for code in wanted if code not in self._items]
        self._items |= self._found_items(unknown)
        fresh = [code for code in unknown if code not in self._items]
        if not fresh:
            return
        rows = Rows(Item, "code", "name", "category", "search_key", source=self.batch.source)
        for code in fresh:
            name, category = wanted[code]
            rows.extend([(code, name, category, keys.search_key(name, code, category))])
        with transaction.atomic():
            rows.insert()
            self._items |= self._found_items(fresh)
            noted = Rows(
                ImportChange,
                "made_id",
                batch_id=self.batch.pk,
                kind=Change.ITEM.value,
                is_done=True,
            )
            noted.extend((self._items[code],) for code in fresh)
            noted.insert()

    def _found_items(self, codes: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(codes), 500):
            rows = Item.objects.filter(
                source=self.batch.source, code__in=codes[start : start + 500]
            )
            found |= dict(rows.values_list("code", "pk"))
        return found

    # --- Writing -------------------------------------------------------------------------------

    def _insert(self, prepared: Prepared) -> None:
        made = self._insert_customers(prepared)

        def owned(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
            return ((made.get(owner, owner), *rest) for owner, *rest in rows)

        source, batch = self.batch.source, self.batch.pk
        points = ("customer_id", *POINT, "is_preferred")
        _insert(ContactPoint, points, owned(prepared.points))
        _insert(CustomerKey, ("customer_id", "value"), owned(prepared.keys), source=source)
        now, given = timezone.now(), CONSENT.index("given") + 1
        said = (
            (*row, self.provenance.counts_from(given=row[given], now=now))
            for row in owned(prepared.consents)
        )
        names = ("customer_id", *CONSENT, "happened_at")
        _insert(Consent, names, said, recorded_by_id=self.batch.made_by_id)
        _complete(prepared)
        changes = ("kind", "customer_id", "before", "after")
        _insert(ImportChange, changes, prepared.changes, batch_id=batch)
        sales = ("customer_id", "public_id", "document", "place_id", "purchased_at", "total")
        sold = {"source": source, "is_history": True, "batch_id": batch}
        _insert(Purchase, (*sales, "currency", "served_by"), owned(prepared.purchases), **sold)
        if prepared.lines or prepared.refund_of:
            self._insert_lines(prepared)

    def _insert_customers(self, prepared: Prepared) -> dict[int | str | None, int]:
        newcomers = prepared.newcomers
        if not newcomers:
            return {}
        rows = (one.row() for one in newcomers)
        _insert(Customer, Newcomer.COLUMNS, rows, source="import", batch_id=self.batch.pk)
        made = Customer.objects.filter(public_id__in=[one.public_id for one in newcomers])
        return {public_id: pk for public_id, pk in made.values_list("public_id", "pk")}  # noqa: C416

    def _insert_lines(self, prepared: Prepared) -> None:
        ids = [row[1] for row in prepared.purchases]
        made = dict(Purchase.objects.filter(public_id__in=ids).values_list("public_id", "pk"))
        rows = (
            (made[purchase], number, self._items[item_code(code, name)], quantity, amount)
            for purchase, (number, code, name, _category, quantity, amount) in prepared.lines
        )
        names = ("purchase_id", "number", "item_id", "quantity", "amount")
        _insert(PurchaseLine, names, rows)
        originals = dict(
            Purchase.objects.filter(
                source=self.batch.source, document__in=set(prepared.refund_of.values())
            ).values_list("document", "pk")
        )
        for public_id, document in prepared.refund_of.items():
            if document in originals:
                Purchase.objects.filter(pk=made[public_id]).update(refund_of=originals[document])


def item_code(code: str, name: str) -> str:
    """By which a source knows an item; its name where it has no code."""
    return code or f"name:{keys.fold(name)[:110]}"


class Pace:
    """How many rows go into one transaction, so that it stays short on this very machine.

    Others who write wait for at most one transaction; the aim is a quarter of a second at most.
    """

    def __init__(self) -> None:
        self.rows = 4 * FEWEST
        self.longest = 0.0
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *failure: object) -> None:
        took = time.monotonic() - self._began
        self.longest = max(self.longest, took)
        if took > LONG:
            self.rows = max(FEWEST, self.rows // 2)
        elif took < SHORT:
            self.rows = min(MOST, self.rows * 3 // 2)


def chunks(records: Iterator[Record], pace: Pace) -> Iterator[list[Record]]:
    """Records in chunks of about as many rows as one short transaction writes."""
    chunk: list[Record] = []
    weight = 0
    for record in records:
        chunk.append(record)
        weight += 2 + len(record.get("lines", ()))
        if weight >= pace.rows:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _insert(model: Any, names: Sequence[str], rows: Any, **constants: Any) -> None:
    prepared = Rows(model, *names, **constants)
    prepared.extend(rows)
    prepared.insert()


@lru_cache(maxsize=65_536)
def _moment(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written)


def _point(channel: str, address: str) -> tuple[str, str, str]:
    return channel, address, shown_phone(address) if channel == "phone" else address


def _repeats(known: Newcomer | Customer, person: people.Person) -> bool:
    """Whether a purchase tells nothing about its new customer but what an earlier one told."""
    return isinstance(known, Newcomer) and known.told == person


def _complete(prepared: Prepared) -> None:
    """Write what rows tell of people whom an earlier chunk has made."""
    from regulars.customers.actions.people import refresh_keys

    for pk, fields in prepared.completed.items():
        customer = prepared.people[pk]
        if isinstance(customer, Customer):
            Customer.objects.filter(pk=pk).update(**fields, kind=kind_of(customer))
            refresh_keys(customer)
