"""Asking people to join the staff."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from regulars.accounts import emails
from regulars.accounts.actions.staff import forget_second_factor
from regulars.accounts.errors import AlreadyInvitedError, AlreadyStaffError, LinkUsedError
from regulars.accounts.models import Invitation, Role, Staff, StaffRole
from regulars.business.models import Place
from regulars.core import audit, links
from regulars.core.ids import new_token, token_hash


@dataclass(frozen=True)
class Sent:
    """An invitation on its way, and its link for whoever would rather hand it over."""

    invitation: Invitation
    link: str


def invite(email: str, *, role: Role, place: Place | None, language: str, by: Staff) -> Sent:
    """Invite somebody by mail, for seven days.

    Raises AlreadyStaffError or AlreadyInvitedError. Owners own everything: with that role
    `place` is ignored.
    """
    email = email.strip().lower()
    if Staff.objects.filter(email=email, is_active=True).exists():
        raise AlreadyStaffError
    token = new_token()
    link = links.to("accounts:accept_invitation", token)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email=email,
                role=role,
                place=None if role == Role.OWNER else place,
                language=language,
                token_hash=token_hash(token),
                invited_by=by,
                expires_at=timezone.now() + Invitation.LIFETIME,
            )
            audit.note(
                "accounts.invite",
                by=by,
                subject=f"invitation:{invitation.public_id}",
                role=invitation.role,
                place=None if place is None else place.public_id,
            )
            emails.send_invitation(invitation, link=link)
    except IntegrityError as error:
        raise AlreadyInvitedError from error
    return Sent(invitation, link)


def resend(invitation: Invitation, *, by: Staff) -> Sent:
    """Send a new link, for another seven days; the old one stops working. Raises LinkUsedError."""
    token = new_token()
    link = links.to("accounts:accept_invitation", token)
    with transaction.atomic():
        renewed = (
            Invitation.objects.open()
            .filter(pk=invitation.pk)
            .update(
                token_hash=token_hash(token),
                expires_at=timezone.now() + Invitation.LIFETIME,
                invited_by=by,
            )
        )
        if not renewed:
            raise LinkUsedError
        audit.note(
            "accounts.resend_invitation", by=by, subject=f"invitation:{invitation.public_id}"
        )
        emails.send_invitation(invitation, link=link)
    return Sent(invitation, link)


def revoke(invitation: Invitation, *, by: Staff) -> None:
    """Take the invitation back. Raises LinkUsedError when it was accepted or revoked already."""
    with transaction.atomic():
        revoked = (
            Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=timezone.now())
        )
        if not revoked:
            raise LinkUsedError
        audit.note(
            "accounts.revoke_invitation", by=by, subject=f"invitation:{invitation.public_id}"
        )


def accept(raw: str, *, name: str, password: str, language: str) -> Staff:
    """Join with the link's role. Raises LinkUsedError when the link does not work any more.

    Somebody who was here before gets their old row back, with this role only and without their
    former second factor.
    """
    with transaction.atomic():
        now = timezone.now()
        link = Invitation.objects.filter(token_hash=token_hash(raw))
        if not link.usable().filter(invited_by__is_active=True).update(accepted_at=now):
            raise LinkUsedError
        invitation = link.get()
        staff = _joined(invitation.email, name=name, password=password, language=language)
        StaffRole.objects.create(staff=staff, role=invitation.role, place=invitation.place)
        audit.note(
            "accounts.accept_invitation",
            by=staff,
            subject=f"invitation:{invitation.public_id}",
            role=invitation.role,
        )
    return staff


def _joined(email: str, *, name: str, password: str, language: str) -> Staff:
    known = Staff.objects.filter(email=email).first()
    if known is None:
        return Staff.objects.create_user(email, password, name=name, language=language)
    if known.is_active:
        raise LinkUsedError
    known.roles.all().delete()
    known.name, known.language, known.is_active = name, language, True
    known.joined_at = timezone.now()
    known.set_password(password)
    known.save(update_fields=["name", "language", "is_active", "joined_at", "password"])
    forget_second_factor(known)
    return known
