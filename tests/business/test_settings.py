from __future__ import annotations

import pytest
from django.test import Client

from regulars.business import actions, regions
from regulars.business.models import Business, Department, Place, Signature, Touchpoint
from regulars.business.queries import the_business

pytestmark = pytest.mark.django_db


def test_every_part_of_the_profile_is_stored(business: Business, owner_client: Client) -> None:
    base = "/settings/business/"
    owner_client.post(f"{base}trade/", {"name": "Új név", "trade": "shop"})
    owner_client.post(f"{base}look/", {"colour": "#8A2846", "postal_address": "Fő u. 1."})
    owner_client.post(f"{base}reach/", {"public_url": "https://kave.example.com/"})
    owner_client.post(f"{base}hours/", {"mon_opens": "08:00", "mon_closes": "17:00"})

    stored = the_business()
    assert (stored.name, stored.trade, stored.colour) == ("Új név", "shop", "#8a2846")
    assert (stored.postal_address, stored.public_url) == ("Fő u. 1.", "https://kave.example.com")
    assert stored.opening_hours == {"mon": [["08:00", "17:00"]]}


@pytest.mark.parametrize(
    ("part", "filled"),
    [
        ("look", {"colour": "red"}),
        ("reach", {"public_url": "kave.example.com/page"}),
        ("hours", {"mon_opens": "17:00", "mon_closes": "08:00"}),
        ("hours", {"mon_opens": "17:00"}),
        ("region", {"currency": "XXX"}),
    ],
)
def test_what_cannot_be_is_refused(
    business: Business, owner_client: Client, part: str, filled: dict[str, str]
) -> None:
    before = Business.objects.values().get()

    assert owner_client.post(f"/settings/business/{part}/", filled).status_code == 422
    assert Business.objects.values().get() == before


def test_a_place_is_added_changed_and_taken_out_of_use(owner_client: Client, place: Place) -> None:
    owner_client.post("/settings/places/new/", {"name": "Piac", "kind": "counter"})
    owner_client.post(f"/settings/places/{place.public_id}/", {"name": "Tér", "kind": "web"})

    stored = Place.objects.order_by("pk").values_list("name", "kind", "is_active")
    assert list(stored) == [("Tér", "web", False), ("Piac", "counter", False)]
    assert b"Piac" in owner_client.get("/settings/places/").content


def test_a_team_with_a_stage_stays(business: Business, owner_client: Client) -> None:
    actions.begin_with("salon", by=None)
    team = Department.objects.get(slug="reception")

    owner_client.post(f"/settings/teams/{team.public_id}/removal/")
    assert Department.objects.filter(pk=team.pk).exists()

    for stage in team.touchpoints.all():
        owner_client.post(f"/settings/stages/{stage.public_id}/removal/")
    owner_client.post(f"/settings/teams/{team.public_id}/removal/")
    assert not Department.objects.filter(pk=team.pk).exists()


def test_stages_are_added_last_and_changed(business: Business, owner_client: Client) -> None:
    actions.begin_with("salon", by=None)
    team = Department.objects.get(slug="reception")

    filled = {"name": "Გადახდა", "department": team.public_id}
    owner_client.post("/settings/stages/new/", filled)

    stage = Touchpoint.objects.latest("pk")
    assert (stage.name, stage.position, stage.department) == ("Გადახდა", 5, team)
    owner_client.post(f"/settings/stages/{stage.public_id}/", {"name": "Paying"})
    stage.refresh_from_db()
    assert (stage.name, stage.department) == ("Paying", None)
    assert b"Paying" in owner_client.get("/settings/stages/").content


def test_one_signature_signs_by_default(business: Business, owner_client: Client) -> None:
    for name in ("Anna", "Béla"):
        owner_client.post("/settings/signatures/new/", {"name": name, "title": "tulajdonos"})
    assert list(Signature.objects.order_by("pk").values_list("name", "is_default")) == [
        ("Anna", True),
        ("Béla", False),
    ]
    anna = Signature.objects.get(name="Anna")
    owner_client.post(f"/settings/signatures/{anna.public_id}/removal/")
    assert list(Signature.objects.values_list("name", "is_default")) == [("Béla", True)]
    assert "Béla" in owner_client.get("/settings/signatures/").content.decode()


@pytest.mark.parametrize(
    ("header", "region"),
    [
        ("hu-HU,hu;q=0.9", ("hu", "HU", "HUF", "Europe/Budapest")),
        ("et", ("et", "EE", "EUR", "Europe/Tallinn")),
        ("bg", ("bg", "BG", "EUR", "Europe/Sofia")),
        ("ka", ("ka", "GE", "GEL", "Asia/Tbilisi")),
        ("en-GB,en;q=0.5", ("en", "GB", "GBP", "Europe/London")),
        ("fr-FR,fr", ("en", "IE", "EUR", "Europe/Dublin")),
        ("", ("en", "IE", "EUR", "Europe/Dublin")),
    ],
)
def test_the_region_is_guessed(header: str, region: tuple[str, ...]) -> None:
    guess = regions.guess(header)
    assert (guess.language, guess.country, guess.currency, guess.time_zone) == region


def test_settings_are_the_managers(colleague_client: Client) -> None:
    for path in ("business", "places", "stages", "signatures"):
        assert colleague_client.get(f"/settings/{path}/").status_code == 403
