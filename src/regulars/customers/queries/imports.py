"""Imports as their pages read them."""

from __future__ import annotations

from django.db.models import QuerySet

from regulars.customers.models import ImportBatch


def imports() -> QuerySet[ImportBatch]:
    """Every import, with who made it."""
    return ImportBatch.objects.select_related("made_by")


def version_of(public_id: str) -> str:
    """A text that changes whenever the page of this import would."""
    found = imports().filter(public_id=public_id)
    return "-".join(map(str, found.values_list("state", "checkpoint").first() or ("none",)))
