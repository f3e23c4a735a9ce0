"""PE8, PE10, PE11 and PF1 over every page: lookups, extra fields, bombs and others' rows in forms.

The forms of every page are filled in and sent, with more in them than the page has.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from regulars.accounts.models import ApiToken, Device, SecurityPolicy, Staff, StaffRole
from regulars.business.models import Business, Place
from regulars.core.models import AuditEntry, InstallationState
from tests.house.examples import OWN_ROWS, World
from tests.house.filling import Form, forms_of
from tests.house.surface import Page, pages
from tests.house.test_permissions import undone

PROBES = (
    "staff__password__startswith=a",
    "created_by__password__regex=%5Ea",
    "customer__contact_points__address__contains=%40",
    "sort=password&dir=desc",
    "sort=-staff__password",
    "o=password",
    "filter=1%29%20OR%201%3D1",
)
BOMBS = (
    "page=999999999999999999999999",
    "page=-1",
    "page=abc",
    "page=0",
    "q=" + "a%20" * 2000,
    "q=" + "%25" * 500,
    "q=%28" * 200,
    "since=0000-00-00&until=9999-99-99",
    "day=31",
    "cols=x&cols=y&cols=password",
)


def opened(world: World, who: str) -> Iterator[tuple[Page, str]]:
    """Every page that `who` may open and read, with its path."""
    for page in pages():
        if page.parameters and page.name not in OWN_ROWS:
            continue
        if page.access is None or page.access.kind not in {"staff", "public", "link"}:
            continue
        values = dict(OWN_ROWS[page.name](world)) if page.parameters else None
        yield page, reverse(page.name, kwargs=values)


def is_html(answer: HttpResponse) -> bool:
    return answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/h")


def rows_shown(answer: HttpResponse) -> int:
    return answer.content.count(b"<tr")


def questions(answer: HttpResponse, each: tuple[str, ...]) -> tuple[str, ...]:
    """Each by itself for a page that reads its address; all at once for the others."""
    reads = any(mark in answer.content for mark in (b'class="listing"', b'name="q"', b"?page="))
    return each if reads else ("&".join(each),)


@pytest.mark.longer
def test_no_lookup_comes_from_the_address(world: World) -> None:
    """A probe is either passed over (the same rows are shown) or refused; never an error."""
    client, wrong = world.clients["owner"], []
    client.raise_request_exception = False
    for page, path in opened(world, "owner"):
        plain = client.get(path)
        if not is_html(plain):
            continue
        for probe in questions(plain, PROBES):
            answer = client.get(f"{path}?{probe}")
            same = answer.status_code == 200 and rows_shown(answer) == rows_shown(plain)
            if not same and answer.status_code not in {302, 400, 404, 422}:
                wrong.append(f"{page.name}?{probe}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.longer
def test_no_address_breaks_a_page(world: World) -> None:
    client, wrong = world.clients["owner"], []
    client.raise_request_exception = False
    for page, path in opened(world, "owner"):
        if not is_html(plain := client.get(path)):
            continue
        for bomb in questions(plain, BOMBS):
            answer = client.get(f"{path}?{bomb}")
            if answer.status_code >= 500:
                wrong.append(f"{page.name}?{bomb[:30]}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def sent_forms(
    world: World, who: str, found: list[tuple[Page, str]], more: dict[str, list[str]]
) -> Iterator[tuple[str, int]]:
    """Sends every form of the pages with `more` in it; each is undone after the yield."""
    for page, path in found:
        if page.name.startswith(("account_", "mfa_", "core:")):
            continue
        answer = visitor(world, who).get(path)
        if not is_html(answer):
            continue
        for form in forms_of(answer.content.decode(), path):
            if form.method != "post" or form.action.startswith(
                ("/language", "/theme", "/account/lo")
            ):
                continue
            with undone():
                sent = visitor(world, who).post(form.action, filled(form, more))
                yield f"{page.name} → {form.action}", sent.status_code


def visitor(world: World, who: str) -> Client:
    """Whoever it is, with cookies that no answer changes for the next request."""
    client = Client(raise_request_exception=False)
    cookies = world.clients[who].cookies.items()
    client.cookies = SimpleCookie({name: one.value for name, one in cookies})
    return client


def filled(form: Form, more: dict[str, list[str]]) -> dict[str, Any]:
    fields = {**form.fields, **{name: value for name, value in more.items() if value}}
    return {name: value if len(value) > 1 else value[0] for name, value in fields.items()}


def every_field_but(form_fields: set[str]) -> dict[str, list[str]]:
    names = {
        name
        for model in apps.get_models()
        if model.__module__.startswith("regulars.")
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }
    return {name: ["1"] for name in sorted(names - form_fields)}


def protected(world: World) -> dict[str, list[Any]]:
    """What no form that a manager may send can change, whatever is written into it."""
    me = world.people["manager"].pk
    return {
        "staff": list(
            Staff.objects.exclude(pk=me)
            .order_by("pk")
            .values_list("pk", "public_id", "email", "password", "pin", "is_active")
        ),
        "me": list(
            Staff.objects.filter(pk=me).values_list("public_id", "email", "password", "is_active")
        ),
        "roles": list(StaffRole.objects.order_by("pk").values_list("staff", "role", "place")),
        "policy": list(SecurityPolicy.objects.values()),
        "state": list(InstallationState.objects.values("instance_id", "sending_allowed")),
        "business": list(Business.objects.values("id", "public_id", "is_demo", "smtp_url")),
        "tokens": list(ApiToken.objects.order_by("pk").values()),
        "public ids": [
            (model._meta.label, list(model._default_manager.filter(public_id="1")))
            for model in apps.get_models()
            if any(field.name == "public_id" for field in model._meta.concrete_fields)
        ],
        "audit": list(AuditEntry.objects.filter(pk=1).values()),
    }


@pytest.mark.longer
def test_more_fields_than_the_form_has_change_nothing_else(world: World) -> None:
    """PE10: every field name of every model is sent with every form, by a manager."""
    found = list(opened(world, "manager"))
    before, wrong, count = protected(world), [], 0
    known = {
        name
        for _page, path in found
        if is_html(answer := world.clients["manager"].get(path))
        for form in forms_of(answer.content.decode(), path)
        for name in form.fields
    }
    for what, status in sent_forms(world, "manager", found, every_field_but(known)):
        count += 1
        after = protected(world)
        if status >= 500:
            wrong.append(f"{what}: {status}")
        wrong += [f"{what}: {name} changed" for name in before if after[name] != before[name]]

    assert not wrong, "\n".join(wrong)
    assert count > 30


def of_the_other_place(world: World) -> dict[str, list[Any]]:
    """Every row that belongs to the place where the manager is nobody."""
    found: dict[str, list[Any]] = {
        "place": list(Place.objects.filter(pk=world.other_place.pk).values())
    }
    for model in (StaffRole, Device):
        found[model._meta.label] = list(
            model._default_manager.filter(place=world.other_place).values()
        )
    return found


MAY_NAME_ANY_PLACE = (
    "/settings/places/",  # places belong to the business; managers change all of them
)


def test_a_place_of_others_in_a_form_is_not_taken(world: World) -> None:
    """PF1: whatever field of a form names a place, a manager cannot hand out or pair at another."""
    place_fields = {"place": [world.other_place.public_id], "places": [world.other_place.public_id]}
    found = list(opened(world, "manager"))
    before, wrong = of_the_other_place(world), []
    for what, _status in sent_forms(world, "manager", found, place_fields):
        if what.split(" → ")[1].startswith(MAY_NAME_ANY_PLACE):
            continue
        after = of_the_other_place(world)
        wrong += [f"{what}: {name}" for name in before if after[name] != before[name]]

    assert not wrong, "\n".join(wrong)


def test_control_a_change_of_what_is_protected_is_noticed(world: World) -> None:
    before = protected(world)

    with undone():
        Staff.objects.filter(pk=world.owner.pk).update(is_active=False)
        changed = [name for name, value in protected(world).items() if value != before[name]]

    assert changed == ["staff"]


def test_no_form_takes_every_field_of_a_model() -> None:
    """`fields = "__all__"` and `exclude` let new fields in by themselves."""
    loose = [
        form.__qualname__
        for form in _model_forms()
        if form._meta.fields in (None, "__all__") or form._meta.exclude
    ]

    assert loose == []


def _model_forms() -> list[Any]:
    from django.forms.models import BaseModelForm

    def below(kind: type) -> list[type]:
        return [kind, *(one for sub in kind.__subclasses__() for one in below(sub))]

    return [
        one
        for one in below(BaseModelForm)
        if one.__module__.startswith("regulars.") and one._meta.model is not None
    ]
