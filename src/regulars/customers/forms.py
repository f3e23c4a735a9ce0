"""What staff and customers fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.business.models import Place
from regulars.business.queries import places_in_use, the_business
from regulars.core.templatetags.ui import LANGUAGE_NAMES
from regulars.core.widgets import Day
from regulars.customers.actions.joining import Joining
from regulars.customers.actions.people import Address
from regulars.customers.keeping import LONGEST, Kind
from regulars.customers.models import Consent, ContactPoint, Customer, Pause
from regulars.customers.wording import consent_wording

MONTH_CHOICES = [("", "–"), *((str(number), name) for number, name in MONTHS.items())]
DAY_CHOICES = [("", "–"), *((str(number), str(number)) for number in range(1, 32))]


def _number(value: str) -> int | None:
    return int(value) if value else None


def language_choices(*, empty: Any) -> list[tuple[str, Any]]:
    """The languages by their own names."""
    return [("", empty), *((code, LANGUAGE_NAMES[code]) for code, _name in settings.LANGUAGES)]


_WHAT_BECOMES: dict[Kind, Any] = {
    Kind.CUSTOMERS: _(
        "Months since somebody last bought, answered, wrote or agreed to anything. Then they are "
        "erased for good; sums stay without a name."
    ),
    Kind.WORDS: _(
        "Months. Then comments, complaints, notes and what was done are emptied; scores stay. "
        "What is not put right yet stays."
    ),
    Kind.MESSAGES: _(
        "Months. Then the words and the address of a message are emptied; that it was sent stays."
    ),
    Kind.PURCHASES: _("Months. Then a purchase no longer says whose it was; sums stay."),
    Kind.HISTORY: _("Months. Then what happened is taken off a customer’s page."),
}


class RetentionForm(forms.Form):
    """For how many months each kind of data is kept; empty for good."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind:
            self.fields[kind.value] = forms.IntegerField(
                label=kind.label,
                min_value=1,
                max_value=LONGEST,
                required=False,
                help_text=_WHAT_BECOMES[kind],
            )

    def months(self) -> dict[Kind, int]:
        """What was filled in, without what is kept for good."""
        return {Kind(name): months for name, months in self.cleaned_data.items() if months}


class HoldForm(forms.Form):
    """Why nothing about somebody may be deleted."""

    reason = forms.CharField(label=_("Why nothing may be deleted"), max_length=300)


class BirthdayFields(forms.Form):
    """Month and day, for those who would rather not say the year."""

    birth_month = forms.TypedChoiceField(
        label=_("Month of birth"),
        choices=MONTH_CHOICES,
        coerce=_number,
        empty_value=None,
        required=False,
    )
    birth_day = forms.TypedChoiceField(
        label=_("Day of birth"),
        choices=DAY_CHOICES,
        coerce=_number,
        empty_value=None,
        required=False,
    )


