from __future__ import annotations

import pytest
from pytest_django import Settings

from regulars.business.models import Business
from regulars.core import links

pytestmark = pytest.mark.django_db


def test_links_are_made_from_the_stored_address(business: Business) -> None:
    business.public_url = "https://mandula.example/"
    business.save(update_fields=["public_url"])

    assert links.absolute("/s/abc/") == "https://mandula.example/s/abc/"
    assert links.to("accounts:pair") == "https://mandula.example/pair/"
    assert links.works_elsewhere()


def test_the_variable_wins(business: Business, settings: Settings) -> None:
    business.public_url = "https://mandula.example"
    business.save(update_fields=["public_url"])
    settings.PUBLIC_URL = "https://other.example"

    assert links.absolute("/") == "https://other.example/"


def test_without_an_address_links_work_on_this_computer(settings: Settings) -> None:
    settings.PORT = 8123

    assert links.absolute("/x/") == "http://localhost:8123/x/"
    assert not links.works_elsewhere()


def test_localhost_is_not_elsewhere(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"

    assert not links.works_elsewhere()


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "evil", "https://evil"])
def test_only_a_path_is_taken(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        links.absolute(path)
