"""PE12: which names are answered once the public address is set."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from regulars.config.hosts import is_ours


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("shop.example", True),
        ("shop.example:443", True),
        ("localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("192.168.1.5:8000", True),
        ("10.0.0.7", True),
        ("[fd00::5]:8000", True),
        ("203.0.113.9.evil.example", False),
        ("8.8.8.8", False),
        ("evil.example", False),
        ("shop.example.evil.example", False),
        ("192.168.1.5.evil.example", False),
    ],
)
def test_who_is_answered(host: str, is_known: bool, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://shop.example"

    assert is_ours(host) == is_known
    assert Client().get("/healthz", headers={"Host": host}).status_code == (
        200 if is_known else 400
    )


def test_an_address_that_it_was_told_to_listen_on(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    monkeypatch.setenv("REGULARS_HOST", "8.8.8.8")

    assert is_ours("8.8.8.8:8000")


def test_without_a_public_address_every_name_is_answered(settings: LazySettings) -> None:
    settings.PUBLIC_URL = ""

    assert Client().get("/healthz", headers={"Host": "till.local"}).status_code == 200
