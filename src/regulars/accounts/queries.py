"""Who works here, and what they may see and do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from regulars.accounts.models import (
    PERMISSIONS,
    ApiToken,
    ClaimLink,
    Device,
    Invitation,
    PairingCode,
    Role,
    SecondFactorRule,
    SecurityPolicy,
    Staff,
    StaffRole,
    StaffSession,
)
from regulars.business.models import Department, Place
from regulars.business.queries import the_business
from regulars.core import audit
from regulars.core.access import Permission
from regulars.core.ids import token_hash
from regulars.core.models import AuditEntry

GRACE = timedelta(days=14)


def roles_with(permission: Permission) -> list[Role]:
    """The roles that include `permission`."""
    return [role for role, permitted in PERMISSIONS.items() if permission in permitted]


def owners() -> QuerySet[Staff]:
    """Active staff who own the installation: the role owner, everywhere."""
    return Staff.objects.filter(
        is_active=True, roles__role=Role.OWNER, roles__place__isnull=True
    ).distinct()


def has_owner() -> bool:
    """Whether anybody owns this installation."""
    return owners().exists()


def everybody() -> QuerySet[Staff]:
    """All staff with their roles, the active first, by name."""
    roles = Prefetch("roles", StaffRole.objects.select_related("place").order_by("place__name"))
    return Staff.objects.prefetch_related(roles).order_by("-is_active", "name", "pk")


def staff_who(permission: Permission, *, place: Place | None = None) -> QuerySet[Staff]:
    """Active staff with `permission`: anywhere, or at `place` (a role everywhere counts)."""
    held = Q(roles__role__in=roles_with(permission))
    if place is not None:
        held &= Q(roles__place__isnull=True) | Q(roles__place=place)
    return Staff.objects.filter(held, is_active=True).distinct()


def leads_of(department: Department) -> QuerySet[Staff]:
    """Active staff who answer for a team."""
    return Staff.objects.filter(leads__department=department, is_active=True).order_by("pk")


def places_where(staff: Staff, permission: Permission) -> QuerySet[Place]:
    """The places in use at which `staff` has `permission`."""
    allowed = roles_with(permission)
    held = [role for role in staff.roles_held() if Role(role.role) in allowed]
    places = Place.objects.filter(is_active=True).order_by("name")
    if not staff.is_active:
        return places.none()
    if any(role.place_id is None for role in held):
        return places
    return places.filter(pk__in=[role.place_id for role in held])


def at_places_of(staff: Staff, field: str) -> Q:
    """Rows of the places where `staff` works, and rows of no place; `field` leads to the place."""
    if not staff.may(Permission.SEE):
        return Q(pk__in=[])
    places = {held.place_id for held in staff.roles_held()}
    if None in places:
        return Q()
    return Q(**{f"{field}__in": places}) | Q(**{f"{field}__isnull": True})


def claim_by(raw: str) -> ClaimLink | None:
    """The claim link with this token, while it works and there is no owner."""
    if has_owner():
        return None
    return ClaimLink.objects.filter(
        token_hash=token_hash(raw), used_at=None, expires_at__gt=timezone.now()
    ).first()


def open_invitations() -> QuerySet[Invitation]:
    """Invitations that wait for an answer, also those that ran out."""
    return Invitation.objects.open().select_related("place", "invited_by").order_by("-created_at")


def invitation_by(raw: str) -> Invitation | None:
    """The invitation with this token, while it can be accepted."""
    return (
        Invitation.objects.usable()
        .filter(token_hash=token_hash(raw), invited_by__is_active=True)
        .select_related("place")
        .first()
    )


def sessions_of(staff: Staff) -> list[StaffSession]:
    """Their sign-ins whose session still lives, the newest first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(staff.sessions.filter(session__in=alive).order_by("-created_at"))


def devices_visible_to(staff: Staff) -> QuerySet[Device]:
    """Paired devices at the places that `staff` manages."""
    managed = places_where(staff, Permission.MANAGE)
    return (
        Device.objects.paired()
        .filter(place__in=managed)
        .select_related("place", "person", "paired_by")
        .order_by("place__name", "name")
    )


def device_by(raw: str) -> Device | None:
    """The paired device with this token whose pairer still works here."""
    if not raw:
        return None
    return (
        Device.objects.paired()
        .with_token(raw)
        .filter(paired_by__is_active=True)
        .select_related("place", "person")
        .first()
    )


