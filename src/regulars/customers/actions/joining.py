"""Joining by the QR code at the counter, confirmed by mail before any consent counts."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.business.queries import the_business
from regulars.core import audit, moments
from regulars.core.errors import DomainError
from regulars.core.ids import new_token, token_hash
from regulars.core.limits import allow
from regulars.customers.actions import consents, people
from regulars.customers.addresses import normal_address
from regulars.customers.models import ContactPoint, Customer, JoinCode, JoinRequest
from regulars.customers.moments import JoinRequested
from regulars.customers.queries.people import owners_of, survivor
from regulars.customers.wording import consent_wording

CONFIRM_WITHIN = timedelta(days=7)
HOUR, DAY = 3600, 86_400
PER_NETWORK_AN_HOUR = 60
PER_ADDRESS_A_DAY = 3
PER_CODE_A_DAY = 1000
# No vowels and nothing that looks like something else: read aloud and typed without mistakes.
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"


class JoinError(DomainError):
    """Joining that cannot be carried out."""

    code = "cannot_join"


@dataclass(frozen=True)
class Joining:
    """What somebody filled in; one of `email` and `phone` is there.

    `language` is the one to write in, `shown_in` the one in which the form was read.
    """

    name: str
    email: str
    phone: str
    language: str
    shown_in: str = ""
    birth_month: int | None = None
    birth_day: int | None = None
    purposes: tuple[str, ...] = ()


def join_code_of(place: Place | None, *, by: Staff) -> JoinCode:
    """The place's open code, made when there is none."""
    with transaction.atomic():
        known = JoinCode.objects.filter(place=place, is_open=True).order_by("-pk").first()
        return known or _new_code(place, by)


def renew_join_code(code: JoinCode, *, by: Staff) -> JoinCode:
    """A new code for the place; posters with the old one stop working."""
    with transaction.atomic():
        JoinCode.objects.filter(pk=code.pk).update(is_open=False)
        return _new_code(code.place, by)


def join(code: JoinCode, given: Joining, *, network: str) -> Customer:
    """Take somebody in who filled in the form behind the QR code.

    A known address makes no second record and changes nothing about the first one. By e-mail
    nothing is agreed until the owner of the address confirms; a phone number is not confirmed,
    so its consents wait until staff do. `network` is counted, never kept. Raises JoinError (too
    many, no address) and AddressError.
    """
    country = the_business().country
    channel = ContactPoint.Channel.EMAIL if given.email else ContactPoint.Channel.PHONE
    raw = given.email or given.phone
    if not raw.strip():
        raise JoinError(_("Please give an e-mail address or a phone number."))
    address = normal_address(channel, raw, country=country)
    also_phone = given.phone if given.email else ""
    if also_phone:
        normal_address(ContactPoint.Channel.PHONE, also_phone, country=country)
    _limit(code, network, address)
    with transaction.atomic():
        known = owners_of(channel, address).first()
        customer = known or _new_customer(code, given, also_phone)
        if given.email:
            _ask_to_confirm(code, customer, given, address)
        elif known is None:
            _wait_for_staff(code, customer, given)
    return customer


def new_confirmation_token(request: JoinRequest) -> str:
    """A fresh token for the mail that asks to confirm; only its hash is kept."""
    token = new_token()
    JoinRequest.objects.filter(pk=request.pk).update(token_hash=token_hash(token))
    return token


def confirm(request: JoinRequest) -> bool:
    """The owner of the address says yes: the address works, the consents count. Once."""
    now = timezone.now()
    with transaction.atomic():
        waiting = JoinRequest.objects.filter(
            pk=request.pk, confirmed_at=None, expires_at__gt=now
        ).update(confirmed_at=now)
        if not waiting:
            return False
        customer = survivor(request.customer)
        points = customer.contact_points.filter(channel="email", address=request.email)
        points.update(confirmed_at=now, state=ContactPoint.State.WORKS)
        for purpose in request.purposes:
            consents.give_consent(
                customer,
                channel=ContactPoint.Channel.EMAIL,
                purpose=purpose,
                wording=request.wordings.get(purpose, ""),
                evidence=_evidence(request),
                language=request.language,
            )
    return True


def _evidence(request: JoinRequest) -> str:
    place = request.join_code.place.name if request.join_code and request.join_code.place else ""
    asked = request.created_at.isoformat(timespec="minutes")
    return f"QR form {place}, {asked}, confirmed by the link in the mail".replace(" ,", ",")


def _new_code(place: Place | None, by: Staff) -> JoinCode:
    made = JoinCode(place=place, code="".join(secrets.choice(_LETTERS) for _letter in range(8)))
    made.save(force_insert=True)
    audit.note("customers.new_join_code", by=by, subject=f"join_code:{made.public_id}")
    return made


def _limit(code: JoinCode, network: str, address: str) -> None:
    within = (
        allow(f"join:network:{network}", limit=PER_NETWORK_AN_HOUR, window_seconds=HOUR)
        and allow(f"join:address:{address}", limit=PER_ADDRESS_A_DAY, window_seconds=DAY)
        and allow(f"join:code:{code.pk}", limit=PER_CODE_A_DAY, window_seconds=DAY)
    )
    if not within:
        raise JoinError(_("That was too often. Please try again later."), code="too_often")


def _new_customer(code: JoinCode, given: Joining, also_phone: str) -> Customer:
    given_name, family_name = _names(given)
    pairs: Iterable[tuple[str, str]] = (
        ("email", given.email),
        ("phone", also_phone or ("" if given.email else given.phone)),
    )
    return people.add_customer(
        way="counter",
        by=None,
        given_name=given_name,
        family_name=family_name,
        language=given.language,
        birth_month=given.birth_month,
        birth_day=given.birth_day,
        home_place=code.place,
        addresses=[people.Address(channel, raw) for channel, raw in pairs if raw.strip()],
    )


def _names(given: Joining) -> tuple[str, str]:
    """(given, family): one line, written in the order of the language."""
    words = given.name.split()
    if len(words) < 2:
        return given.name.strip(), ""
    if given.language == "hu":
        return " ".join(words[1:]), words[0]
    return " ".join(words[:-1]), words[-1]


def _ask_to_confirm(code: JoinCode, customer: Customer, given: Joining, address: str) -> None:
    request = JoinRequest(
        customer=customer,
        join_code=code,
        email=address,
        purposes=list(given.purposes),
        wordings=_wordings(given),
        language=given.language,
        expires_at=timezone.now() + CONFIRM_WITHIN,
    )
    request.save(force_insert=True)
    moments.record(JoinRequested(join_request_id=request.pk), customer_id=customer.pk)


def _wait_for_staff(code: JoinCode, customer: Customer, given: Joining) -> None:
    place = code.place.name if code.place else ""
    for purpose, wording in _wordings(given).items():
        consents.give_consent(
            customer,
            channel=ContactPoint.Channel.PHONE,
            purpose=purpose,
            wording=wording,
            evidence=f"QR form {place}, not confirmed".replace(" ,", ","),
            language=given.language,
            confirmed=False,
        )


def _wordings(given: Joining) -> dict[str, str]:
    business = the_business().name
    return {
        purpose: consent_wording(
            purpose, business=business, language=given.shown_in or given.language
        )
        for purpose in given.purposes
    }


def is_waiting(request: JoinRequest) -> bool:
    """Whether the request can still be confirmed."""
    return request.confirmed_at is None and request.expires_at > timezone.now()
