"""The business as the other packages read it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise

from regulars.business import trades
from regulars.business.models import Business, Department, Place, Signature, Touchpoint
from regulars.core import prepared
from regulars.core.reading import once_a_page

_business = prepared.Select(lambda: Business.objects.order_by("pk")[:1])


@once_a_page
def the_business() -> Business:
    """The one business; an unsaved one with the defaults before the first run."""
    return _business.first() or Business()


def time_zone() -> ZoneInfo:
    """The zone that the business's days are counted in."""
    return ZoneInfo(the_business().time_zone)


def public_url() -> str:
    """Where customers reach this installation, without a slash; empty until it is set."""
    return str(settings.PUBLIC_URL or the_business().public_url).rstrip("/")


def places_in_use() -> QuerySet[Place]:
    """The places that are in use, by name."""
    return Place.objects.filter(is_active=True).order_by("name", "pk")


def places() -> QuerySet[Place]:
    """Every place, in use or not."""
    return Place.objects.all()


def stages() -> QuerySet[Touchpoint]:
    """The stages of the customer's journey in their order, each with its department."""
    return Touchpoint.objects.select_related("department").order_by("position", "pk")


def departments() -> QuerySet[Department]:
    """Every department, by name."""
    return Department.objects.order_by("name", "pk")


def signatures() -> QuerySet[Signature]:
    """Who may sign letters and messages, the one who signs by default first."""
    return Signature.objects.order_by("-is_default", "name", "pk")


def is_as_begun(trade: str) -> bool:
    """Whether teams and stages are still what the trade began with, in any of the languages."""
    pack = trades.pack_of(trade)
    stages = Touchpoint.objects.order_by("position").select_related("department")
    found = [(one.slug, one.department.slug if one.department else "") for one in stages]
    named: list[tuple[str, str | Promise]] = [
        (one.name, stage.name) for one, stage in zip(stages, pack.stages, strict=False)
    ]
    teams = list(Department.objects.all())
    named += [(one.name, trades.TEAMS.get(one.slug, "")) for one in teams]
    return (
        found == [(stage.slug, stage.team) for stage in pack.stages]
        and {one.slug for one in teams} == {stage.team for stage in pack.stages}
        and all(name in in_any_language(original) for name, original in named)
    )


def in_any_language(text: str | Promise) -> set[str]:
    """A text of ours as it is written in each language."""
    written = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            written.add(str(text))
    return written
