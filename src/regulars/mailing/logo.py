"""Pictures in mail: the logo, and the codes of `code_picture`.

They travel inside the message, so that no program asks a server for them. A message names each by
its Content-ID; the picture itself is added when the message is handed over, and stands in its place
wherever staff look at the message.
"""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from regulars.business import pictures
from regulars.mailing import code_picture

# Pixels; shown at half of it, so that it is sharp on every screen.
WIDTH, HEIGHT = 320, 96
_NAMED = re.compile(r"cid:logo-([0-9a-f]{32})@regulars")


@dataclass(frozen=True)
class Logo:
    """A logo as mail shows it: the picture's name and its size in CSS pixels."""

    name: str
    width: int
    height: int

    @property
    def address(self) -> str:
        """What stands in the message for the picture (RFC 2392)."""
        return f"cid:{content_id(self.name)}"


def content_id(name: str) -> str:
    """The Content-ID of the picture, without its angle brackets."""
    return f"logo-{name}@regulars"


def logo_of(name: str) -> Logo | None:
    """The logo whose picture has this name; None where there is no such picture."""
    found = _small(name) if name else None
    if found is None:
        return None
    _png, width, height = found
    return Logo(name, max(1, width // 2), max(1, height // 2))


def pictures_in(html: str) -> dict[str, bytes]:
    """The pictures that `html` names, as PNG by their Content-ID; one that is gone is left out."""
    found = {name: _small(name) for name in _NAMED.findall(html)}
    logos = {content_id(name): small[0] for name, small in found.items() if small is not None}
    return logos | code_picture.pictures_in(html)


def in_place(html: str) -> str:
    """`html` with its pictures written into it, for looking at it in a browser."""
    return code_picture.in_place(_NAMED.sub(_written, html))


def _written(found: re.Match[str]) -> str:
    small = _small(found[1])
    png = b"" if small is None else small[0]
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


@lru_cache(maxsize=8)
def _drawn(path: Path, _written_at: float) -> tuple[bytes, int, int]:
    with Image.open(path) as picture:
        picture.thumbnail((WIDTH, HEIGHT))
        made = io.BytesIO()
        picture.save(made, "PNG", optimize=True)
        return made.getvalue(), picture.width, picture.height


def _small(name: str) -> tuple[bytes, int, int] | None:
    path = pictures.path_of(name)
    return None if path is None else _drawn(path, path.stat().st_mtime)
