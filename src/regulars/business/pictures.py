"""The logo: looked at, drawn anew and kept as PNG; what was uploaded is never kept nor served.

Drawing anew leaves behind whatever else the file carried (where a photograph was taken, text,
scripts). SVG is refused, since it is a program rather than a picture.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
import warnings
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from regulars.core.errors import DomainError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES: Final = 5_000_000
MAX_PIXELS: Final = 25_000_000
SIDE: Final = 480  # pixels
_NAME = re.compile(r"[0-9a-f]{32}")


class PictureRefusedError(DomainError):
    """What was uploaded is no picture that can be shown."""

    code = "bad_picture"


def drawn_anew(raw: bytes) -> bytes:
    """A PNG of the same picture, at most SIDE pixels a side, with nothing but its pixels.

    Raises PictureRefusedError for more than MAX_BYTES or MAX_PIXELS (told from the header, before
    anything is unpacked), and for what is none of FORMATS.
    """
    if len(raw) > MAX_BYTES:
        raise PictureRefusedError(_("The picture is larger than 5 MB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _drawn(Image.open(io.BytesIO(raw), formats=FORMATS))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PictureRefusedError(_too_many()) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureRefusedError(_("This is not a PNG, JPEG, WebP or GIF picture.")) from error


def _drawn(found: Image.Image) -> bytes:
    if found.width * found.height > MAX_PIXELS:
        raise PictureRefusedError(_too_many())
    found.draft("RGB", (SIDE, SIDE))  # a JPEG is unpacked no larger than needed
    upright = ImageOps.exif_transpose(found).convert("RGBA")
    upright.thumbnail((SIDE, SIDE))
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    made = io.BytesIO()
    clean.save(made, "PNG", optimize=True)
    return made.getvalue()


def _too_many() -> str:
    return str(_("The picture has too many pixels."))


def keep(picture: bytes) -> str:
    """Write the picture below the media folder, whole or not at all; its name there."""
    name = hashlib.sha256(picture).hexdigest()[:32]
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as draft:
        draft.write(picture)
    os.replace(draft.name, folder / f"{name}.png")  # noqa: PTH105  # the one that is atomic
    return name


def path_of(name: str) -> Path | None:
    """Where the picture of that name lies; None where there is none."""
    file = _folder() / f"{name}.png"
    return file if _NAME.fullmatch(name) and file.is_file() else None


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "logos"
