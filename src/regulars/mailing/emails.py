"""The messages that mailing itself writes, and the words at the foot of all of them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Purpose


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
    """One sentence on why the recipient got this; empty where it is plain."""
    return {
        Purpose.SURVEY: _("You receive this because you agreed to be asked about your visits."),
        Purpose.APPRECIATION: _(
            "You receive this because you agreed to receive thanks and greetings."
        ),
        Purpose.MARKETING: _("You receive this because you agreed to receive offers and news."),
    }.get(purpose, "")
