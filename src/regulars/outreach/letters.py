"""Letters as PDF, set by typst in FiraGO. Everything arrives as plain strings, never as markup."""

from __future__ import annotations

import importlib
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Literal

from django.utils import timezone, translation

from regulars.business import pictures
from regulars.business.models import HOUSE_COLOUR
from regulars.business.queries import the_business
from regulars.core import qr
from regulars.core.clock import local_day
from regulars.core.templatetags.ui import day_in_words
from regulars.mailing.content import Code, Content, Paragraph, Piece, Signed

TEMPLATE = Path(__file__).parent / "letter.typ"
_FACES = ("FiraGO_Regular", "FiraGO_Bold")


def letter(content: Content, *, language: str, recipient: str = "") -> bytes:
    """The letter as PDF, one A4 page or more. `recipient` is a name and an address, in lines."""
    return _set(content, language, recipient, "pdf")


def picture(content: Content, *, language: str, recipient: str = "") -> bytes:
    """The letter's page as a PNG of 144 dots per inch; for letters of one page."""
    return _set(content, language, recipient, "png")


def _set(content: Content, language: str, recipient: str, kind: Literal["pdf", "png"]) -> bytes:
    business = the_business()
    logo = pictures.path_of(business.logo)
    with translation.override(language):
        today = day_in_words(local_day(timezone.now(), business.time_zone))
    signed = next((one for one in content.pieces if isinstance(one, Signed)), Signed(""))
    gift = next((one for one in content.pieces if isinstance(one, Code)), Code(""))
    at = content.pieces.index(gift) if gift.code else len(content.pieces)
    inputs: dict[str, str] = {
        "language": language,
        "subject": content.subject,
        "business": business.name,
        "address": business.postal_address,
        "today": today,
        "recipient": recipient,
        "text": _paragraphs(content.pieces[:at]),
        "closing": _paragraphs(content.pieces[at:]),
        "code": gift.code,
        "qr": qr.picture(gift.code) if gift.code else "",
        "gives": gift.gives,
        "note": gift.note,
        "name": signed.name,
        "title": signed.title,
        "colour": business.colour or HOUSE_COLOUR,
        "logo": "" if logo is None else str(logo),
    }
    import typst  # a compiler of 40 MB, only where a letter is made

    made: object = typst.compile(
        TEMPLATE,
        root=Path(TEMPLATE.anchor),  # the logo lies in the media folder, far from the template
        format=kind,
        ppi=144,
        sys_inputs=inputs,
        font_paths=[Path(_fonts())],
        ignore_system_fonts=True,
    )
    if not isinstance(made, bytes):
        raise TypeError("typst made something else than one file")
    return made


def _paragraphs(pieces: tuple[Piece, ...]) -> str:
    return "\n\n".join(one.text for one in pieces if isinstance(one, Paragraph))


@lru_cache
def _fonts() -> str:
    """A folder with FiraGO from the wheel, for the life of this process."""
    folder = tempfile.TemporaryDirectory(prefix="regulars-fonts-")
    _kept.append(folder)
    for face in _FACES:
        data: bytes = importlib.import_module(f"pymupdf_fonts.{face}").fontbuffer
        (Path(folder.name) / f"{face}.otf").write_bytes(data)
    return folder.name


_kept: list[tempfile.TemporaryDirectory[str]] = []
