"""What people fill in here."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.accounts import queries
from regulars.accounts.models import DeviceScope, Role, Scope, SecondFactorRule, Staff
from regulars.business.models import Department, Place
from regulars.core.access import Permission

LANGUAGES = [*settings.LANGUAGES]


class NameAndPasswordForm(forms.Form):
    """How somebody who holds a link introduces themselves."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least ten characters. A few words in a row are good."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_address = email

    def clean(self) -> dict[str, Any] | None:
        """The password must not be common nor made of the name or address."""
        cleaned = super().clean() or {}
        person = Staff(
            email=cleaned.get("email") or self.known_address, name=cleaned.get("name", "")
        )
        if "password" in cleaned:
            try:
                validate_password(cleaned["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class ClaimForm(NameAndPasswordForm):
    """How the first owner introduces themselves."""

    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    field_order = ("name", "email", "password", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)


class _PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in stubs only
    """A place by its public id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Place.objects.filter(is_active=True).order_by("name"),
            to_field_name="public_id",
            **kwargs,
        )


class RoleForm(forms.Form):
    """A role, and where."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.STAFF)
    place = _PlaceField(label=_("Place"), required=False, empty_label=_("Everywhere"))


class TeamsForm(forms.Form):
    """The teams somebody answers for."""

    teams = forms.ModelMultipleChoiceField(
        label=_("Answers for these teams"),
        help_text=_("Told by mail of every weak score and complaint about them."),
        queryset=Department.objects.order_by("name", "pk"),
        to_field_name="public_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class InvitationForm(RoleForm):
    """Whom to invite."""

    email = forms.EmailField(label=_("E-mail"))
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=LANGUAGES)
    field_order = ("email", "role", "place", "language")


class DetailsForm(forms.Form):
    """One's own name and language."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class PinForm(forms.Form):
    """One's own PIN; empty takes it away."""

    pin = forms.CharField(
        label=_("PIN"),
        help_text=_("4 to 8 digits, for tills. Left empty, the PIN is removed."),
        required=False,
        max_length=8,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_pin(self) -> str:
        """Digits, and not the first that anybody would try."""
        pin: str = self.cleaned_data["pin"]
        if pin and not re.fullmatch(r"[0-9]{4,8}", pin):
            raise ValidationError(_("A PIN has 4 to 8 digits."))
        if pin and is_easy_pin(pin):
            raise ValidationError(_("This PIN is too easy to guess."))
        return pin


def is_easy_pin(pin: str) -> bool:
    """All digits equal, a run up or down, a pair repeated, or a year of the last hundred."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    repeated = pin[:2] * (len(pin) // 2) == pin
    return steps <= {0} or steps <= {1} or steps <= {9} or repeated or pin[:2] in {"19", "20"}


class PairingForm(forms.Form):
    """Which device to pair, where, for what. Only the places one manages are offered."""

    name = forms.CharField(label=_("Name of the device"), max_length=80)
    scope = forms.ChoiceField(label=_("Used as"), choices=DeviceScope.choices)
    place = _PlaceField(label=_("Place"), empty_label=_("Please choose"))

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("_PlaceField", self.fields["place"])
        places = queries.places_where(staff, Permission.MANAGE)
        if len(places) == 1:
            field.initial, field.empty_label = places[0].public_id, None
        field.queryset = places


class CodeForm(forms.Form):
    """A pairing code as it is typed on the device."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class ShiftForm(forms.Form):
    """Who is at the device."""

    person = forms.ChoiceField(label=_("Your name"))
    pin = forms.CharField(
        label=_("PIN"),
        max_length=8,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, people: list[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["person"])
        field.choices = [(person.public_id, person.name) for person in people]


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Which program will use it, for instance.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )


class SecurityForm(forms.Form):
    """Who must have a second factor."""

    second_factor = forms.ChoiceField(
        label=_("Who must have a second factor"),
        choices=SecondFactorRule.choices,
        widget=forms.RadioSelect,
    )
