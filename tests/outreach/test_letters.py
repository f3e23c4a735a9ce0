"""Letters and codes as they are seen: in order, with the recipient, and to be scanned."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
import segno
from django.conf import settings
from django.test import Client
from PIL import Image, ImageChops

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.core import qr
from regulars.customers.models import ContactPoint, Customer
from regulars.mailing import code_picture, logo
from regulars.mailing.content import Code, Content, Paragraph
from regulars.mailing.render import Foot, Look, render
from regulars.outreach import letters, queries, wording
from regulars.outreach.actions import thanking
from regulars.rewards import codes
from regulars.rewards.actions import offers
from tests.customers.conftest import new

LANGUAGES = [code for code, _name in settings.LANGUAGES]
CODE = "7K3M-Q2XN-91TB"
LONG = "Kossuth Lajos tér 1., II. emelet 14., 1055 Budapest, Magyarország, next to the Parliament"


def content(language: str) -> Content:
    text = f"Dear A,\n\nThanks.\n\n{wording.texts(language)['closing']}"
    gift = wording.Gift(CODE, "GIVES", "NOTE")
    return wording.content("Thanks", text, name="Nagy Kata", title="Manager", gift=gift)


@pytest.fixture
def anna(business: Business) -> Customer:
    return new("Anna", "Kovács", language="hu")


def page(language: str = "en", **changed: Any) -> Image.Image:
    """The letter's page in grey, with another closing, voucher or recipient."""
    closing, recipient = changed.pop("closing", None), changed.pop("recipient", "")
    made = content(language)
    if closing is not None:
        pieces = list(made.pieces)
        pieces[-2] = Paragraph(closing)
        made = replace(made, pieces=tuple(pieces))
    drawn = letters.picture(made, language=language, recipient=recipient)
    return Image.open(io.BytesIO(drawn)).convert("L")


def differing(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not the same on both pages."""
    box = ImageChops.difference(one, other).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("language", LANGUAGES)
def test_recipient_voucher_and_closing_stand_in_their_order(anna: Customer, language: str) -> None:
    """As in the preview and in the mail: nothing comes between the closing and the name."""
    plain = page(language)
    closing = differing(plain, page(language, closing="x"))
    recipient = differing(plain, page(language, recipient="Kovács Anna\nFő utca 12."))
    top, bottom = code_box(plain)[1], code_box(plain)[3]
    last = ImageChops.invert(plain).getbbox()

    assert last is not None
    assert recipient[3] < top < bottom < closing[1]
    assert closing[3] < last[3] - 40  # the signature, two lines below


def letters_in(part: Image.Image) -> tuple[int, int, int, int] | None:
    return part.point(lambda value: 255 if value < 128 else 0).getbbox()


def test_a_long_address_leaves_the_name_its_line(business: Business) -> None:
    Business.objects.update(name="Café Mandula és Cukrászda Kossuth")
    without = page()
    Business.objects.update(postal_address=LONG)

    with_address = page()

    mm = without.width / 210
    name = tuple(int(one * mm) for one in (25, 20, 210 - 25 - 60, 26))
    assert letters_in(with_address.crop(name)) == letters_in(without.crop(name))
    assert differing(without, with_address)[2] <= (210 - 25) * mm + 2


def test_the_recipient_is_the_name_and_the_postal_address(anna: Customer) -> None:
    assert queries.recipient_of(anna) == "Kovács Anna"
    for number, written in enumerate(
        ["Old street 1, 1000 Town", "Fő utca 12. III/4., 6720 Szeged"]
    ):
        ContactPoint.objects.create(
            customer=anna, channel="post", address=written, is_preferred=number == 1
        )

    assert queries.recipient_of(anna) == "Kovács Anna\nFő utca 12. III/4.\n6720 Szeged"


def modules(picture: Image.Image) -> list[list[int]]:
    """What a scanner sees: 1 for dark, by module, cut at the outermost dark ones."""
    grey = picture.convert("L").point(lambda value: 255 if value < 128 else 0)
    box = grey.getbbox()
    assert box is not None
    code = grey.crop(box)
    count = len(drawn(CODE))
    step = code.width / count
    return [
        [
            int(code.getpixel((int((x + 0.5) * step), int((y + 0.5) * step))) == 255)
            for x in range(count)
        ]
        for y in range(count)
    ]


def drawn(text: str) -> list[list[int]]:
    return [list(row) for row in segno.make(text, error="m", micro=False).matrix]


def test_the_picture_in_mail_is_the_code() -> None:
    made = render(
        Content("x", (Code(CODE, "gives", "note"),)), language="en", look=Look("M"), foot=Foot()
    )

    assert f'src="{code_picture.address(CODE)}"' in made.html
    ((name, png),) = logo.pictures_in(made.html).items()
    assert name == f"code-{CODE}@regulars"
    assert modules(Image.open(io.BytesIO(png))) == drawn(CODE)
    assert "cid:" not in logo.in_place(made.html)
    assert modules(Image.open(io.BytesIO(png))) != drawn("7K3M-Q2XN-91TC")


def test_a_code_that_could_be_markup_is_not_drawn() -> None:
    made = render(
        Content("x", (Code('"><b>', "", ""),)), language="en", look=Look("M"), foot=Foot()
    )

    assert "cid:" not in made.html


def test_the_letter_shows_the_code_to_be_scanned(business: Business) -> None:
    whole = page()

    assert modules(whole.crop(code_box(whole))) == drawn(CODE)


def code_box(page: Image.Image) -> tuple[int, int, int, int]:
    """Where the code stands: what is quite dark at the right of the voucher's box."""
    left, top = int(page.width * 0.72), int(page.height * 0.33)
    part = page.crop((left, top, int(page.width * 0.85), int(page.height * 0.75)))
    box = part.point(lambda value: 255 if value < 60 else 0).getbbox()
    assert box is not None
    return left + box[0], top + box[1], left + box[2], top + box[3]


def test_the_page_of_prepared_thanks_shows_the_code_to_be_scanned(
    anna: Customer, owner: Staff, owner_client: Client
) -> None:
    offer = offers.make_offer(by=owner, name="Coffee", gives="item", item="a coffee")
    draft = thanking.Draft("regular", "hand", "en", "Thanks", "Dear A,\n\nThanks.", "K", "", offer)
    thanks = thanking.thank(anna, draft, key="k", by=owner)
    shown = codes.shown(thanks.code)

    looked = owner_client.get(f"/thanks/{thanks.public_id}/").text

    assert qr.data_uri(shown) in looked
    assert "https://wa.me/?text=" in looked
    thanking.mark_sent(thanks, by=owner)
    assert "data:image/svg" not in owner_client.get(f"/thanks/{thanks.public_id}/").text
