"""Normal forms of addresses, so that one person's address is found however it was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError
from regulars.customers.models import ContactPoint

Channel = ContactPoint.Channel
_EMAIL = re.compile(r"""[^\s,;|<>()"']+@[^\s,;|<>()"']+""")
_FEWEST_DIGITS = 5


class AddressError(DomainError):
    """An address that nothing can be sent to."""

    code = "bad_address"


def normal_address(channel: str, raw: str, *, country: str) -> str:
    """The form that is stored and compared: lower-case e-mail, E.164 phone number.

    `country` (ISO 3166, two letters) is where a phone number without a prefix belongs.
    Raises AddressError.
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    if channel == Channel.EMAIL:
        return _normal_email(text)
    if channel == Channel.PHONE:
        return _normal_phone(text, country)
    if not text:
        raise AddressError(_("The address is empty."))
    return " ".join(text.split())


def _normal_email(text: str) -> str:
    address = text.lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise AddressError(_("This is not an e-mail address.")) from error
    return address


def _normal_phone(text: str, country: str) -> str:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise AddressError(_("This is not a phone number.")) from error
    if not phonenumbers.is_possible_number(number):
        raise AddressError(_("This phone number has too few or too many digits."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_one_of(raw: str, wanted: Collection[str], *, country: str) -> bool:
    """Whether what somebody typed holds one of the (normalised) addresses, in whatever form."""
    text = unicodedata.normalize("NFKC", raw)
    if any(one.lower() in wanted for one in _EMAIL.findall(text)):
        return True
    rest = _EMAIL.sub(" ", text).strip()
    if sum(map(str.isdigit, rest)) < _FEWEST_DIGITS:
        return False
    try:
        return _normal_phone(rest, country) in wanted
    except AddressError:
        return False


def shown_phone(address: str) -> str:
    """An E.164 number as people write it, with spaces."""
    number = phonenumbers.parse(address, None)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
