"""The console's own pages."""

from __future__ import annotations

from django.test import Client


def test_the_settings_lead_to_what_exists(owner_client: Client) -> None:
    page = owner_client.get("/settings/").content.decode()

    assert 'href="/settings/mail/"' in page
    assert 'href="/staff/"' in page
    assert 'href="/settings/security/"' in page


def test_settings_are_for_managers(colleague_client: Client, stranger_client: Client) -> None:
    assert colleague_client.get("/settings/").status_code == 403
    assert stranger_client.get("/settings/").status_code == 403
    assert Client().get("/settings/").status_code == 302
