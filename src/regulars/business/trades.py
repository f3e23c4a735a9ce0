"""What each trade begins with: teams, stages of the customer's journey, rhythm, first question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.business.models import Trade


@dataclass(frozen=True)
class Stage:
    """A stage of the journey: its slug, its name and the slug of the team that answers for it."""

    slug: str
    name: str | Promise
    team: str


@dataclass(frozen=True)
class Pack:
    """What a trade begins with.

    `rhythm_days` are the days between two visits of a usual customer; `metric` is the one survey
    to start with (`csat`, `ces` or `nps`), asked about the stage `asked_about`, `delay_hours`
    after a purchase.
    """

    stages: tuple[Stage, ...]
    rhythm_days: int
    metric: str
    asked_about: str
    delay_hours: int


TEAMS: Final[dict[str, str | Promise]] = {
    "service": _("Service"),
    "kitchen": _("Kitchen"),
    "web": _("Web shop and delivery"),
    "reception": _("Reception"),
    "specialists": _("Specialists"),
}

_WELCOME = Stage("welcome", _("Welcome and waiting"), "service")
_ADVICE = Stage("advice", _("Advice"), "service")
_PAYING = Stage("paying", _("Paying"), "service")
_FOOD = Stage("food", _("Food and drinks"), "kitchen")
_ORDERING = Stage("ordering", _("Ordering on the web"), "web")
_DELIVERY = Stage("delivery", _("Delivery"), "web")
_BOOKING = Stage("booking", _("Booking"), "reception")
_ARRIVAL = Stage("arrival", _("Arrival"), "reception")
_WORK = Stage("work", _("The work itself"), "specialists")
_AFTER = Stage("after", _("Afterwards"), "reception")
_STAY = Stage("stay", _("The stay"), "service")

PACKS: Final[dict[Trade, Pack]] = {
    Trade.CAFE: Pack((_WELCOME, _FOOD, _PAYING, _ORDERING, _DELIVERY), 7, "csat", "food", 3),
    Trade.SALON: Pack((_BOOKING, _ARRIVAL, _WORK, _AFTER), 35, "csat", "work", 3),
    Trade.WEB_SHOP: Pack((_ORDERING, _ADVICE, _DELIVERY), 45, "ces", "ordering", 120),
    Trade.SHOP: Pack((_WELCOME, _ADVICE, _PAYING), 30, "csat", "advice", 24),
    Trade.CLINIC: Pack((_BOOKING, _ARRIVAL, _WORK, _AFTER), 180, "csat", "work", 24),
    Trade.WORKSHOP: Pack((_BOOKING, _ADVICE, _WORK, _AFTER), 180, "csat", "work", 48),
    Trade.HOTEL: Pack((_BOOKING, _ARRIVAL, _STAY, _FOOD, _AFTER), 180, "nps", "stay", 24),
    Trade.OTHER: Pack((_WELCOME, _ADVICE, _WORK, _AFTER), 30, "nps", "work", 24),
}


def pack_of(trade: str) -> Pack:
    """What the trade begins with."""
    return PACKS[Trade(trade)]
