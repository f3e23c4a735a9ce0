"""The messages that mailing itself writes, and the words at the foot of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from regulars.mailing.content import Button, Content, Paragraph, Piece
from regulars.mailing.models import CONSENT_NEEDED, Purpose


def test_mail(*, business: str) -> Content:
    """Proof that the mail server works."""
    return Content(
        subject=_("A test from Regulars"),
        pieces=(
            Paragraph(
                _("If you can read this, mail from %(business)s works.") % {"business": business}
            ),
        ),
    )


def confirm_joining(*, business: str, name: str, agreed: Sequence[str], url: str) -> Content:
    """The mail after joining by the QR code: nothing is agreed before its link is opened."""
    greeting = _("Dear %(name)s,") % {"name": name} if name else _("Hello,")
    pieces: list[Piece] = [
        Paragraph(greeting),
        Paragraph(
            _("somebody, probably you, joined the regulars of %(business)s with this address.")
            % {"business": business}
        ),
    ]
    if agreed:
        pieces.append(Paragraph(_("With your confirmation you agree to the following:")))
        pieces += [Paragraph(sentence) for sentence in agreed]
    pieces.append(Button(_("Yes, it was me"), url))
    pieces.append(
        Paragraph(_("If it was not you, do nothing: you will not receive any further mail."))
    )
    return Content(
        subject=_("Please confirm your address for %(business)s") % {"business": business},
        pieces=tuple(pieces),
    )


def why_written(purpose: Purpose) -> str:
    """One sentence at the foot of a message that needs consent; empty for the others."""
    if purpose not in CONSENT_NEEDED:
        return ""
    return _("You receive messages of this kind only for as long as you want them.")
