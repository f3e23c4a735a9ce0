"""How the first owner takes the installation."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from regulars.accounts import queries
from regulars.accounts.actions.staff import forget_second_factor
from regulars.accounts.errors import LinkUsedError
from regulars.accounts.models import ClaimLink, Role, Staff, StaffRole
from regulars.core import audit
from regulars.core.ids import new_token, token_hash


def new_claim_link() -> str | None:
    """The path of a new one-time link for the first owner, or None while there is an owner.

    It lasts a day. The link before it stops working. The one row is touched first, so that this
    waits for somebody who is just using the old link, and then sees the owner.
    """
    token = new_token()
    with transaction.atomic():
        now = timezone.now()
        ClaimLink.objects.bulk_create(
            [ClaimLink(slot=1, token_hash="", expires_at=now, used_at=now)], ignore_conflicts=True
        )
        ClaimLink.objects.filter(slot=1).update(slot=1)
        if queries.has_owner():
            return None
        ClaimLink.objects.filter(slot=1).update(
            token_hash=token_hash(token), expires_at=now + ClaimLink.LIFETIME, used_at=None
        )
    return reverse("accounts:claim", args=[token])


def claim_installation(
    raw: str, *, name: str, email: str, password: str, language: str = ""
) -> Staff:
    """Make the first owner. Raises LinkUsedError for a link that is used, old or comes too late.

    The link is used up by a conditional UPDATE, so of any number of people who press the button
    at once exactly one becomes the owner.
    """
    with transaction.atomic():
        now = timezone.now()
        used = ClaimLink.objects.filter(
            token_hash=token_hash(raw), used_at=None, expires_at__gt=now
        ).update(used_at=now)
        if not used or queries.has_owner():
            raise LinkUsedError
        owner = Staff.objects.filter(email=email.lower()).first()
        if owner is None:
            owner = Staff.objects.create_user(email, password, name=name, language=language)
        else:
            _take_back(owner, name=name, password=password, language=language)
        StaffRole.objects.create(staff=owner, role=Role.OWNER)
        audit.note("accounts.claim_installation", by=owner, subject=f"staff:{owner.public_id}")
    return owner


def _take_back(owner: Staff, *, name: str, password: str, language: str) -> None:
    owner.roles.all().delete()
    owner.name, owner.language, owner.is_active = name, language, True
    owner.set_password(password)
    owner.save(update_fields=["name", "language", "is_active", "password"])
    forget_second_factor(owner)
