"""The logo travels inside the mail: nobody's mail program has to ask a server for it."""

from __future__ import annotations

import io
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from regulars.business import pictures
from regulars.business.models import Business
from regulars.mailing import actions, logo, mime
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Message, Purpose
from tests.mailing.test_mime import envelope

pytestmark = pytest.mark.django_db
CONTENT = Content("Hello", (Paragraph("How are you?"),))


def picture(width: int = 480, height: int = 240) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "#8a2846").save(drawn, "PNG")
    return drawn.getvalue()


@pytest.fixture
def kept(business: Business, settings: object, tmp_path: Path) -> str:
    """The name of the picture that is the logo."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings
    name = pictures.keep(picture())
    Business.objects.update(logo=name)
    return name


def queued() -> Message:
    return actions.queue_message(
        CONTENT, key="k", purpose=Purpose.SERVICE, to="anna@example.com", language="en"
    )


def as_sent(message: Message) -> EmailMessage:
    raw = mime.as_bytes(
        envelope(), text=message.text, html=message.html, pictures=logo.pictures_in(message.html)
    )
    return message_from_bytes(raw, policy=policy.default)


def test_the_picture_is_a_part_of_the_message(kept: str) -> None:
    message = queued()

    sent = as_sent(message)

    kinds = [part.get_content_type() for part in sent.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    inside = next(part for part in sent.walk() if part.get_content_type() == "image/png")
    assert inside["Content-ID"] == f"<logo-{kept}@regulars>"
    assert inside.get_content_disposition() == "inline"
    shown = Image.open(io.BytesIO(inside.get_content()))
    assert shown.size == (192, 96)
    assert f'src="cid:logo-{kept}@regulars"' in message.html
    assert 'width="96"' in message.html
    assert "http" not in message.html.split("<body")[1]


def test_without_a_logo_nothing_is_added(business: Business) -> None:
    message = queued()

    assert "<img" not in message.html
    assert [part.get_content_type() for part in as_sent(message).walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_logo_that_is_gone_holds_nothing_up(kept: str) -> None:
    message = queued()
    path = pictures.path_of(kept)
    assert path is not None
    path.unlink()

    kinds = [part.get_content_type() for part in as_sent(message).walk()]

    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_whoever_looks_at_the_message_sees_the_picture(kept: str, owner_client: Client) -> None:
    message = queued()

    page = owner_client.get(f"/outbox/{message.public_id}/preview/")

    assert page.status_code == 200
    assert 'src="data:image/png;base64,iVBOR' in page.content.decode()
    assert "cid:" not in page.content.decode()
