"""What happens to a customer by outreach."""

from __future__ import annotations

from typing import ClassVar

from regulars.core.moments import Payload


class ThanksGiven(Payload):
    """A customer was thanked: the mail is out, or somebody sent it by hand or by post."""

    kind: ClassVar[str] = "thanks.given"

    thanks_id: int
    occasion: str
    way: str
