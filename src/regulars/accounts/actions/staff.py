"""Roles, leaving and coming back, one's own account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from regulars.accounts import queries
from regulars.accounts.errors import LastOwnerError, OwnSecondFactorError
from regulars.accounts.models import (
    Device,
    PairingCode,
    Role,
    SecondFactorRule,
    SecurityPolicy,
    Staff,
    StaffRole,
    StaffSession,
    TeamLead,
)
from regulars.business.models import Department, Place
from regulars.core import audit
from regulars.core.ids import new_token


def change_details(staff: Staff, *, name: str, language: str) -> None:
    """Their own name and language."""
    staff.name, staff.language = name, language
    staff.save(update_fields=["name", "language"])


def set_pin(staff: Staff, pin: str, *, by: Staff) -> None:
    """Set or, with an empty text, take away the PIN for paired devices."""
    with transaction.atomic():
        staff.pin = make_password(pin) if pin else ""
        staff.save(update_fields=["pin"])
        _end_shifts(staff)
        action = "accounts.set_pin" if pin else "accounts.remove_pin"
        audit.note(action, by=by, subject=_subject(staff))


def give_role(staff: Staff, *, role: Role, place: Place | None, by: Staff) -> StaffRole:
    """Give a role at `place`, or everywhere; it replaces the role held there.

    Raises LastOwnerError when this would take the role from the only owner.
    """
    if role == Role.OWNER:
        place = None
    with transaction.atomic():
        _hold_roles_still()
        held, _ = StaffRole.objects.update_or_create(
            staff=staff, place=place, defaults={"role": role}
        )
        _require_an_owner()
        audit.note("accounts.give_role", by=by, subject=_subject(staff), **_details(held))
    return held


def take_role(held: StaffRole, *, by: Staff) -> None:
    """Take a role away. Raises LastOwnerError."""
    with transaction.atomic():
        _hold_roles_still()
        details = _details(held)
        held.delete()
        _require_an_owner()
        audit.note("accounts.take_role", by=by, subject=_subject(held.staff), **details)


def answer_for(staff: Staff, departments: Iterable[Department], *, by: Staff) -> None:
    """Say for which teams somebody answers, and for no others."""
    wanted = {one.pk: one for one in departments}
    with transaction.atomic():
        staff.leads.exclude(department__in=wanted).delete()
        TeamLead.objects.bulk_create(
            [TeamLead(staff=staff, department=one) for one in wanted.values()],
            ignore_conflicts=True,
        )
        teams = sorted(one.slug for one in wanted.values())
        audit.note("accounts.answer_for", by=by, subject=_subject(staff), teams=teams)


def deactivate(staff: Staff, *, by: Staff) -> None:
    """Shut somebody out at once: sessions, API tokens, devices they paired, shifts, invitations.

    Raises LastOwnerError.
    """
    now = timezone.now()
    with transaction.atomic():
        _hold_roles_still()
        staff.is_active = False
        staff.pin = ""
        staff.save(update_fields=["is_active", "pin"])
        _require_an_owner()
        _end_sessions(staff)
        _end_shifts(staff)
        staff.api_tokens.filter(revoked_at=None).update(revoked_at=now)
        staff.paired_devices.filter(revoked_at=None).update(revoked_at=now)
        staff.invitations.open().update(revoked_at=now)
        PairingCode.objects.filter(made_by=staff, used_at=None).delete()
        audit.note("accounts.deactivate", by=by, subject=_subject(staff))


def reactivate(staff: Staff, *, by: Staff) -> None:
    """Let somebody in again, with the roles they had; tokens and devices stay revoked."""
    with transaction.atomic():
        staff.is_active = True
        staff.save(update_fields=["is_active"])
        audit.note("accounts.reactivate", by=by, subject=_subject(staff))


def sign_out_everywhere(staff: Staff, *, by: Staff) -> None:
    """End all sessions and shifts of `staff`."""
    with transaction.atomic():
        _end_sessions(staff)
        _end_shifts(staff)
        audit.note("accounts.sign_out_everywhere", by=by, subject=_subject(staff))


def end_session(session: StaffSession, *, by: Staff) -> None:
    """Sign one browser out."""
    with transaction.atomic():
        Session.objects.filter(session_key=session.session).delete()
        audit.note("accounts.end_session", by=by, subject=_subject(session.staff))
        session.delete()


def note_sign_in(staff: Staff, *, session: str, browser: str) -> None:
    """Remember a sign-in, so that its session can be listed and ended."""
    with transaction.atomic():
        StaffSession.objects.create(staff=staff, session=session, browser=browser[:60])
        audit.note("accounts.sign_in", by=staff, subject=_subject(staff))


def keep_only(staff: Staff, *, session: str, browser: str) -> None:
    """List `session` as the only one, after all others ended (a new password ends them)."""
    with transaction.atomic():
        staff.sessions.all().delete()
        StaffSession.objects.create(staff=staff, session=session, browser=browser[:60])


def note_sign_out(staff: Staff, *, session: str) -> None:
    """Forget the session that was just ended."""
    with transaction.atomic():
        staff.sessions.filter(session=session).delete()
        audit.note("accounts.sign_out", by=staff, subject=_subject(staff))


def reset_second_factor(staff: Staff, *, by: Staff) -> None:
    """Remove a lost second factor; the person signs in by password and sets up a new one.

    Raises OwnSecondFactorError for one's own: the page of one's account asks for a code first.
    """
    if staff == by:
        raise OwnSecondFactorError
    with transaction.atomic():
        Authenticator.objects.filter(user=staff).delete()
        _end_sessions(staff)
        audit.note("accounts.reset_second_factor", by=by, subject=_subject(staff))


def forget_second_factor(staff: Staff) -> None:
    """Whoever comes back after having left begins without the app or passkey of that time."""
    deleted, _ = Authenticator.objects.filter(user=staff).delete()
    if deleted:
        audit.note("accounts.reset_second_factor", by=staff, subject=_subject(staff))


def require_second_factor(rule: SecondFactorRule, *, by: Staff) -> SecurityPolicy:
    """Say who must have a second factor; those newly asked have two weeks."""
    with transaction.atomic():
        policy, _ = SecurityPolicy.objects.update_or_create(
            slot=1, defaults={"second_factor": rule, "since": timezone.now()}
        )
        audit.note("accounts.require_second_factor", by=by, rule=str(rule))
    return policy


def forget_ended_sessions() -> int:
    """Delete the records of sign-ins whose session is over; how many went."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    deleted, _ = StaffSession.objects.exclude(session__in=alive).delete()
    return deleted


def _end_sessions(staff: Staff) -> None:
    listed = list(staff.sessions.values_list("session", flat=True))
    Session.objects.filter(session_key__in=listed).delete()
    staff.sessions.all().delete()
    # Also ends sessions that were never listed: the key is part of every session's hash.
    staff.session_key = new_token()
    staff.save(update_fields=["session_key"])


def _end_shifts(staff: Staff) -> None:
    Device.objects.filter(person=staff).update(person=None, person_until=None)


def _hold_roles_still() -> None:
    """Let one change of roles at a time pass, so that two owners cannot remove each other."""
    SecurityPolicy.objects.bulk_create([SecurityPolicy(slot=1)], ignore_conflicts=True)
    SecurityPolicy.objects.filter(slot=1).update(slot=1)


def _require_an_owner() -> None:
    if not queries.has_owner():
        raise LastOwnerError


def _subject(staff: Staff) -> str:
    return f"staff:{staff.public_id}"


def _details(held: StaffRole) -> dict[str, Any]:
    return {"role": held.role, "place": held.place.public_id if held.place else None}
