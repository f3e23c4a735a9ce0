"""Countries, currencies and time zones to choose from, and a guess from the browser's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django.conf import settings
from django.utils.translation import get_language

# Where the interface's languages are mostly spoken.
HOMES: Final[dict[str, str]] = {"hu": "HU", "bg": "BG", "et": "EE", "ka": "GE", "en": "IE"}
_FALLBACK_CURRENCY = "EUR"
# Bulgaria pays in euro since 1 January 2026.
_NEWER_THAN_BABEL = {"BG": "EUR"}


@dataclass(frozen=True)
class Region:
    """A guess: language, country (ISO 3166), currency (ISO 4217) and time zone (IANA)."""

    language: str
    country: str
    currency: str
    time_zone: str


def guess(accept_language: str) -> Region:
    """The likeliest region of somebody whose browser sends this `Accept-Language` header."""
    known = {code for code, _name in settings.LANGUAGES}
    for part in accept_language.split(","):
        tag = part.partition(";")[0].strip().replace("_", "-")
        language, _dash, rest = tag.partition("-")
        country = rest.rpartition("-")[2].upper()
        if language.lower() in known:
            if country not in _countries():
                country = HOMES[language.lower()]
            return _region(language.lower(), country)
    return _region("en", HOMES["en"])


def countries() -> list[tuple[str, str]]:
    """Every country with its name in the active language, by name."""
    names = _locale().territories
    return sorted(((code, names.get(code, code)) for code in _countries()), key=lambda one: one[1])


def currencies() -> list[tuple[str, str]]:
    """Every currency in use with its name in the active language, by code."""
    names = _locale().currencies
    used = {code for country in _countries() for code in get_territory_currencies(country)}
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(used)]


def time_zones() -> list[tuple[str, str]]:
    """Every time zone that is named after a place."""
    regions = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
    zones = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in regions)
    return [(zone, zone.replace("_", " ")) for zone in zones]


def _region(language: str, country: str) -> Region:
    used = [_NEWER_THAN_BABEL.get(country, ""), *get_territory_currencies(country)]
    zones = [zone for zone in get_global("territory_zones").get(country, []) if "/" in zone]
    return Region(
        language=language,
        country=country,
        currency=next(filter(None, used), _FALLBACK_CURRENCY),
        time_zone=zones[0] if zones else "Europe/Budapest",
    )


def _countries() -> set[str]:
    return {
        code for code in get_global("territory_currencies") if len(code) == 2 and code.isalpha()
    }


def _locale() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")
