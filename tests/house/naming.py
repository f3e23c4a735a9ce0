"""Every field of a form that may name a row, and a row of others that it must not take.

`names_that_may_name` finds them in the code: choices among rows, choices that are known only when
the form is made, hidden fields, and whatever a view reads from the request by itself. Each needs
an entry in `NAMES_A_ROW` (with rows of others) or in `NAMES_NONE` (with what it holds).
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.db.models import Model

import regulars
from regulars.accounts.actions import staff as staff_actions
from regulars.accounts.models import Role, Staff, StaffRole
from regulars.business.models import Department, Place, Touchpoint
from regulars.core.ids import new_token
from regulars.customers.actions import erasing, merging, people
from regulars.customers.models import Customer
from regulars.feedback.actions import receiving
from regulars.feedback.models import Source
from regulars.rewards.actions import offers
from tests.house.examples import World

PACKAGES = Path(regulars.__file__).parent


@dataclass(frozen=True)
class Named:
    """A row, the text by which a form would name it, and whether it is still in use."""

    row: Model
    text: str
    is_gone: bool = False


def by_public_id(row: Any, *, is_gone: bool = False) -> Named:
    """As nearly all rows are named."""
    return Named(row, row.public_id, is_gone)


# --- Rows of others ----------------------------------------------------------------------------


def places(world: World) -> list[Named]:
    """The place where the cast is nobody, and one that was closed."""
    closed = Place.objects.create(name="Closed", is_active=False)
    return [by_public_id(world.other_place), by_public_id(closed, is_gone=True)]


def colleagues(world: World) -> list[Named]:
    """Somebody of the other place, and somebody who was shut out of one's own."""
    otto = Staff.objects.create_user("otto@example.com", "a long password", name="Otto Elsewhere")
    StaffRole.objects.create(staff=otto, role=Role.MANAGER, place=world.other_place)
    gone = Staff.objects.create_user("gina@example.com", "a long password", name="Gina Gone")
    StaffRole.objects.create(staff=gone, role=Role.MANAGER, place=world.place)
    staff_actions.deactivate(gone, by=world.owner)
    return [by_public_id(otto), by_public_id(gone, is_gone=True)]


def customers(world: World) -> list[Named]:
    """Somebody who was erased, and a record that became part of another."""
    erased, merged, survivor = (_customer() for _ in range(3))
    erasing.erase(erased, by=world.owner)
    merging.merge(survivor, merged, by=world.owner)
    return [by_public_id(erased, is_gone=True), by_public_id(merged, is_gone=True)]


def _customer() -> Customer:
    return people.add_customer(
        way="staff", by=None, given_name="Anna", family_name="Kovács", language="hu", addresses=[]
    )


def closed_offers(world: World) -> list[Named]:
    """An offer that may not be given any more."""
    offer = offers.make_offer(by=world.owner, name="Old", gives="amount", amount=500)
    offers.close_offer(offer, by=world.owner)
    return [by_public_id(offer, is_gone=True)]


def submissions(world: World) -> list[Named]:
    """What was said at the other place, by the key under which it was sent."""
    said = receiving.Said(
        source=Source.COUNTER,
        text="Words from elsewhere",
        kind="praise",
        place=world.other_place,
        typed_by=world.owner,
        submission_id=new_token(),
    )
    return [Named(receiving.receive(said)[0], said.submission_id)]


def none_of_others(world: World) -> list[Named]:
    """Rows that belong to the whole business and are deleted when they go."""
    return []


