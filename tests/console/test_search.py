"""One box that finds customers, surveys and pages."""

from __future__ import annotations

from django.test import Client

from regulars.accounts.models import Staff
from regulars.customers.actions import people
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric


def test_it_finds_in_any_script(owner: Staff, owner_client: Client) -> None:
    people.add_customer(way="staff", by=None, given_name="Нина", family_name="Иванова")
    designs.make_survey(name="Nina's survey", metric=Metric.NPS, by=owner)

    page = owner_client.get("/search/", {"q": "nina"}).content.decode()

    assert "Нина Иванова" in page
    assert "Nina&#x27;s survey" in page


def test_it_finds_pages_that_the_role_allows(
    owner_client: Client, colleague_client: Client
) -> None:
    wanted = {"q": "background"}

    assert 'href="/settings/work/"' in owner_client.get("/search/", wanted).content.decode()
    assert "Work in the background" not in colleague_client.get("/search/", wanted).content.decode()


def test_nothing_found_is_said_safely(owner_client: Client) -> None:
    page = owner_client.get("/search/", {"q": "<script>\x00"}).content.decode()

    assert "Nothing found" in page
    assert "<script>\x00" not in page


def test_strangers_find_nothing(stranger_client: Client) -> None:
    assert stranger_client.get("/search/?q=a").status_code == 403
    assert Client().get("/search/?q=a").status_code == 302
