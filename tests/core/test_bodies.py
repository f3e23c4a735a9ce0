"""PG7: what is too large is refused by its length, before any of it is read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
FILES = "/customers/imports/"
PATHS = [FILES, "/account/login/", "/api/v1/purchases", "/say/x/", "/customers/new/"]


class Body:
    """A body that notes when it is read."""

    def __init__(self) -> None:
        self.was_read = False

    def read(self, *_: Any) -> bytes:
        self.was_read = True
        return b""

    readline = read


def post(client: Client, path: str, length: str) -> tuple[int, bool]:
    """The status, and whether any of the body was read."""
    body = Body()
    environment: dict[str, Any] = {
        "wsgi.input": body,
        "CONTENT_LENGTH": length,
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }
    status = client.generic("POST", path, **environment).status_code
    return status, body.was_read


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("length", ["200000000", "9" * 30, "-5", "x"])
def test_two_hundred_megabytes_are_refused_unread(
    owner_client: Client, path: str, length: str
) -> None:
    assert post(owner_client, path, length) == (413, False)
    assert post(Client(), path, length) == (413, False)


def test_only_who_is_signed_in_sends_a_large_file(owner_client: Client) -> None:
    assert post(Client(), FILES, "50000000") == (413, False)

    status, was_read = post(owner_client, FILES, "50000000")

    assert status != 413
    assert was_read  # control: the body would have told
