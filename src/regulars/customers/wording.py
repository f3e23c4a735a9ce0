"""The sentences that people agree to, as they are shown and as they are kept."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.customers.models import Consent


def consent_wording(purpose: str, *, business: str, language: str = "") -> str:
    """What stands beside the box, in `language` (default: the one that is active)."""
    with translation.override(language or translation.get_language()):
        sentences = {
            Consent.Purpose.SURVEYS: _(
                "%(business)s may ask me how my visit was. I can say no at any time."
            ),
            Consent.Purpose.APPRECIATION: _(
                "%(business)s may send me thanks and birthday greetings. I can say no at any time."
            ),
            Consent.Purpose.MARKETING: _(
                "%(business)s may send me offers and news. I can say no at any time."
            ),
        }
        return sentences[Consent.Purpose(purpose)] % {"business": business}
