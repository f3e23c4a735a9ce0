"""Every write about the business: its profile, places, teams, stages and signatures."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from regulars.business import pictures, trades
from regulars.business.models import Business, Department, Place, Signature, Touchpoint
from regulars.business.queries import the_business
from regulars.core import audit
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.core.moments import Actor

SETUP_DONE = 6


class BusinessError(DomainError):
    """Something about the business that cannot be stored."""

    code = "bad_business"


def change_profile(*, by: Actor | None, **fields: Any) -> Business:
    """Change fields of the one business, which is made when there is none yet."""
    with transaction.atomic():
        profile = the_business()
        for name, value in fields.items():
            setattr(profile, name, value)
        profile.save()
        audit.note("business.change", by=by, fields=sorted(fields))
    return profile


def change_look(
    *,
    colour: str,
    postal_address: str,
    by: Actor | None,
    picture: bytes | None = None,
    without_picture: bool = False,
) -> Business:
    """Change how customers recognise the business; `picture` is a PNG of `pictures.drawn_anew`."""
    fields: dict[str, Any] = {"colour": colour, "postal_address": postal_address}
    if picture is not None:
        fields["logo"] = pictures.keep(picture)
    elif without_picture:
        fields["logo"] = ""
    return change_profile(by=by, **fields)


def finish_step(step: int) -> None:
    """Note that the setup went past `step` (1 to 5); going back never loses a later one."""
    with transaction.atomic():
        profile = the_business()
        profile.setup_step = max(profile.setup_step, step + 1)
        profile.save()


def begin_with(trade: str, *, by: Actor | None) -> Business:
    """Set trade and rhythm, and make the trade's teams and stages where there are none yet."""
    pack = trades.pack_of(trade)
    with transaction.atomic():
        profile = change_profile(by=by, trade=trade, visit_rhythm_days=pack.rhythm_days)
        if not Touchpoint.objects.exists():
            for position, stage in enumerate(pack.stages, start=1):
                team, _made = Department.objects.get_or_create(
                    slug=stage.team, defaults={"name": str(trades.TEAMS[stage.team])}
                )
                Touchpoint.objects.create(
                    name=str(stage.name), slug=stage.slug, department=team, position=position
                )
    return profile


def take_back_stages() -> None:
    """Remove all teams and stages, for those of another trade to be made."""
    with transaction.atomic():
        Touchpoint.objects.all().delete()
        Department.objects.all().delete()


def save_place(place: Place, *, by: Actor | None, **fields: Any) -> Place:
    """Store a new or changed place; out of use, its devices are shut out and its past stays."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(place, name, value)
        place.save()
        audit.note("business.save_place", by=by, subject=f"place:{place.public_id}")
    return place


def save_department(department: Department, *, by: Actor | None, name: str) -> Department:
    """Store a new or changed team."""
    with transaction.atomic():
        department.name = name
        department.slug = department.slug or _slug(name, Department)
        department.save()
        audit.note("business.save_department", by=by, subject=f"department:{department.public_id}")
    return department


def remove_department(department: Department, *, by: Actor | None) -> None:
    """Remove a team. Raises BusinessError while it answers for a stage."""
    with transaction.atomic():
        if department.touchpoints.exists():
            raise BusinessError(_("This team answers for a stage. Give the stage away first."))
        audit.note(
            "business.remove_department", by=by, subject=f"department:{department.public_id}"
        )
        department.delete()


def save_touchpoint(
    touchpoint: Touchpoint, *, by: Actor | None, name: str, department: Department | None
) -> Touchpoint:
    """Store a new or changed stage; a new one comes last."""
    with transaction.atomic():
        touchpoint.name, touchpoint.department = name, department
        if touchpoint.pk is None:
            touchpoint.slug = _slug(name, Touchpoint)
            last = Touchpoint.objects.aggregate(last=Max("position"))["last"] or 0
            touchpoint.position = last + 1
        touchpoint.save()
        audit.note("business.save_touchpoint", by=by, subject=f"touchpoint:{touchpoint.public_id}")
    return touchpoint


def remove_touchpoint(touchpoint: Touchpoint, *, by: Actor | None) -> None:
    """Remove a stage. What was said about it stays, without the stage."""
    with transaction.atomic():
        audit.note(
            "business.remove_touchpoint", by=by, subject=f"touchpoint:{touchpoint.public_id}"
        )
        touchpoint.delete()


def save_signature(signature: Signature, *, by: Actor | None, **fields: Any) -> Signature:
    """Store a new or changed signature. One signs by default: the first, or the newest so set."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(signature, name, value)
        others = Signature.objects.exclude(pk=signature.pk)
        if not others.filter(is_default=True).exists():
            signature.is_default = True
        if signature.is_default:
            others.update(is_default=False)
        signature.save()
        audit.note("business.save_signature", by=by, subject=f"signature:{signature.public_id}")
    return signature


def remove_signature(signature: Signature, *, by: Actor | None) -> None:
    """Remove a signature; letters that were written keep theirs."""
    with transaction.atomic():
        audit.note("business.remove_signature", by=by, subject=f"signature:{signature.public_id}")
        signature.delete()
        following = Signature.objects.order_by("pk").first()
        if following is not None and not Signature.objects.filter(is_default=True).exists():
            following.is_default = True
            following.save(update_fields=["is_default"])


def _slug(name: str, model: type[Department] | type[Touchpoint]) -> str:
    slug = slugify(name)[:30] or new_token()[:8].lower()
    return slug if not model.objects.filter(slug=slug).exists() else f"{slug}-{new_token()[:6]}"
