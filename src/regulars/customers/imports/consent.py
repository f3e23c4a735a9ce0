"""What the way in which people were collected allows: who may be asked, who not, and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Consent, ContactPoint, Customer

Basis = Consent.Basis
Channel = ContactPoint.Channel
LookUp = Callable[[Sequence[str]], set[str]]
_EVIDENCE = "import: "
_HAS_ADDRESS, _AGREED, _SAID_NO, _LISTED = 1, 2, 4, 8  # what is known of a person, added up
_AT_ONCE = 500
_lists: list[LookUp] = []


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

    def counts_from(self, *, given: bool, now: dt.datetime) -> dt.datetime:
        """When a statement was made: a “yes” on the stated day, a “no” (or no day stated) now."""
        if not given or not self.since:
            return now
        day = dt.date.fromisoformat(self.since)
        return min(now, dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC))


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
        if said is False:
            found += [Stated(channel, purpose, given=False) for purpose in Consent.Purpose]
        elif channel not in person or not provenance.is_stated:
            continue
        elif said or (channel == Channel.EMAIL and not has_column):
            found += [Stated(channel, purpose, given=True) for purpose in provenance.purposes]
    return found


def evidence(file_name: str, row: int | str = "") -> str:
    """How a statement of an import is known; without a row, what all of the file's begin with."""
    return f"{_EVIDENCE}{file_name[:200]}, row {row}"


def is_imported(record: Consent) -> bool:
    """Whether somebody's file says so, and not the customer to us.

    Such a “yes” never lifts an unsubscription: the file may not know of it, whatever its date.
    """
    return record.evidence.startswith(_EVIDENCE)


def lists_addresses(look_up: LookUp) -> LookUp:
    """Register a list of e-mail addresses that are not asked: those of the given ones on it."""
    if look_up not in _lists:
        _lists.append(look_up)
    return look_up


class Forecast:
    """How many people may be asked by e-mail, and how many not for which reason.

    Several rows may tell of one person: then a “no” in any of them counts.
    """

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._agreed: list[tuple[str, str]] = []  # (mark, address) that are still to be looked up

    def see(self, mark: str, record: Mapping[str, Any], said: list[Stated]) -> None:
        """Take one row about the person with this mark into account."""
        email = (record["who"] or {}).get("email", "")
        found = _HAS_ADDRESS if email else 0
        for one in said:
            if one.channel == Channel.EMAIL and one.purpose == Consent.Purpose.SURVEYS:
                found |= _AGREED if one.given else _SAID_NO
        self._known[mark] = self._known.get(mark, 0) | found
        if found & _AGREED:
            self._agreed.append((mark, email))
            if len(self._agreed) >= _AT_ONCE:
                self._look_up()

    def counts(self) -> dict[str, Any]:
        """`may` and `may_not` by reason."""
        self._look_up()
        hindered = Counter(map(_hindrance, self._known.values()))
        return {"may": hindered.pop("", 0), "may_not": dict(hindered)}

    def _look_up(self) -> None:
        """Find those who agreed in the file and told us something else."""
        addresses = sorted({address for _mark, address in self._agreed})
        refused = _refusing(addresses)
        listed = set().union(*(look_up(addresses) for look_up in _lists))
        for mark, address in self._agreed:
            self._known[mark] |= _SAID_NO if address in refused else 0
            self._known[mark] |= _LISTED if address in listed else 0
        self._agreed.clear()


def _refusing(addresses: Sequence[str]) -> set[str]:
    """Those of the addresses whose customer refused questions by e-mail, and nothing since."""
    points = ContactPoint.objects.filter(
        customer__in=Customer.objects.in_force(), channel=Channel.EMAIL, address__in=addresses
    ).values_list("customer_id", "address")
    owners: dict[int, list[str]] = {}
    for owner, address in points:
        owners.setdefault(owner, []).append(address)
    said = Consent.objects.filter(
        customer_id__in=owners, channel=Channel.EMAIL, purpose=Consent.Purpose.SURVEYS
    ).order_by("happened_at", "pk")
    newest = dict(said.values_list("customer_id", "given"))
    return {
        address
        for owner, found in owners.items()
        for address in found
        if newest.get(owner) is False
    }


def _hindrance(known: int) -> str:
    if not known & _HAS_ADDRESS:
        return "no_address"
    if known & _SAID_NO:
        return "said_no"
    if not known & _AGREED:
        return "not_stated"
    return "listed" if known & _LISTED else ""
