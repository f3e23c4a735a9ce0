"""PG2: what is uploaded as a logo is drawn anew, and what is no picture is refused."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from regulars.accounts.models import Staff
from regulars.business import pictures
from regulars.business.models import Business
from regulars.business.queries import the_business
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric

SECRET = b"taken at 47.4979 N, 19.0402 E"
SCRIPT = b"<script>alert(1)</script>"


def photograph(*, width: int = 900, height: int = 600, turned: bool = False) -> bytes:
    """A JPEG with EXIF (a place, and perhaps how the camera was held), a comment and a tail."""
    drawn = Image.new("RGB", (width, height), "#8a2846")
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    if turned:
        exif[0x0112] = 6
    file = io.BytesIO()
    drawn.save(file, "JPEG", exif=exif, comment=SECRET)
    return file.getvalue() + SCRIPT


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says to be huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    data = zlib.compress(b"\0" * 1000)
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_only_the_pixels_are_kept() -> None:
    raw = photograph()
    assert (SECRET in raw, SCRIPT in raw) == (True, True)

    made = pictures.drawn_anew(raw)

    assert (SECRET in made, SCRIPT in made) == (False, False)
    shown = Image.open(io.BytesIO(made))
    assert (shown.format, shown.size, dict(shown.getexif()), shown.info) == (
        "PNG",
        (480, 320),
        {},
        {},
    )


def test_it_stands_upright_without_being_told() -> None:
    made = pictures.drawn_anew(photograph(turned=True))

    assert Image.open(io.BytesIO(made)).size == (320, 480)


@pytest.mark.parametrize(
    "raw",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"",
        b"GIF89a<script>",
        b"%PDF-1.7",
        photograph()[:2000],
        bomb(9_000, 9_000),
        bomb(60_000, 60_000),
        b"x" * (pictures.MAX_BYTES + 1),
    ],
    ids=["svg", "empty", "polyglot", "pdf", "cut", "large", "bomb", "bytes"],
)
def test_what_is_no_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(pictures.PictureRefusedError):
        pictures.drawn_anew(raw)


@pytest.mark.parametrize("name", ["..", "../secrets", "0" * 31, "0" * 32, "A" * 32])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    assert pictures.path_of(name) is None


@pytest.mark.django_db
def test_an_uploaded_logo_stands_on_public_pages_and_goes_again(
    business: Business, owner_client: Client, client: Client, settings: object, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings
    survey = designs.make_survey(name="S", metric=Metric.NPS, by=None)
    look = {"colour": "#8a2846", "postal_address": ""}

    owner_client.post(
        "/settings/business/look/",
        {**look, "picture": SimpleUploadedFile("me.jpg", photograph(), "image/jpeg")},
    )

    address = f"/logo/{the_business().logo}.png"
    assert f'src="{address}"' in client.get(f"/o/{survey.open_token}/").text
    shown = client.get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(shown.content)).size == (480, 320)

    owner_client.post("/settings/business/look/", {**look, "without_picture": "on"})

    assert the_business().logo == ""
    assert "/logo/" not in client.get(f"/o/{survey.open_token}/").text


@pytest.mark.django_db
def test_a_refused_logo_is_said_and_changes_nothing(
    business: Business, owner: Staff, owner_client: Client
) -> None:
    svg = SimpleUploadedFile("logo.svg", b"<svg/>", "image/svg+xml")

    answer = owner_client.post("/first-run/3/", {"colour": "#123456", "picture": svg})

    assert answer.status_code == 422
    assert "This is not a PNG, JPEG, WebP or GIF picture." in answer.text
    assert (the_business().logo, the_business().colour) == ("", "")
