"""The public pages' shell."""

from __future__ import annotations

import pytest
from django.template.loader import get_template
from django.test import Client, RequestFactory

from regulars.business.models import Business


@pytest.mark.django_db
def test_the_colour_is_a_sheet_that_may_be_kept(stranger_client: Client) -> None:
    answer = stranger_client.get("/colour/1a7f5c.css")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--chosen:#1a7f5c" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("colour", ["1a7f5", "zzzzzz", "fff;}*{x:y", "1a7f5c00"])
def test_nothing_else_gets_into_the_sheet(colour: str) -> None:
    assert Client().get(f"/colour/{colour}.css").status_code == 404


def test_the_shell_says_whose_page_it_is(business: Business) -> None:
    business.colour = "#1a7f5c"
    business.postal_address = "1011 Budapest, Fő utca 1."
    business.save(update_fields=["colour", "postal_address"])

    page = get_template("portal/base.html").render({}, RequestFactory().get("/"))

    assert "Café Mandula" in page
    assert "/colour/1a7f5c.css" in page
    assert "Fő utca" in page
    assert all(f'lang="{code}"' in page for code in ("en", "hu", "bg", "et", "ka"))
