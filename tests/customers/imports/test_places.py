"""Names of places in a file that are no place of the business."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from regulars.business.models import Business, Place
from regulars.config.commands.imports import import_
from regulars.core.queue import worker
from regulars.customers.models import Customer, ImportBatch, Purchase
from tests.customers.imports.conftest import check, load
from tests.customers.imports.test_pages import answers, upload

SALES = """document,date,total,store
1,2026-01-05,5,Old Town
2,2026-01-06,7,old  town
3,2026-01-07,7,Harbour
4,2026-01-07,7,Known
5,2026-01-07,7,
6,2026-01-08,7,Nowhere
"""


def sold_at() -> list[tuple[str, str | None]]:
    rows = Purchase.objects.in_force().order_by("document")
    return list(rows.values_list("document", "place__name"))


def field_of(html: str, name: str) -> str:
    """The name of the form field that asks about a place."""
    label = html.index(f"{name} (")
    return html[html.rindex("<label", 0, label) : label].split('for="id_')[1].split('"')[0]


@pytest.fixture
def known(db: None) -> Place:
    return Place.objects.create(name="Known")


def test_each_unknown_place_is_asked_for(owner_client: Client, known: Place) -> None:
    quay = Place.objects.create(name="Quay 7")
    batch = upload(owner_client, SALES.encode())
    page = f"/customers/imports/{batch.public_id}/"
    asked = owner_client.get(page).content.decode()
    assert "Old Town (2 rows)" in asked
    assert "Known (" not in asked
    old, harbour, nowhere = (field_of(asked, n) for n in ("Old Town", "Harbour", "Nowhere"))

    silent = owner_client.post(f"{page}reading/", answers(batch))
    assert silent.status_code == 422
    assert silent.content.decode().count("Say what this place is.") == 3
    said = {old: "make", harbour: quay.public_id, nowhere: "none"}
    owner_client.post(f"{page}reading/", answers(batch, **said))
    worker.run_due()

    preview = owner_client.get(page).content.decode()
    assert "These places are made when you load this:" in preview
    assert "These rows are loaded without their place:" in preview
    assert Place.objects.count() == 2
    owner_client.post(f"{page}loading/")
    worker.run_due()

    assert sold_at() == [
        *(("1", "Old Town"), ("2", "Old Town"), ("3", "Quay 7"), ("4", "Known")),
        *(("5", None), ("6", None)),
    ]
    assert Place.objects.count() == 3


def test_the_choice_is_remembered_even_when_the_place_is_renamed(
    owner_client: Client, known: Place
) -> None:
    batch = upload(owner_client, SALES.encode())
    page = f"/customers/imports/{batch.public_id}/"
    asked = owner_client.get(page).content.decode()
    said = {field_of(asked, n): "make" for n in ("Old Town", "Harbour")}
    said[field_of(asked, "Nowhere")] = "none"
    owner_client.post(f"{page}reading/", answers(batch, **said))
    worker.run_due()
    owner_client.post(f"{page}loading/")
    worker.run_due()
    Place.objects.filter(name="Old Town").update(name="Centre")

    later = "document,date,total,store\n7,2026-02-05,5,OLD TOWN\n8,2026-02-05,5,Nowhere\n"
    load(later.encode(), kind="purchases")

    assert sold_at()[6:] == [("7", "Centre"), ("8", None)]
    assert Place.objects.count() == 3


def test_without_a_choice_the_place_is_left_out_and_told(shop: Business, known: Place) -> None:
    batch = load(SALES.encode(), kind="purchases")

    assert batch.mapping["unknown_places"] == [
        {"name": "Old Town", "rows": 2},
        {"name": "Harbour", "rows": 1},
        {"name": "Nowhere", "rows": 1},
    ]
    assert {place for _document, place in sold_at()} == {"Known", None}


def test_a_column_of_many_names_asks_for_the_first_fifty(shop: Business) -> None:
    rows = "".join(f"{n},2026-01-05,5,Place {n}\n" for n in range(70))

    batch = check(f"document,date,total,store\n{rows}".encode(), kind="purchases")

    assert len(batch.mapping["unknown_places"]) == 50
    assert batch.mapping["other_places"] == 20


def test_customers_have_places_too(owner_client: Client, known: Place) -> None:
    batch = upload(owner_client, b"name,email,store\nAnna,anna@example.com,Harbour\n")
    page = f"/customers/imports/{batch.public_id}/"
    field = field_of(owner_client.get(page).content.decode(), "Harbour")

    owner_client.post(f"{page}reading/", answers(batch, **{field: known.public_id}))
    worker.run_due()
    owner_client.post(f"{page}loading/")
    worker.run_due()

    assert Customer.objects.in_force().get().home_place == known


def test_another_column_as_the_place_is_asked_about_before_the_preview(
    owner_client: Client, known: Place
) -> None:
    batch = upload(owner_client, b"document,date,total,where\n1,2026-01-05,5,Harbour\n")
    page = f"/customers/imports/{batch.public_id}/"

    owner_client.post(f"{page}reading/", answers(batch, column_place="3"))
    worker.run_due()

    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.UPLOADED
    assert "Harbour (1 row)" in owner_client.get(page).content.decode()


@pytest.mark.parametrize("option", [[], ["--make-places"]])
def test_the_command_tells_and_makes(
    shop: Business, known: Place, tmp_path: Path, option: list[str]
) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(SALES)

    done = CliRunner().invoke(import_, [str(file), "--yes", *option])

    assert done.exit_code == 0, done.output
    if option:
        assert "Places that are made: Old Town, Harbour, Nowhere" in done.output
        assert [place for _document, place in sold_at()].count("Old Town") == 2
    else:
        assert "Old Town (2), Harbour (1), Nowhere (1)" in done.output
        assert Place.objects.count() == 1
