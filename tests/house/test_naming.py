"""PF1: no form takes a row of others, whichever field of it names that row.

Each field that can name a row (`naming.py` finds them in the code) is sent the id of a row that
the sender must not use: of the other place, or of what was closed, shut out, merged or erased.
Nothing may come to point at that row, it must stay as it is, and no answer may speak of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django import forms
from django.db.models import ForeignObjectRel, Model
from django.http import HttpResponse
from django.urls import resolve, reverse

from tests.house import naming
from tests.house.examples import OWN_ROWS, World
from tests.house.filling import Form, forms_of
from tests.house.naming import Named
from tests.house.surface import Page, pages
from tests.house.test_hostile import filled, is_html, visitor
from tests.house.test_permissions import PERMISSIONS_OF, undone

SENDERS = ("viewer", "staff", "manager", "till", "anonymous")
SPEAKS_OF_OTHERS = (b"Otto Elsewhere", b"Words from elsewhere")


def test_every_field_that_may_name_a_row_has_an_example() -> None:
    found = naming.names_that_may_name()

    missing = {name: where for name, where in found.items() if name not in known()}

    assert not missing, f"add to NAMES_A_ROW or NAMES_NONE in tests/house/naming.py: {missing}"
    assert known() - set(found) == set()


def known() -> set[str]:
    return set(naming.NAMES_A_ROW) | set(naming.NAMES_NONE)


def test_primary_keys_do_not_leave() -> None:
    by_number = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in naming.form_classes()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.ModelChoiceField)
        if field.to_field_name not in {"public_id", "slug"}
    ]

    assert by_number == []


@dataclass(frozen=True)
class Sent:
    """A form that was sent with a field that names a row."""

    page: str
    action: str
    answer: HttpResponse


Found = list[tuple[str, Form, set[str]]]


def forms_on_pages(world: World, who: str) -> Found:
    """Every form that `who` comes to: page, form, names that its view could read.

    Those on the pages, those on what a sent form answers with (a preview), and for each page an
    empty one to the page itself, since some forms are there only after a search.
    """
    names = naming.names_that_may_name()
    found: dict[Any, tuple[str, Form, set[str]]] = {}
    for page in pages():
        if page.name.startswith(("account_", "mfa_", "core:")) or not _opens(page, who):
            continue
        path = reverse(
            page.name, kwargs=dict(OWN_ROWS[page.name](world)) if page.parameters else None
        )
        for form in [Form("post", path), *_forms_at(world, who, path)]:
            to = resolve(form.action.partition("?")[0])
            package = to.func.__module__.split(".")[1]
            mine = {name for name, packages in names.items() if package in packages}
            if mine & set(naming.NAMES_A_ROW):
                # The same form to the same view from another page is the same.
                found.setdefault((to.view_name, *form.fields), (page.name, form, mine))
    return list(found.values())


def _opens(page: Page, who: str) -> bool:
    """Whether the page is for them; tests/house/test_permissions.py shows that others stay out."""
    access = page.access
    if access is None:
        return False
    if who == "anonymous":
        return access.kind in {"public", "link"}
    if access.kind == "staff":
        return access.permission in {None, *PERMISSIONS_OF.get(who, ())}
    return access.kind == "device" and who in access.scope.split()


def _forms_at(world: World, who: str, path: str) -> list[Form]:
    answer = visitor(world, who).get(path)
    shown = _posting(answer, path)
    for form in list(shown):
        with undone():
            answer = visitor(world, who).post(form.action, filled(form, {}))
            shown += _posting(answer, form.action)
    return shown


def _posting(answer: HttpResponse, path: str) -> list[Form]:
    if not is_html(answer):
        return []
    return [
        form
        for form in forms_of(answer.content.decode(), path)
        if form.method == "post" and not form.action.startswith(("/language", "/theme", "/account"))
    ]


def sent(world: World, who: str, found: Found, name: str, text: str) -> Iterator[Sent]:
    """Sends each form with the row named in the field; each is undone after the yield.

    Also those that do not show the field: one without anything to choose is not on the page.
    """
    for page, form, names in found:
        if name not in names:
            continue
        with undone():
            fields = filled(form, {name: [text]})
            kept = {one: value for one, value in fields.items() if one == name or value != text}
            answer = visitor(world, who).post(form.action, kept)
            yield Sent(page, form.action, answer)


def pointers(row: Model) -> dict[str, int]:
    """How many rows of each kind point at the row."""
    found = {}
    for relation in row._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        rows = relation.related_model._default_manager.filter(**{relation.field.name: row})
        found[f"{relation.related_model.__name__}.{relation.field.name}"] = rows.count()
    return found


def state(row: Model) -> Any:
    """The row itself and what points at it."""
    return pointers(row), type(row)._default_manager.filter(pk=row.pk).values().get()


def may(name: str, action: str, named: Named) -> bool:
    """Whether the registry says that a row of the other place may be named there."""
    return not named.is_gone and any(
        name == field and action.startswith(address) for field, address in naming.MAY_NAME
    )


@pytest.mark.longer
@pytest.mark.parametrize("who", SENDERS)
def test_no_form_takes_a_row_of_others(world: World, who: str) -> None:
    made = {make: make(world) for make in set(naming.NAMES_A_ROW.values())}
    found, wrong = forms_on_pages(world, who), []
    for name, make in naming.NAMES_A_ROW.items():
        for named in made[make]:
            before = state(named.row)
            for one in sent(world, who, found, name, named.text):
                what = f"{one.page} → {one.action}: {name} names {named.row!r}"
                if one.answer.status_code >= 500:
                    wrong.append(f"{what}: {one.answer.status_code}")
                refused = one.answer.status_code >= 400
                if not refused and not may(name, one.action, named) and state(named.row) != before:
                    wrong.append(f"{what} and is taken")
                if any(words in one.answer.getvalue() for words in SPEAKS_OF_OTHERS):
                    wrong.append(f"{what} and reads about it")

    assert not wrong, "\n".join(wrong)


@pytest.mark.longer
def test_control_a_row_of_ones_own_is_taken_and_that_is_noticed(world: World) -> None:
    """Each of these fields does something in a form where the row may be named."""
    rows, found = naming.own(world), forms_on_pages(world, "owner")
    taken = set()
    for name, named in rows.items():
        before = state(named.row)
        for _one in sent(world, "owner", found, name, named.text):
            if name not in taken and state(named.row) != before:
                taken.add(name)

    assert taken == set(rows)
