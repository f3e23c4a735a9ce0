"""QR codes, dark on white in every theme, with the quiet zone that ISO/IEC 18004 asks for."""

from __future__ import annotations

import base64
import io

import segno

QUIET_ZONE = 4  # modules on each side


def picture(text: str) -> str:
    """The code as an SVG that stays sharp at any size; a seventh of it may be dirty (level M)."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn,
        kind="svg",
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        nl=False,
    )
    return drawn.getvalue().decode()


PIXELS = 8  # of a module in `png`; shown at half of it, it is sharp on every screen


def png(text: str) -> bytes:
    """The code as a PNG, for mail: programs that show mail leave SVG out."""
    drawn = io.BytesIO()
    made = segno.make(text, error="m", micro=False)
    made.save(drawn, kind="png", border=QUIET_ZONE, scale=PIXELS)
    return drawn.getvalue()


def width(text: str) -> int:
    """How wide `png` is to be shown, in CSS pixels."""
    return int(segno.make(text, error="m", micro=False).symbol_size(PIXELS, QUIET_ZONE)[0]) // 2


def data_uri(text: str) -> str:
    """The code as the address of an image, for pages where it is shown once."""
    return f"data:image/svg+xml;base64,{base64.b64encode(picture(text).encode()).decode()}"
