"""The QR code of a voucher in mail: a small picture inside the message, like the logo.

The message names it by a Content-ID that holds the code, which stands beside it in letters; the
picture is drawn when the message is handed over, or when staff look at it.
"""

from __future__ import annotations

import base64
import re

from regulars.core import qr

_DRAWN = re.compile(r"[0-9A-Z-]{1,40}")
_NAMED = re.compile(r"cid:code-([0-9A-Z-]{1,40})@regulars")


def address(code: str) -> str:
    """What stands in the message for the picture (RFC 2392); empty where none can be drawn."""
    return f"cid:{_content_id(code)}" if _DRAWN.fullmatch(code) else ""


def _content_id(code: str) -> str:
    return f"code-{code}@regulars"


def pictures_in(html: str) -> dict[str, bytes]:
    """The pictures that `html` names, as PNG by their Content-ID."""
    return {_content_id(code): qr.png(code) for code in _NAMED.findall(html)}


def in_place(html: str) -> str:
    """`html` with its pictures written into it, for looking at it in a browser."""
    return _NAMED.sub(_written, html)


def _written(found: re.Match[str]) -> str:
    return f"data:image/png;base64,{base64.b64encode(qr.png(found[1])).decode()}"
