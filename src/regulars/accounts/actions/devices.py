"""Tills and kiosks: pairing, who is at them, revoking."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from regulars.accounts import queries
from regulars.accounts.errors import (
    NotYourPlaceError,
    TooManyTriesError,
    WrongCodeError,
    WrongPinError,
)
from regulars.accounts.models import Device, DeviceScope, PairingCode, Staff
from regulars.business.models import Place
from regulars.core import audit, limits
from regulars.core.access import Permission
from regulars.core.ids import new_token, token_hash

# Crockford's letters: no I, L, O, U, so nothing can be misread or spell a word.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
PIN_TRIES, PIN_WINDOW = 5, 15 * 60
PIN_TRIES_A_DAY, DAY = 20, 24 * 60 * 60
CODE_TRIES, CODE_WINDOW = 10, 10 * 60
# The whole installation's limit, against guessing from many addresses: 600 guesses of 2^40.
CODE_TRIES_OF_ALL = 600


def new_pairing_code(*, name: str, scope: DeviceScope, place: Place, by: Staff) -> str:
    """A code of eight characters that pairs one device within ten minutes.

    Raises NotYourPlaceError unless `by` manages the place.
    """
    if not by.may(Permission.MANAGE, place=place):
        raise NotYourPlaceError
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        PairingCode.objects.filter(expires_at__lte=timezone.now()).delete()
        PairingCode.objects.create(
            code_hash=token_hash(code),
            name=name,
            scope=scope,
            place=place,
            made_by=by,
            expires_at=timezone.now() + PairingCode.LIFETIME,
        )
        audit.note("accounts.make_pairing_code", by=by, scope=str(scope), place=place.public_id)
    return code


def normal_code(typed: str) -> str:
    """A typed code: case, spaces and dashes do not matter, O is 0, I and L are 1."""
    letters = typed.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return "".join(letter for letter in letters if letter in ALPHABET)


def pair(typed: str, *, network: str) -> tuple[Device, str]:
    """Pair a device with a code; the device and the token for its cookie.

    `network` is where the try comes from. Raises TooManyTriesError or WrongCodeError.
    """
    if not limits.allow(f"pair:{network}", limit=CODE_TRIES, window_seconds=CODE_WINDOW):
        raise TooManyTriesError
    if not limits.allow("pair", limit=CODE_TRIES_OF_ALL, window_seconds=CODE_WINDOW):
        raise TooManyTriesError
    with transaction.atomic():
        code = queries.usable_code(normal_code(typed))
        if code is None or not _use_up(code):
            raise WrongCodeError
        token = new_token()
        device = Device.objects.create(
            name=code.name,
            scope=code.scope,
            place=code.place,
            token_hash=token_hash(token),
            paired_by=code.made_by,
            last_seen_on=timezone.now().date(),
        )
        audit.note(
            "accounts.pair_device",
            by=code.made_by,
            subject=_subject(device),
            scope=device.scope,
            place=code.place.public_id,
        )
    return device, token


def _use_up(code: PairingCode) -> bool:
    now = timezone.now()
    unused = PairingCode.objects.filter(pk=code.pk, used_at=None, expires_at__gt=now)
    return unused.update(used_at=now) == 1


def revoke(device: Device, *, by: Staff) -> None:
    """Shut a device out at once."""
    with transaction.atomic():
        Device.objects.filter(pk=device.pk, revoked_at=None).update(
            revoked_at=timezone.now(), person=None, person_until=None
        )
        audit.note("accounts.revoke_device", by=by, subject=_subject(device))


def begin_shift(device: Device, *, person: str, pin: str) -> Staff:
    """Put somebody at the device, by public id and PIN, for at most twelve hours.

    Raises TooManyTriesError or WrongPinError, as `prove_person` does.
    """
    staff = prove_person(device, person=person, pin=pin)
    with transaction.atomic():
        now = timezone.now()
        Device.objects.filter(pk=device.pk, revoked_at=None).update(
            person=staff, person_until=now + Device.SHIFT, last_seen_on=now.date()
        )
        audit.note("accounts.begin_shift", by=staff, device_id=device.pk, subject=_subject(device))
    return staff


def prove_person(device: Device, *, person: str, pin: str) -> Staff:
    """Who typed this PIN at the device, by public id; nothing but the tries is written.

    Failures are counted per device and person, so guessing at one name locks that name on that
    device only. Raises TooManyTriesError, or WrongPinError, which also answers for somebody who
    may not serve here, after the same work.
    """
    staff = queries.people_for(device).filter(public_id=person).first()
    counted = f"pin:{device.pk}:{person}"
    _count_try(counted)
    stored = staff.pin if staff is not None else _nobodys_pin()
    if not check_password(pin, stored) or staff is None:
        raise WrongPinError
    limits.give_back(counted, window_seconds=PIN_WINDOW)
    limits.give_back(counted, window_seconds=DAY)
    return staff


def end_shift(device: Device) -> None:
    """Nobody is at the device any more."""
    Device.objects.filter(pk=device.pk).update(person=None, person_until=None)


def note_seen(device: Device) -> None:
    """Note the day a device was last used; at most one write a day."""
    today = timezone.now().date()
    if device.last_seen_on != today:
        Device.objects.filter(pk=device.pk).update(last_seen_on=today)


def _count_try(counted: str) -> None:
    for limit, window in ((PIN_TRIES_A_DAY, DAY), (PIN_TRIES, PIN_WINDOW)):
        if not limits.allow(counted, limit=limit, window_seconds=window):
            raise TooManyTriesError


_nobody: list[str] = []


def _nobodys_pin() -> str:
    """A hash that no PIN opens, so that an unknown name takes as long as a known one."""
    if not _nobody:
        _nobody.append(make_password(new_token()))
    return _nobody[0]


def _subject(device: Device) -> str:
    return f"device:{device.public_id}"
