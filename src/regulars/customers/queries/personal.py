"""Everything that is stored about a person, found by the privacy classes of all models.

Rows are reached by following foreign keys down from the customer, however far, and numbers called
`customer_id`. Rows that nothing links (a suppression, a message to a bare address) are found by
the person's addresses, however they were typed, and so are the rows that these lead to. What was
written to others about the person is found by who is mentioned in it. A new model is covered as
soon as it exists: nothing is listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from regulars.business.queries import the_business
from regulars.core.money import format_money
from regulars.core.privacy import Privacy
from regulars.customers.addresses import is_one_of
from regulars.customers.models import ContactPoint, Customer
from regulars.customers.queries import people

PERSONAL = frozenset(Privacy) - {Privacy.NONE, Privacy.SECRET}
SPEAKING = frozenset({Privacy.IDENTITY, Privacy.CONTACT, Privacy.VOICE, Privacy.SECRET})
_SAID = frozenset({Privacy.VOICE, Privacy.BEHAVIOUR})
_NOTHING: frozenset[Privacy] = frozenset()
# Fields that hold money in minor units.
_AMOUNTS = frozenset({"total", "amount", "value", "spent", "min_total"})
# What stands in these packages is about the business and its staff, who are not customers.
_NOT_OF_CUSTOMERS = frozenset({"business", "accounts"})
_AT_ONCE = 500


@dataclass(frozen=True)
class Rows:
    """The person's rows of one model. `link` is the field by which they were reached, if any.

    `classes` are those of the fields that are handed out.
    """

    model: type[models.Model]
    numbers: tuple[int, ...]
    link: str = ""
    classes: frozenset[Privacy] = PERSONAL


def classified_models() -> list[type[models.Model]]:
    """Every model of this project, each with its `privacy`."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("regulars.") and hasattr(model, "privacy")
    ]


def classes_of(model: type[models.Model]) -> dict[str, Privacy]:
    """The privacy class of each own field of a model."""
    return getattr(model, "privacy", {})


def fields_of(
    model: type[models.Model], classes: Iterable[Privacy]
) -> list[models.Field[Any, Any]]:
    """The model's fields of these classes."""
    wanted = set(classes)
    named = {name for name, its in classes_of(model).items() if its in wanted}
    return [field for field in model._meta.concrete_fields if field.name in named]


def rows_about(customer: Customer) -> list[Rows]:
    """The person's rows, the customer first, then each model after those that lead to it."""
    numbers = tuple(sorted(people.same_person(customer)))
    reached = _led_to([Rows(Customer, numbers)])
    found = _led_to(list(_by_address(addresses_of(numbers), reached)))
    return [*reached, *found, *_spoken_of_in([*reached, *found])]


def _led_to(start: list[Rows]) -> list[Rows]:
    """These rows, and those that foreign keys lead from them to, however far."""
    found: dict[tuple[str, str], set[int]] = {}
    reached, waiting = list(start), list(start)
    while waiting:
        parent = waiting.pop(0)
        for model, link in _links_to(parent.model):
            known = found.setdefault((model._meta.label, link), set())
            new = set(_numbers(model, link, parent.numbers)) - known
            if new:
                known |= new
                waiting.append(Rows(model, tuple(sorted(new)), link))
                reached.append(waiting[-1])
    return reached


