"""What the way in which people were collected allows: who may be asked, who not, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Consent, ContactPoint

Basis = Consent.Basis
Channel = ContactPoint.Channel


class How(TextChoices):
    """How the people in a file were collected."""

    AGREED = "agreed", _("They agreed: they signed, ticked a box or signed up")
    BOUGHT = "bought", _("They bought from us and were told how to say no")
    UNKNOWN = "unknown", _("Otherwise, or I do not know")


@dataclass(frozen=True)
class Provenance:
    """How people were collected, as stated by whoever imports. An address alone is no consent.

    `wording` is the text that they saw, `since` the day. `purposes` are what the text covers.
    """

    how: str = How.UNKNOWN
    wording: str = ""
    purposes: tuple[str, ...] = (Consent.Purpose.SURVEYS,)
    since: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the batch's row."""
        return {
            "how": str(self.how),
            "wording": self.wording,
            "purposes": [str(purpose) for purpose in self.purposes],
            "since": self.since,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Provenance:
        """What the batch's row holds; nothing stated where it holds nothing."""
        if not stored:
            return cls()
        return cls(
            how=stored["how"],
            wording=stored["wording"],
            purposes=tuple(stored["purposes"]),
            since=stored["since"],
        )

    @property
    def is_stated(self) -> bool:
        """Whether it allows anything: there is a way, and the text that people saw."""
        return self.how != How.UNKNOWN and bool(self.wording.strip())

    @property
    def basis(self) -> str:
        """The legal basis of what it allows."""
        return Basis.CONSENT if self.how == How.AGREED else Basis.SOFT_OPT_IN

    @property
    def happened_at(self) -> dt.datetime:
        """When they agreed: the stated day, else now."""
        if not self.since:
            return timezone.now()
        return dt.datetime.combine(dt.date.fromisoformat(self.since), dt.time(12), tzinfo=dt.UTC)


@dataclass(frozen=True)
class Stated:
    """One thing that an import states about a person."""

    channel: str
    purpose: str
    given: bool


def stated(record: Mapping[str, Any], provenance: Provenance, *, has_column: bool) -> list[Stated]:
    """What the import states about the person of a record.

    A “no” in the file counts always. A “yes” counts only with the text that people saw; where the
    file has a column for it, an empty cell is no “yes”.
    """
    found: list[Stated] = []
    person = record["who"] or {}
    for channel, said in (
        (Channel.EMAIL, record.get("agreed")),
        (Channel.PHONE, record.get("agreed_phone")),
    ):
        if channel not in person:
            continue
        if said is False:
            found += [Stated(channel, purpose, given=False) for purpose in Consent.Purpose]
        elif provenance.is_stated and (said or (channel == Channel.EMAIL and not has_column)):
            found += [Stated(channel, purpose, given=True) for purpose in provenance.purposes]
    return found


@dataclass
class Forecast:
    """How many people may be asked by e-mail, and how many not for which reason."""

    may: int = 0
    may_not: dict[str, int] = field(default_factory=dict)

    def see(self, record: Mapping[str, Any], said: list[Stated]) -> None:
        """Count one person."""
        reason = _hindrance(record, said)
        if reason:
            self.may_not[reason] = self.may_not.get(reason, 0) + 1
        else:
            self.may += 1


def _hindrance(record: Mapping[str, Any], said: list[Stated]) -> str:
    if "email" not in (record["who"] or {}):
        return "no_address"
    about = [s for s in said if s.channel == Channel.EMAIL and s.purpose == Consent.Purpose.SURVEYS]
    if not about:
        return "not_stated"
    return "" if about[0].given else "said_no"