def people_for(device: Device) -> QuerySet[Staff]:
    """Who may pick their name on this device: staff who serve at its place and have a PIN."""
    return staff_who(Permission.SERVE, place=device.place).exclude(pin="").order_by("name")


def person_at(device: Device) -> Staff | None:
    """Who is at the device now, while their shift lasts and they may still serve there."""
    person = device.person
    if person is None or device.person_until is None or device.person_until <= timezone.now():
        return None
    return person if person.may(Permission.SERVE, place=device.place) else None


def usable_code(raw: str) -> PairingCode | None:
    """The pairing code, while it works."""
    return (
        PairingCode.objects.filter(
            code_hash=token_hash(raw),
            used_at=None,
            expires_at__gt=timezone.now(),
            made_by__is_active=True,
            place__is_active=True,
        )
        .select_related("place", "made_by")
        .first()
    )


def api_tokens() -> QuerySet[ApiToken]:
    """The tokens that work, by name."""
    return ApiToken.objects.in_force().select_related("made_by").order_by("name", "pk")


def token_for(raw: str) -> ApiToken | None:
    """The API token that this is, while it works. Reads only; see `actions.note_token_use`."""
    if not raw.startswith(ApiToken.PREFIX):
        return None
    token = ApiToken.objects.in_force().filter(token_hash=token_hash(raw))
    return token.select_related("made_by").first()


def security_policy() -> SecurityPolicy:
    """What is asked of staff; an unsaved one with the defaults before anybody changed it."""
    return SecurityPolicy.objects.first() or SecurityPolicy()


def has_second_factor(staff: Staff) -> bool:
    """Whether they have an authenticator app or a passkey."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=staff, type__in=kinds).exists())


def second_factor_due(staff: Staff) -> datetime | None:
    """When a missing second factor starts to bar `staff` from the console; None for never.

    Whoever is new, or newly asked, has `GRACE` to set one up. A demonstration asks nobody.
    """
    policy = security_policy()
    if not _is_asked(staff, policy) or the_business().is_demo or has_second_factor(staff):
        return None
    return max(staff.joined_at, policy.since) + GRACE


def _is_asked(staff: Staff, policy: SecurityPolicy) -> bool:
    rule = SecondFactorRule(policy.second_factor)
    if rule == SecondFactorRule.EVERYBODY:
        return True
    if rule == SecondFactorRule.MANAGERS:
        return staff.may(Permission.MANAGE)
    return rule == SecondFactorRule.OWNERS and staff.may(Permission.OWN)


AUDIT_PAGE = 100


@dataclass(frozen=True)
class AuditLine:
    """One line of the audit log as the page shows it."""

    at: datetime
    who: str
    action: str
    subject: str
    details: dict[str, Any]

    @property
    def words(self) -> str:
        """The action in words."""
        return audit.in_words(self.action)


@dataclass(frozen=True)
class AuditPage:
    """A page of the audit log; `older` is the row number that the next page ends before."""

    lines: list[AuditLine]
    older: int | None


def audit_page(*, action: str = "", before: int | None = None) -> AuditPage:
    """Up to a hundred lines, the newest first; only one action, only older than row `before`."""
    entries = AuditEntry.objects.order_by("-pk")
    if action:
        entries = entries.filter(action=action)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries[: AUDIT_PAGE + 1])
    shown = found[:AUDIT_PAGE]
    names = _names(shown)
    lines = [
        AuditLine(
            entry.created_at,
            names.get((entry.staff_id, entry.device_id), ""),
            entry.action,
            entry.subject,
            entry.details,
        )
        for entry in shown
    ]
    return AuditPage(lines, shown[-1].pk if len(found) > AUDIT_PAGE else None)


def _names(entries: list[AuditEntry]) -> dict[tuple[int | None, int | None], str]:
    """Staff and device of each entry, in words: “Kata, Till 1”."""
    staff = Staff.objects.in_bulk({entry.staff_id for entry in entries if entry.staff_id})
    devices = Device.objects.in_bulk({entry.device_id for entry in entries if entry.device_id})
    names = {}
    for entry in entries:
        doers = (staff.get(entry.staff_id or 0), devices.get(entry.device_id or 0))
        names[entry.staff_id, entry.device_id] = ", ".join(str(doer) for doer in doers if doer)
    return names


def audit_actions() -> list[tuple[str, str]]:
    """Every action that was ever noted, with its words, in their order."""
    found = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
    return sorted(((one, audit.in_words(one)) for one in found), key=lambda pair: pair[1])