NAMES_A_ROW: dict[str, Callable[[World], list[Named]]] = {
    "place": places,
    "places": places,
    "home_place": places,
    "person": colleagues,
    "manager": colleagues,
    "customer": customers,
    "buyer": customers,
    "keep": customers,
    "offer": closed_offers,
    "submission_id": submissions,
    "teams": none_of_others,
    "department": none_of_others,
    "touchpoint": none_of_others,
}
NAMES_NONE: dict[str, str] = {
    "again": "a tick: thank them although they were thanked lately",
    "confirmed": "a tick: thank them although something speaks against it",
    "credential": "what a passkey says",
    "format": "how the file is written",
    "is_open": "a tick",
    "key": "a random text that makes a form's effect happen once; tried in tests/faults",
    "language": "a language",
    "List-Unsubscribe": "a fixed word of RFC 8058",
    "list": "the address of the list one came from",
    "next": "an address; PE6 tries it",
    "purpose": "a choice that is the same everywhere",
    "read": "a tick",
    "reason": "words that are offered, about the customer of the page",
    "seen": "what the rules were when they were shown",
    "segment": "a choice that is the same everywhere",
    "sure": "a tick",
    "theme": "light or dark",
    "token": "the secret of the page's own invitation",
    "upto": "a time",
    "version": "a number of the page's own survey",
    "wanted": "a tick",
    "way": "a choice that is the same everywhere",
}
# Where a row of the other place may be named after all: (field, beginning of the address) → why.
MAY_NAME: dict[tuple[str, str], str] = {
    ("home_place", "/customers/"): "customers belong to the business, whichever place is theirs",
    ("place", "/customers/join"): "a manager prints the posters of every place",
    ("places", "/offers/"): "what may be given is decided for the whole business",
}


def own(world: World) -> dict[str, Named]:
    """For the control: a row that may be named, for the fields of which every world has one."""
    Department.objects.create(name="Kitchen", slug="kitchen")
    Touchpoint.objects.create(name="Food", slug="food")
    offer = offers.make_offer(by=world.owner, name="Thanks", gives="amount", amount=500)
    return {
        "place": by_public_id(world.place),
        "places": by_public_id(world.place),
        "home_place": by_public_id(world.place),
        "person": by_public_id(world.people["manager"]),
        "customer": by_public_id(_customer()),
        "buyer": by_public_id(_customer()),
        "offer": by_public_id(offer),
    }


# --- What the code reads -----------------------------------------------------------------------


def names_that_may_name() -> dict[str, set[str]]:
    """Every name under which a form or a view could take a row, with the packages that read it."""
    found: dict[str, set[str]] = {}
    for name, package in [*_of_forms(), *_read_by_views()]:
        found.setdefault(name, set()).add(package)
    return found


def form_classes() -> list[type[forms.BaseForm]]:
    """Every form of the product."""
    for module in pkgutil.walk_packages(regulars.__path__, "regulars."):
        if "forms" in module.name:
            importlib.import_module(module.name)

    def below(kind: type) -> list[type]:
        return [kind, *(one for sub in kind.__subclasses__() for one in below(sub))]

    return [one for one in below(forms.BaseForm) if one.__module__.startswith("regulars.")]


def _of_forms() -> Iterator[tuple[str, str]]:
    for form in form_classes():
        for name, field in getattr(form, "base_fields", {}).items():
            if _could_name(field):
                yield name, form.__module__.split(".")[1]


def _could_name(field: forms.Field) -> bool:
    if isinstance(field, forms.ModelChoiceField):
        return True
    if isinstance(field, forms.ChoiceField):
        return not list(field.choices)
    return field.widget.is_hidden


def _read_by_views() -> Iterator[tuple[str, str]]:
    for file in sorted(PACKAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (name := _read_from_post(node)) is not None:
                yield name, file.relative_to(PACKAGES).parts[0]


def _read_from_post(node: ast.AST) -> str | None:
    """The name in `….POST["name"]`, `….POST.get("name")` and `….POST.getlist("name")`."""
    if isinstance(node, ast.Subscript) and _is_post(node.value):
        return _constant(node.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        reads = node.func.attr in {"get", "getlist", "pop"} and _is_post(node.func.value)
        return _constant(node.args[0]) if reads and node.args else None
    return None


def _is_post(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "POST"


def _constant(node: ast.AST) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "a name that is computed"