def _links_to(target: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    for model in classified_models():
        if model is Customer or model._meta.app_label in _NOT_OF_CUSTOMERS:
            continue
        for field in model._meta.concrete_fields:
            is_number = target is Customer and field.name == "customer_id"
            if field.related_model is target or is_number:
                yield model, field.attname


def _numbers(model: type[models.Model], link: str, parents: tuple[int, ...]) -> Iterator[int]:
    for start in range(0, len(parents), _AT_ONCE):
        part = parents[start : start + _AT_ONCE]
        rows = model._default_manager.filter(**{f"{link}__in": part})
        yield from rows.values_list("pk", flat=True)


def addresses_of(numbers: Iterable[int]) -> list[str]:
    """The addresses that mail or calls go to; not postal ones, which many share."""
    points = ContactPoint.objects.filter(customer__in=list(numbers))
    reachable = points.exclude(channel=ContactPoint.Channel.POST)
    return sorted(set(reachable.values_list("address", flat=True)))


def _by_address(addresses: list[str], reached: list[Rows]) -> Iterator[Rows]:
    """Rows of nobody that hold one of the (normalised) addresses, however it was typed there."""
    if not addresses:
        return
    wanted, country = frozenset(addresses), the_business().country
    known: dict[type[models.Model], set[int]] = {}
    for rows in reached:
        known.setdefault(rows.model, set()).update(rows.numbers)
    for model in classified_models():
        if model is Customer or model._meta.app_label in _NOT_OF_CUSTOMERS:
            continue
        names = [
            field.name
            for field in fields_of(model, {Privacy.CONTACT})
            if isinstance(field, models.CharField | models.TextField)
        ]
        if names:
            new = _holding(_unowned(model), names, wanted, country) - known.get(model, set())
            if new:
                yield Rows(model, tuple(sorted(new)))


def _holding(
    rows: models.QuerySet[Any], names: list[str], wanted: frozenset[str], country: str
) -> set[int]:
    says_something = Q()
    for name in names:
        says_something |= ~Q(**{name: ""})
    values = rows.filter(says_something).values_list("pk", *names)
    return {
        row[0]
        for row in values.iterator(chunk_size=_AT_ONCE)
        if any(value and is_one_of(value, wanted, country=country) for value in row[1:])
    }


def _spoken_of_in(reached: list[Rows]) -> Iterator[Rows]:
    """Rows that speak of the person though they are somebody else's, as a notice to staff is.

    A model that says `speaks_in = "field"` names a person of whom the row behind that field speaks.
    Where that row speaks of others as well, nothing of it is handed out.
    """
    for rows in reached:
        name = getattr(rows.model, "speaks_in", "")
        if not name:
            continue
        target: Any = rows.model._meta.get_field(name).related_model
        naming = rows.model._default_manager
        own = {number for one in reached if one.model is target for number in one.numbers}
        named = naming.filter(pk__in=rows.numbers).values_list(f"{name}_id", flat=True)
        spoken = set(named) - own
        others = naming.filter(**{f"{name}__in": spoken}).exclude(pk__in=rows.numbers)
        shared = set(others.values_list(f"{name}_id", flat=True))
        for numbers, classes in ((spoken - shared, _SAID), (shared, _NOTHING)):
            if numbers:
                yield Rows(target, tuple(sorted(numbers)), classes=classes)


def _unowned(model: type[models.Model]) -> models.QuerySet[Any]:
    """Rows of the model that belong to no customer: another customer's are theirs."""
    rows = model._default_manager.all()
    owners = [
        field.name for field in model._meta.concrete_fields if field.related_model is Customer
    ]
    for name in owners:
        rows = rows.filter(**{f"{name}__isnull": True})
    return rows


# --- What is handed out ------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """The person's rows of one model, readable: names of the fields and the rows' values."""

    label: str
    title: str
    fields: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def everything_about(customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """Every personal value, by model, with what explains it; can be written as JSON.

    Amounts are in minor units, as the API has them.
    """
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for rows in rows_about(customer):
        names = [field.name for field in fields_of(rows.model, rows.classes)]
        if not names:
            continue
        names += explained_by(rows.model)
        records = found.setdefault(rows.model._meta.label, {})
        stored = rows.model._default_manager.filter(pk__in=rows.numbers)
        for row in stored.select_related(*_relations(rows.model, names)).order_by("pk"):
            records[row.pk] = _record(row, names)
    return {label: list(records.values()) for label, records in found.items()}


def explained_by(model: type[models.Model]) -> tuple[str, ...]:
    """What else of a row a person needs to understand it, such as the currency of an amount.

    A model says so in `explained_by`: fields, also behind a foreign key ("offer__name").
    """
    return getattr(model, "explained_by", ())


def _relations(model: type[models.Model], names: list[str]) -> set[str]:
    firsts = {name.partition("__")[0] for name in names}
    fields = model._meta.concrete_fields
    return {field.name for field in fields if field.is_relation and field.name in firsts}


def _record(row: models.Model, names: list[str]) -> dict[str, Any]:
    record = {name: _plain(_value(row, name)) for name in names}
    created = getattr(row, "created_at", None)
    return record if created is None else {"created_at": created.isoformat(), **record}


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = None if row is None else getattr(row, part)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def sections_about(customer: Customer) -> list[Section]:
    """The same, as tables that a person can read; empty columns left out."""
    sections = []
    for label, records in everything_about(customer).items():
        all_names = dict.fromkeys(name for one in records for name in one)
        names = [
            name
            for name in all_names
            if any(one.get(name) not in ("", None, {}, []) for one in records)
        ]
        model = apps.get_model(label)
        titles = [_title(model, name) for name in names]
        rows = [tuple(_in_words(model, name, one) for name in names) for one in records]
        title = str(model._meta.verbose_name_plural)
        sections.append(Section(label, title, tuple(titles), tuple(rows)))
    return sections


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    first, _, rest = name.partition("__")
    field: Any = model._meta.get_field(first)
    return _field(field.related_model, rest) if rest else field


def _title(model: type[models.Model], name: str) -> str:
    own = str(_field(model, name).verbose_name)
    first, _, rest = name.partition("__")
    return f"{_field(model, first).verbose_name}: {own}" if rest else own


def _in_words(model: type[models.Model], name: str, record: dict[str, Any]) -> str:
    """A value as a person reads it: the word of a choice, an amount with its currency."""
    value = record.get(name)
    if name.rpartition("__")[2] in _AMOUNTS and isinstance(value, int):
        currency = next((one for key, one in record.items() if key.endswith("currency")), "")
        return format_money(value, currency or the_business().currency)
    choices = dict(_field(model, name).flatchoices)
    return str(choices[value]) if isinstance(value, str) and value in choices else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return "" if value is None else str(value)