class CustomerForm(BirthdayFields):
    """Who somebody is. Everything may stay empty."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=Customer.Kind.choices, widget=forms.RadioSelect, required=False
    )
    given_name = forms.CharField(label=_("Given name"), max_length=120, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=120, required=False)
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    birth_year = forms.IntegerField(
        label=_("Year of birth"), min_value=1890, max_value=2100, required=False
    )
    home_place = forms.ModelChoiceField(
        label=_("Usual place"),
        queryset=Place.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label="–",
    )
    wishes = forms.CharField(
        label=_("Preferences"),
        help_text=_("What they like: a table by the window, oat milk, a short phone call."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_(
            "The customer may ask to read it. Nothing about health, belief or origin, please."
        ),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices(empty="–")  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["home_place"].queryset = places_in_use()  # type: ignore[attr-defined]  # a ModelChoiceField
        self.order_fields(
            [
                *("kind", "given_name", "family_name", "company", "email", "phone", "language"),
                *("birth_month", "birth_day", "birth_year", "home_place", "wishes", "note"),
            ]
        )

    def changes(self, customer: Customer | None = None) -> dict[str, Any]:
        """What to store, once the form is valid."""
        given = dict(self.cleaned_data)
        for name in ("email", "phone"):
            given.pop(name, None)
        preferences = dict(customer.preferences) if customer else {}
        preferences.pop("wishes", None)
        if wishes := given.pop("wishes"):
            preferences["wishes"] = wishes
        kind = given.pop("kind") or Customer.Kind.PERSON
        return given | {"preferences": preferences, "kind": kind}


def of_customer(customer: Customer) -> dict[str, Any]:
    """The values that the form begins with."""
    names = [name for name in CustomerForm.base_fields if name != "wishes"]
    known = {name: getattr(customer, name) for name in names}
    for name in ("birth_month", "birth_day"):
        known[name] = str(known[name] or "")
    return known | {"wishes": customer.preferences.get("wishes", "")}


class NewCustomerForm(CustomerForm):
    """Somebody new, with how to reach them."""

    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)

    def addresses(self) -> list[Address]:
        """The addresses that were given."""
        pairs = (("email", self.cleaned_data["email"]), ("phone", self.cleaned_data["phone"]))
        return [Address(channel, raw) for channel, raw in pairs if raw.strip()]


class AddressForm(forms.Form):
    """One more address."""

    channel = forms.ChoiceField(label=_("Way"), choices=ContactPoint.Channel.choices)
    address = forms.CharField(label=_("Address"), max_length=320)


class ConsentForm(forms.Form):
    """What a customer said, and how it is known."""

    channel = forms.ChoiceField(label=_("Way"), choices=ContactPoint.Channel.choices)
    purpose = forms.ChoiceField(label=_("For what"), choices=Consent.Purpose.choices)
    answer = forms.ChoiceField(
        label=_("The customer"),
        choices=[("given", _("agrees")), ("withdrawn", _("does not want it"))],
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=_("How do you know?"),
        help_text=_("For example: said at the counter on 3 May, signed the list at the door."),
        max_length=300,
    )


class PauseForm(forms.Form):
    """A reason not to write to somebody."""

    kind = forms.ChoiceField(
        label=_("Reason"),
        choices=[choice for choice in Pause.Kind.choices if choice[0] != "open_complaint"],
    )
    until = forms.DateField(
        label=_("Until"), help_text=_("Empty means for good."), required=False, widget=Day()
    )


class JoinForm(BirthdayFields):
    """What somebody fills in at the counter in 20 seconds. No box is ticked beforehand."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("or phone number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language"))
    # People never see this field; robots fill it in.
    website = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices(empty="")[1:]  # type: ignore[attr-defined]  # a ChoiceField
        business = the_business().name
        for purpose in Consent.Purpose:
            self.fields[f"agrees_{purpose}"] = forms.BooleanField(
                required=False, label=consent_wording(purpose, business=business)
            )
        self.order_fields(["name", "email", "phone", "language", "birth_month", "birth_day"])

    @property
    def consent_fields(self) -> list[forms.BoundField]:
        """The boxes."""
        return [self[f"agrees_{purpose}"] for purpose in Consent.Purpose]

    def clean(self) -> dict[str, Any]:
        """One way to reach them is needed; a birthday is whole or absent."""
        given = super().clean() or self.cleaned_data
        if not (given.get("email", "").strip() or given.get("phone", "").strip()):
            self.add_error("email", _("Please give an e-mail address or a phone number."))
        if (given.get("birth_month") is None) != (given.get("birth_day") is None):
            self.add_error("birth_month", _("A birthday needs a month and a day."))
        return given

    @property
    def is_from_a_robot(self) -> bool:
        """Whether the field that nobody sees was filled in."""
        return bool(self.cleaned_data["website"])

    def joining(self) -> Joining:
        """What was given, once the form is valid."""
        given = self.cleaned_data
        return Joining(
            name=given["name"].strip(),
            email=given["email"].strip(),
            phone=given["phone"].strip(),
            language=given["language"],
            shown_in=get_language() or "",
            birth_month=given["birth_month"],
            birth_day=given["birth_day"],
            purposes=tuple(
                purpose.value for purpose in Consent.Purpose if given[f"agrees_{purpose}"]
            ),
        )
