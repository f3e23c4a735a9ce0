"""What people may be refused here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError


class LinkUsedError(DomainError):
    """A one-time link that was used, revoked or ran out."""

    code = "link_used"

    def __init__(self) -> None:
        super().__init__(_("This link has been used already or has run out. Ask for a new one."))


class AlreadyStaffError(DomainError):
    """An invitation for somebody who is here already."""

    code = "already_staff"

    def __init__(self) -> None:
        super().__init__(_("Somebody with this e-mail address works here already."))


class AlreadyInvitedError(DomainError):
    """A second invitation to one address."""

    code = "already_invited"

    def __init__(self) -> None:
        super().__init__(_("This address has an open invitation. Send that one again instead."))


class LastOwnerError(DomainError):
    """What would leave the installation without an owner."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__(_("There must always be one owner. Make somebody else an owner first."))


class OwnSecondFactorError(DomainError):
    """One's own second factor, where only somebody else's lost one is removed."""

    code = "own_second_factor"

    def __init__(self) -> None:
        super().__init__(_("Please change your own second factor on the page of your account."))


class WrongPinError(DomainError):
    """A wrong PIN, or somebody who may not sign in on this device."""

    code = "wrong_pin"

    def __init__(self) -> None:
        super().__init__(_("This is not the right PIN."))


class TooManyTriesError(DomainError):
    """A limit was reached."""

    code = "too_many_tries"

    def __init__(self) -> None:
        super().__init__(_("Too many tries. Please wait a quarter of an hour."))


class WrongCodeError(DomainError):
    """A pairing code that does not work."""

    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__(_("This code does not work. A code lasts ten minutes; make a new one."))


class NotYourPlaceError(DomainError):
    """An act at a place where the actor has no say."""

    code = "not_your_place"

    def __init__(self) -> None:
        super().__init__(_("You do not manage this place."))
