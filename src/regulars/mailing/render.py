"""Typed pieces to mail: MJML (drawn in process by mrml) for HTML, and a plain part beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

import mjml
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.business.models import HOUSE_COLOUR
from regulars.core import qr
from regulars.mailing import code_picture
from regulars.mailing.addresses import one_line, sendable
from regulars.mailing.content import (
    Button,
    Choice,
    Code,
    Content,
    Facts,
    Heading,
    Paragraph,
    Piece,
    Quote,
    Rendered,
    Scale,
    Signed,
)
from regulars.mailing.links import PREFERENCES_MARKER, UNSUBSCRIBE_MARKER
from regulars.mailing.logo import Logo

FONTS = "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Georgian', Arial, sans-serif"
DEFAULT_COLOUR = HOUSE_COLOUR
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Look:
    """Whose message it is: shown at its head and foot."""

    name: str
    colour: str = DEFAULT_COLOUR
    postal_address: str = ""
    logo: Logo | None = None


# The marks that each language puts around words of others.
QUOTES: Final = {
    "en": ("“", "”"),
    "hu": ("„", "”"),
    "bg": ("„", "“"),
    "et": ("„", "“"),
    "ka": ("„", "“"),
}


@dataclass(frozen=True)
class Foot:
    """What stands below: why it was written, and the way out."""

    why: str = ""
    can_unsubscribe: bool = False
    works_here_only: bool = False


def render(content: Content, *, language: str, look: Look, foot: Foot) -> Rendered:
    """The message in HTML and plain text, all texts of ours in `language`."""
    with translation.override(language):
        return Rendered(
            subject=one_line(content.subject),
            html=_html(content, language=language, look=look, foot=foot),
            text=_text(content, look=look, foot=foot),
        )


def _html(content: Content, *, language: str, look: Look, foot: Foot) -> str:
    colour = look.colour if _COLOUR.fullmatch(look.colour) else DEFAULT_COLOUR
    quotes = QUOTES.get(language, QUOTES["en"])
    pieces = "".join(_mjml(piece, colour, quotes) for piece in content.pieces)
    source = (
        f'<mjml lang="{_e(language)}"><mj-head><mj-title>{_e(one_line(content.subject))}</mj-title>'
        f"<mj-preview>{_e(one_line(content.preview))}</mj-preview>"
        f'<mj-attributes><mj-all font-family="{FONTS}" />'
        '<mj-text font-size="16px" line-height="24px" color="#2b2622" padding="8px 24px" />'
        "</mj-attributes></mj-head>"
        '<mj-body width="600px" background-color="#f6f1ea">'
        f'<mj-section padding="24px 0 8px"><mj-column>{_logo_mjml(look)}<mj-text font-size="18px" '
        f'font-weight="bold" color="{colour}">{_e(look.name)}</mj-text></mj-column></mj-section>'
        '<mj-section background-color="#ffffff" border-radius="8px" padding="16px 0">'
        f"<mj-column>{pieces}</mj-column></mj-section>"
        '<mj-section padding="8px 0 24px"><mj-column>'
        f"{_foot_mjml(look, foot)}</mj-column></mj-section></mj-body></mjml>"
    )
    return str(mjml.mjml2html(source, disable_comments=True, fonts={}))


def _logo_mjml(look: Look) -> str:
    if look.logo is None:
        return ""
    return (
        f'<mj-image src="{look.logo.address}" alt="" align="left" padding="0 24px 8px" '
        f'width="{look.logo.width}px" />'
    )


def _mjml(piece: Piece, colour: str, quotes: tuple[str, str]) -> str:
    match piece:
        case Paragraph(text):
            return f"<mj-text>{_lines(text)}</mj-text>"
        case Heading(text):
            return (
                '<mj-text font-size="22px" line-height="30px" font-weight="bold">'
                f"{_lines(text)}</mj-text>"
            )
        case Button(label, url):
            return (
                f'<mj-button href="{_e(_web_address(url))}" background-color="{colour}" '
                f'color="{_ink_on(colour)}" font-size="16px" border-radius="6px" '
                f'inner-padding="12px 24px" align="left" padding="12px 24px">{_e(label)}'
                "</mj-button>"
            )
        case Quote(text):
            before, after = quotes
            return (
                '<mj-text font-style="italic" padding="8px 24px 8px 40px">'
                f"{before}{_lines(text)}{after}</mj-text>"
            )
        case Code(code, gives, note):
            return _code_mjml(code, gives, note, colour)
        case Scale():
            return _scale_mjml(piece, colour)
        case Facts(rows):
            lines = "<br />".join(
                f"{_e(name)}: <strong>{_e(value)}</strong>" for name, value in rows
            )
            return f"<mj-text>{lines}</mj-text>"
        case Signed(name, title):
            title_line = f"<br />{_e(title)}" if title else ""
            return f"<mj-text><strong>{_e(name)}</strong>{title_line}</mj-text>"


def _code_mjml(code: str, gives: str, note: str, colour: str) -> str:
    above = f'<mj-text align="center" font-weight="bold">{_e(gives)}</mj-text>' if gives else ""
    below = f'<mj-text align="center" font-size="14px">{_e(note)}</mj-text>' if note else ""
    return (
        f'{above}<mj-text align="center" font-size="26px" line-height="40px" '
        f"font-family=\"'SFMono-Regular', Consolas, 'DejaVu Sans Mono', monospace\" "
        f'letter-spacing="2px" color="{colour}">{_e(code)}</mj-text>{_qr_mjml(code)}{below}'
    )


def _qr_mjml(code: str) -> str:
    """The code to be scanned; whoever shows no pictures has it in letters above."""
    address = code_picture.address(code)
    if not address:
        return ""
    return f'<mj-image src="{address}" alt="" padding="0 24px 8px" width="{qr.width(code)}px" />'


def _scale_mjml(scale: Scale, colour: str) -> str:
    width = max(1, 100 // max(1, len(scale.choices)))
    cells = "".join(_choice(choice, colour, width) for choice in scale.choices)
    ends = ""
    if scale.low or scale.high:
        ends = (
            '<mj-table font-size="13px" color="#6b625a" padding="0 24px 8px"><tr>'
            f'<td align="left">{_e(scale.low)}</td><td align="right">{_e(scale.high)}</td>'
            "</tr></mj-table>"
        )
    return (
        f'<mj-text font-weight="bold">{_lines(scale.question)}</mj-text>'
        f'<mj-table padding="8px 20px" table-layout="fixed"><tr>{cells}</tr></mj-table>{ends}'
    )


def _choice(choice: Choice, colour: str, width: int) -> str:
    return (
        f'<td width="{width}%" align="center" style="padding:2px">'
        f'<a href="{_e(_web_address(choice.url))}" style="display:block;padding:10px 0;'
        f"border:1px solid {colour};border-radius:6px;color:{colour};text-decoration:none;"
        f'font-size:15px;line-height:20px">{_e(choice.label)}</a></td>'
    )


def _foot_mjml(look: Look, foot: Foot) -> str:
    lines = [_e(line) for line in _foot_lines(look, foot)]
    if foot.can_unsubscribe:
        lines.append(
            f'<a href="{UNSUBSCRIBE_MARKER}" style="color:#6b625a">{_e(_("Unsubscribe"))}</a> · '
            f'<a href="{PREFERENCES_MARKER}" style="color:#6b625a">'
            f"{_e(_('Choose what you receive'))}</a>"
        )
    joined = "<br />".join(lines)
    return f'<mj-text font-size="13px" line-height="20px" color="#6b625a">{joined}</mj-text>'


def _foot_lines(look: Look, foot: Foot) -> Iterator[str]:
    if not look.postal_address.startswith(look.name):  # many write their name into the address
        yield look.name
    if look.postal_address:
        yield look.postal_address
    if foot.why:
        yield foot.why
    if foot.works_here_only:
        yield _("The links in this message work on this computer only.")


def _text(content: Content, *, look: Look, foot: Foot) -> str:
    blocks = [_plain(piece) for piece in content.pieces]
    below = list(_foot_lines(look, foot))
    if foot.can_unsubscribe:
        below.append(f"{_('Unsubscribe')}: {UNSUBSCRIBE_MARKER}")
        below.append(f"{_('Choose what you receive')}: {PREFERENCES_MARKER}")
    blocks.append("-- \n" + "\n".join(below))
    return sendable("\n\n".join(blocks)) + "\n"


def _plain(piece: Piece) -> str:
    match piece:
        case Paragraph(text) | Heading(text):
            return text.strip()
        case Button(label, url):
            return f"{label}:\n{_web_address(url)}"
        case Quote(text):
            return "\n".join(f"> {line}" for line in text.strip().splitlines())
        case Code(code, gives, note):
            return "\n".join(line for line in (gives, code, note) if line)
        case Scale(question, choices, low, high):
            ends = [f"({low} – {high})"] if low or high else []
            links = [f"{choice.label}: {_web_address(choice.url)}" for choice in choices]
            return "\n".join([question.strip(), *ends, *links])
        case Facts(rows):
            return "\n".join(f"{name}: {value}" for name, value in rows)
        case Signed(name, title):
            return "\n".join(line for line in (name, title) if line)


def _e(text: str) -> str:
    return escape(sendable(text), quote=True)


def _lines(text: str) -> str:
    return _e(text.strip()).replace("\r\n", "\n").replace("\n", "<br />")


def _web_address(url: str) -> str:
    """`url` when it is an address of the web or mail, else nothing that a click could run."""
    plain = "".join(url.split())
    return plain if plain.lower().startswith(("https://", "http://", "mailto:", "tel:")) else ""


def _ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on `colour` (WCAG 2.2 relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"
