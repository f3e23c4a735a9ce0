"""What programs read about the business."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema

from regulars.business import queries
from regulars.business.models import Place
from regulars.core.api import RefusedError


def place_or_refuse(public_id: str) -> Place | None:
    """The place in use of this id; none where the id is empty.

    Raises RefusedError (422) where there is no such place.
    """
    if not public_id:
        return None
    found = queries.places_in_use().filter(public_id=public_id).first()
    if found is None:
        raise RefusedError(_("There is no such place."), code="unknown_place", status=422)
    return found


router = Router(tags=["Business"])


class PlaceOut(Schema):
    """A shop, branch or web shop."""

    public_id: str
    name: str
    kind: str


class BusinessOut(Schema):
    """The business of this installation."""

    name: str
    currency: str
    time_zone: str
    country: str
    languages: list[str]
    places: list[PlaceOut]


@router.get("/business", response=BusinessOut, summary="The business and its places")
def business(request: HttpRequest) -> BusinessOut:
    """Name, currency (ISO 4217), time zone (IANA) and the places in use."""
    profile = queries.the_business()
    places = [PlaceOut.model_validate(p, from_attributes=True) for p in queries.places_in_use()]
    return BusinessOut(
        name=profile.name,
        currency=profile.currency,
        time_zone=profile.time_zone,
        country=profile.country,
        languages=profile.languages,
        places=places,
    )
