"""QR codes can be read: dark on white whatever the theme, with a quiet zone."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import segno
from django.test import Client

from regulars.accounts.adapters import SecondFactorAdapter
from regulars.core import qr

LINK = "https://thanks.example.com/join/Q59D3VZJ/"
SOURCE = Path(__file__).resolve().parents[2] / "src" / "regulars"


def test_four_modules_around_it_are_white() -> None:
    """Everything is white first; then the dark modules, none nearer than four to the edge."""
    drawn = ET.fromstring(qr.picture(LINK))
    size = segno.make(LINK, error="m", micro=False).symbol_size(border=0)[0]
    ground, dark = drawn

    assert drawn.get("viewBox") == f"0 0 {size + 8} {size + 8}"
    assert ground.get("fill") == "#fff"
    assert ground.get("d") == f"M0 0h{size + 8}v{size + 8}h-{size + 8}z"
    assert dark.get("stroke") == "#000"
    assert (dark.get("d") or "").startswith("M4 4.5h7")


def test_it_stands_in_a_page_by_itself() -> None:
    encoded = qr.data_uri(LINK).removeprefix("data:image/svg+xml;base64,")

    assert base64.b64decode(encoded).decode() == qr.picture(LINK)


def test_every_code_is_drawn_here() -> None:
    elsewhere = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if re.search(r"\b(segno|qrcode)\b", file.read_text("utf-8"))
    }

    assert elsewhere == {"core/qr.py"}


def test_the_code_of_an_authenticator_app_is_one_of_ours() -> None:
    assert SecondFactorAdapter().build_totp_svg(LINK) == qr.picture(LINK)


def test_the_codes_that_are_pictures_of_their_own(owner_client: Client) -> None:
    owner_client.post("/customers/joining/", {})
    page = owner_client.get("/customers/joining/").content.decode()
    (code,) = set(re.findall(r"/customers/joining/(\w+)/", page))

    answer = owner_client.get(f"/customers/joining/{code}/qr.svg")

    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert f"/join/{code}/" in page
    assert answer.content.decode() == qr.picture(f"http://localhost:8000/join/{code}/")
