"""Mail about the installation itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from regulars.core import links
from regulars.core.soundness import Fault
from regulars.mailing.content import Button, Content, Paragraph


def damage(faults: Sequence[Fault]) -> Content:
    """What the nightly look found, in the active language."""
    said = tuple(Paragraph(str(fault.says)) for fault in faults)
    return Content(
        subject=_("Regulars found something wrong with its data"),
        pieces=(
            Paragraph(_("Every night Regulars looks whether its data agree. Last night:")),
            *said,
            Button(_("See what was found"), links.to("console:work")),
        ),
        preview=str(faults[0].says),
    )
