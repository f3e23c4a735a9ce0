"""Offers: making and closing them, and what staff may do alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business import queries as business
from regulars.business.models import Place
from regulars.core import audit
from regulars.rewards.models import Limits, Offer


def make_offer(*, by: Staff, places: Iterable[Place] = (), **terms: Any) -> Offer:
    """An offer with these `terms` (fields of Offer); its currency is the business's."""
    with transaction.atomic():
        terms.setdefault("currency", business.the_business().currency)
        offer = Offer.objects.create(made_by=by, **terms)
        offer.places.set(places)
        audit.note("rewards.make_offer", by=by, subject=f"offer:{offer.public_id}")
    return offer


def close_offer(offer: Offer, *, by: Staff) -> None:
    """Give it no more. Vouchers that were given keep their promise."""
    with transaction.atomic():
        if Offer.objects.open().filter(pk=offer.pk).update(closed_at=timezone.now()):
            audit.note("rewards.close_offer", by=by, subject=f"offer:{offer.public_id}")


def set_limits(*, by: Staff, **values: int) -> Limits:
    """Set what staff may do without a manager."""
    with transaction.atomic():
        limits, _ = Limits.objects.update_or_create(slot=1, defaults=values)
        audit.note(
            "rewards.set_limits", by=by, subject="limits", device_id=None, **dict[str, Any](values)
        )
    return limits
