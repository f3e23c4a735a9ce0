"""One box that finds customers, surveys and pages."""

from __future__ import annotations

from django.test import Client

from regulars.accounts.models import Staff
from regulars.customers.actions import people
from regulars.feedback.actions import receiving
from regulars.feedback.models import Case, Kind, Source
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric


def test_it_finds_in_any_script(owner: Staff, owner_client: Client) -> None:
    people.add_customer(way="staff", by=None, given_name="Нина", family_name="Иванова")
    designs.make_survey(name="Nina's survey", metric=Metric.NPS, by=owner)

    page = owner_client.get("/search/", {"q": "nina"}).content.decode()

    assert "Нина Иванова" in page
    assert "Nina&#x27;s survey" in page


def test_it_finds_cases_by_what_was_said(owner: Staff, owner_client: Client) -> None:
    receiving.receive(
        receiving.Said(
            source=Source.PHONE,
            text="Хладна супа!",
            kind=Kind.COMPLAINT,
            contact_name="Иван Петров",
            typed_by=owner,
        )
    )

    page = owner_client.get("/search/", {"q": "hladna"}).content.decode()

    assert "To put right" in page
    assert "Иван Петров" in page
    assert Case.objects.get().get_absolute_url() in page


def test_it_finds_pages_that_the_role_allows(
    owner_client: Client, colleague_client: Client
) -> None:
    wanted = {"q": "background"}

    assert 'href="/settings/work/"' in owner_client.get("/search/", wanted).content.decode()
    assert "Work in the background" not in colleague_client.get("/search/", wanted).content.decode()


def test_nothing_found_is_said_safely(owner_client: Client) -> None:
    page = owner_client.get("/search/", {"q": "<script>z"}).content.decode()

    assert "Nothing found" in page
    assert "<script>z" not in page
    assert owner_client.get("/search/", {"q": "a\x00"}).status_code == 400


def test_strangers_find_nothing(stranger_client: Client) -> None:
    assert stranger_client.get("/search/?q=a").status_code == 403
    assert Client().get("/search/?q=a").status_code == 302
