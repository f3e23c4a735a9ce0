"""Places that a file names and the business does not have: made, one of its own, or left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from regulars.business.actions import save_place
from regulars.business.models import Place
from regulars.core.keys import fold
from regulars.customers.imports.columns import Reading
from regulars.customers.models import ImportBatch

MAKE, NONE = "make", "none"  # else the public_id of one of the business's places
ASKED = 50  # names at most; a column with more of them hardly holds places

Named = list[dict[str, Any]]  # [{"name": …, "rows": …}], the most frequent first


def unknown(named: Mapping[str, int]) -> Named:
    """The names that are no place of the business, each once however it is spelled."""
    known = _known()
    found: dict[str, dict[str, Any]] = {}
    for name, rows in sorted(named.items(), key=lambda one: (-one[1], one[0])):
        key = fold(name)
        if key and key not in known:
            found.setdefault(key, {"name": name, "rows": 0})["rows"] += rows
    return sorted(found.values(), key=lambda one: -one["rows"])


def choices(reading: Reading, named: Named) -> dict[str, str]:
    """What is to become of each of these names; empty where nobody has said."""
    ids = set(Place.objects.values_list("public_id", flat=True))
    said = {one["name"]: reading.places.get(fold(one["name"]), "") for one in named}
    return {name: one if one in ids | {MAKE, NONE} else "" for name, one in said.items()}


def names_meant(reading: Reading) -> dict[str, str]:
    """{folded name in the file: name of the place that it means, or nothing}."""
    known = _known()
    names = dict(Place.objects.values_list("public_id", "name")) | {NONE: ""}
    said = reading.places.items()
    return {key: names[one] for key, one in said if one in names and key not in known}


def make(batch: ImportBatch) -> Reading:
    """Make the places that are to be made, and remember them; how the file is read then."""
    reading = Reading.from_json(batch.mapping)
    with transaction.atomic():
        asked = choices(reading, unknown({n["name"]: n["rows"] for n in _listed(batch)}))
        wanted = [name for name, one in asked.items() if one == MAKE]
        made = {
            fold(name): save_place(Place(), by=batch.made_by, name=name).public_id
            for name in wanted
        }
        reading = reading.with_(places=reading.places | made)
        batch.mapping = batch.mapping | {"places": reading.places}
        batch.save(update_fields=["mapping"])
    return reading


def listed(batch: ImportBatch) -> list[tuple[str, int, str]]:
    """(name, rows, choice) of each name in the file that was no place when it was looked at."""
    named = _listed(batch)
    said = choices(Reading.from_json(batch.mapping), named)
    return [(one["name"], one["rows"], said[one["name"]]) for one in named]


def _listed(batch: ImportBatch) -> Named:
    named: Named = batch.mapping.get("unknown_places", [])
    return named


def _known() -> set[str]:
    return {fold(name) for name in Place.objects.values_list("name", flat=True)}
