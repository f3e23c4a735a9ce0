"""The messages that mailing itself writes, and the words at the foot of all of them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from regulars.mailing.content import Content, Paragraph
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


def why_written(purpose: Purpose) -> str:
    """One sentence at the foot of a message that needs consent; empty for the others."""
    if purpose not in CONSENT_NEEDED:
        return ""
    return _("You receive messages of this kind only for as long as you want them.")
