"""What programs read about the business."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from regulars.business import queries

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
