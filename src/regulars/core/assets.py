"""Built files: one style sheet and one script a page, the fonts and the chart library.

Everything comes from this package and from the wheels it depends on; nothing is fetched. The
files land in `DATA/assets`, where `core.staticfiles.PackageFilesFinder` finds them.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, cast

PACKAGES: Final = Path(__file__).resolve().parent.parent
CSS: Final = PACKAGES / "core" / "static" / "core" / "css"
JS: Final = PACKAGES / "core" / "static" / "core" / "js"

# What the customers' pages need; small on purpose (the whole page stays under 30 kB).
PORTAL_COMPONENTS: Final = (
    "icon", "button", "field", "card", "notice", "rating", "menu", "progress", "portal", "tally",
    "copy", "badge", "table",
)  # fmt: skip
PORTAL_SCRIPTS: Final = ("copy-button", "share-button", "one-submit", "same-page")

FACES: Final = (
    ("FiraGO_Regular", "regular", "normal", 400),
    ("FiraGO_Italic", "italic", "italic", 400),
    ("FiraGO_Bold", "bold", "normal", 700),
)
# The letters of the five languages, and the signs between them. Hungarian and Estonian need one
# file only (with the euro and the lari); a browser fetches the subsets whose letters it meets.
SUBSETS: Final = {
    "latin": "U+0000-00FF, U+0131, U+0150-0153, U+0160-0161, U+0170-0171, U+017D-017E, U+02C6, "
    "U+02DA, U+02DC, U+2000-206F, U+20AC, U+20BE, U+2116, U+2122, U+2190-2193, U+2212, U+2215, "
    "U+2264-2265",
    "latin-ext": "U+0100-0130, U+0132-014F, U+0154-015F, U+0162-016F, U+0172-017C, U+017F-024F, "
    "U+1E00-1EFF, U+20A0-20AB, U+20AD-20BD",
    "cyrillic": "U+0400-052F",
    "georgian": "U+10A0-10FF, U+1C90-1CBF",
}


def build(folder: Path) -> list[Path]:
    """Write whatever is missing or old below `folder`; return every built file.

    Takes a few seconds the first time (fonts), milliseconds when all is current.
    """
    return [*_fonts(folder), *_charts(folder), *build_sheets_and_scripts(folder)]


def build_sheets_and_scripts(folder: Path) -> list[Path]:
    """The part of `build` that takes milliseconds: the style sheets and scripts of the pages."""
    return [*_styles(folder), *_scripts(folder)]


# --- Style sheets ------------------------------------------------------------------------------


def _styles(folder: Path) -> list[Path]:
    fonts = _font_faces()
    console = [*_base_files(), CSS / "fonts.css", *_components(), *_of_packages("css")]
    portal = [
        *_base_files(),
        *(CSS / "components" / f"{name}.css" for name in PORTAL_COMPONENTS),
        *_of_packages("css/public"),
    ]
    last = [CSS / "utilities.css", CSS / "print.css"]
    return [
        _write(folder / "regulars" / "console.css", fonts + _joined_css([*console, *last])),
        _write(folder / "regulars" / "portal.css", _joined_css([*portal, *last])),
    ]


def _base_files() -> list[Path]:
    return [CSS / f"{name}.css" for name in ("layers", "reset", "tokens", "base", "layout")]


def _components() -> list[Path]:
    return sorted((CSS / "components").glob("*.css"))


def _of_packages(folder: str) -> list[Path]:
    """The style sheets that other packages add: `<package>/static/<package>/css/*.css`."""
    found = PACKAGES.glob(f"*/static/*/{folder}/*.css")
    return sorted(file for file in found if not file.is_relative_to(CSS))


def _joined_css(files: Iterable[Path]) -> str:
    return "".join(_squeezed(file.read_text("utf-8")) for file in files)


def _squeezed(css: str) -> str:
    """Without comments and indentation."""
    while (start := css.find("/*")) != -1:
        css = css[:start] + css[css.index("*/", start) + 2 :]
    return "".join(f"{line.strip()}\n" for line in css.splitlines() if line.strip())


def _font_faces() -> str:
    return "".join(
        f"@font-face{{font-family:FiraGO;font-style:{style};font-weight:{weight};"
        f"font-display:swap;src:url(fonts/firago-{name}-{subset}.woff2) format('woff2');"
        f"unicode-range:{ranges}}}\n"
        for _, name, style, weight in FACES
        for subset, ranges in SUBSETS.items()
    )


# --- Scripts -----------------------------------------------------------------------------------


def _scripts(folder: Path) -> list[Path]:
    everything = [*sorted(JS.glob("*.js")), *sorted(PACKAGES.glob("*/static/*/js/*.js"))]
    console = list(dict.fromkeys(everything))
    portal = [JS / f"{name}.js" for name in PORTAL_SCRIPTS]
    return [
        _write(folder / "regulars" / "console.js", _joined_js(console)),
        _write(folder / "regulars" / "portal.js", _joined_js(portal)),
    ]


def _joined_js(files: Iterable[Path]) -> str:
    """Each file in a block of its own, so that names do not meet."""
    bodies = "".join(f"{{\n{file.read_text('utf-8').rstrip()}\n}}\n" for file in files)
    return f'"use strict";\n{bodies}'


def _charts(folder: Path) -> list[Path]:
    """Vega, Vega-Lite and vega-embed as vl-convert carries them (0.9 MB, 305 kB gzip)."""
    file = folder / "regulars" / "vega.js"
    stamp = f"/* vl-convert {importlib.metadata.version('vl-convert-python')} */"
    if not _starts_with(file, stamp):
        import vl_convert

        _write(file, f"{stamp}\n{cast('Any', vl_convert).javascript_bundle()}")
    return [file]


def _starts_with(file: Path, stamp: str) -> bool:
    if not file.exists():
        return False
    with file.open(encoding="utf-8") as stream:
        return stream.read(len(stamp)) == stamp


# --- Fonts -------------------------------------------------------------------------------------


def _fonts(folder: Path) -> list[Path]:
    """FiraGO (SIL Open Font License) in subsets for the web, and whole for PDF and SVG."""
    target = folder / "regulars" / "fonts"
    whole = folder.parent / "fonts"
    files = [
        target / f"firago-{name}-{subset}.woff2" for _, name, _, _ in FACES for subset in SUBSETS
    ]
    ttf = [whole / f"FiraGO-{name}.ttf" for _, name, _, _ in FACES]
    stamp = target / "stamp"
    if _text_of(stamp) != _font_stamp() or not all(file.exists() for file in [*files, *ttf]):
        target.mkdir(parents=True, exist_ok=True)
        whole.mkdir(parents=True, exist_ok=True)
        for module, name, _, _ in FACES:
            _build_face(module, name, target=target, whole=whole)
        stamp.write_text(_font_stamp(), "utf-8")
    return [*files, *ttf]


def _font_stamp() -> str:
    version = importlib.metadata.version("pymupdf-fonts")
    return f"{version} {hashlib.sha256(repr((FACES, SUBSETS)).encode()).hexdigest()}"


def _build_face(module: str, name: str, *, target: Path, whole: Path) -> None:
    data: bytes = importlib.import_module(f"pymupdf_fonts.{module}").fontbuffer
    (whole / f"FiraGO-{name}.ttf").write_bytes(data)
    # First only our letters, once; cutting the subsets from that is three times as quick.
    ours = _subset(data, ", ".join(SUBSETS.values()), flavour=None)
    for subset, ranges in SUBSETS.items():
        (target / f"firago-{name}-{subset}.woff2").write_bytes(_subset(ours, ranges))


def _subset(data: bytes, ranges: str, *, flavour: str | None = "woff2") -> bytes:
    from fontTools import subset  # type: ignore[import-untyped]  # it has no stubs

    options = subset.Options(
        flavor=flavour,
        layout_features=["kern", "liga", "mark", "mkmk", "locl", "ccmp", "tnum", "lnum", "calt"],
        hinting=False,
        notdef_outline=True,
    )
    font = subset.load_font(io.BytesIO(data), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=_codepoints(ranges))
    subsetter.subset(font)
    result = io.BytesIO()
    subset.save_font(font, result, options)
    return result.getvalue()


def _codepoints(ranges: str) -> Iterator[int]:
    for part in ranges.replace("U+", "").split(", "):
        first, _, last = part.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


# --- Files -------------------------------------------------------------------------------------


def _text_of(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _write(file: Path, text: str) -> Path:
    """Write `text` unless the file has it already; readers see the old file or the new one."""
    if _text_of(file) != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        beside.write_text(text, "utf-8")
        beside.replace(file)
    return file
