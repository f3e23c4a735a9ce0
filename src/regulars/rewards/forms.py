"""What people fill in at the till and for an offer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.business.queries import places_in_use
from regulars.core import money
from regulars.core.widgets import Day
from regulars.rewards.models import ALL_DAYS, Limits, Offer

DAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class AmountField(forms.CharField):
    """An amount as people write it; its clean value is in minor units of `currency`."""

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        super().__init__(
            max_length=40,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )
        self.currency = currency

    def clean(self, value: Any) -> Any:
        """Minor units; None where nothing was written."""
        written = super().clean(value)
        if not written:
            return None
        try:
            return money.typed(written, self.currency)
        except money.AmountError as error:
            raise ValidationError(str(error), code=error.code) from error


class CodeForm(forms.Form):
    """A code and, where it matters, the amount of the purchase."""

    code = forms.CharField(
        label=_("Code"),
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    total = AmountField(label=_("Amount"), required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        total = self.fields["total"]
        if isinstance(total, AmountField):
            total.currency = currency


class UndoForm(forms.Form):
    """Why a use is undone and, beyond what one may do alone, who stands for it."""

    reason = forms.CharField(label=_("Why is it undone?"), max_length=200)
    manager = forms.ChoiceField(label=_("Manager"), required=False)
    pin = forms.CharField(
        label=_("The manager’s PIN"),
        required=False,
        max_length=12,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, managers: Iterable[Staff] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["manager"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [("", "—"), *((one.public_id, one.name) for one in managers)]


class OfferForm(forms.Form):
    """The terms of an offer. They never change afterwards."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Only staff see it."))
    gives = forms.ChoiceField(label=_("It gives"), choices=Offer.Gives.choices)
    percent = forms.IntegerField(label=_("Percent"), required=False, min_value=1, max_value=100)
    amount = AmountField(label=_("Amount off"), required=False)
    item = forms.CharField(
        label=_("What is free"),
        required=False,
        max_length=120,
        help_text=_("As the customer reads it: a coffee of your choice."),
    )
    min_total = AmountField(label=_("For purchases from"), required=False)
    valid_days = forms.IntegerField(
        label=_("Days a voucher is good for"), min_value=1, max_value=1000, initial=60
    )
    ends_on = forms.DateField(label=_("Last day of the offer"), required=False, widget=Day())
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        choices=DAYS,
        coerce=int,
        initial=[day for day, _name in DAYS],
        widget=forms.CheckboxSelectMultiple,
    )
    places: forms.ModelMultipleChoiceField[Place] = forms.ModelMultipleChoiceField(
        label=_("Places"),
        queryset=Place.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means everywhere."),
    )
    uses_per_voucher = forms.IntegerField(
        label=_("Uses of one voucher"), min_value=1, max_value=1000, initial=1
    )
    limit_per_customer = forms.IntegerField(
        label=_("Uses per customer at most"), required=False, min_value=1
    )
    limit = forms.IntegerField(label=_("Uses in all at most"), required=False, min_value=1)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = self.fields["places"]
        if isinstance(places, forms.ModelMultipleChoiceField):
            places.queryset = places_in_use()
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.currency = currency

    def clean(self) -> dict[str, Any]:
        """What the offer gives must be said; what it does not give is left out."""
        cleaned = super().clean() or {}
        gives = cleaned.get("gives", "")
        if gives and not cleaned.get(gives):
            self.add_error(gives, _("Please say how much or what."))
        for other in {"percent", "amount", "item"} - {gives}:
            cleaned[other] = "" if other == "item" else 0
        cleaned["min_total"] = cleaned.get("min_total") or 0
        chosen = cleaned.get("weekdays", [])
        cleaned["weekdays"] = sum(1 << day for day in chosen) or ALL_DAYS
        return cleaned


class LimitsForm(forms.ModelForm[Limits]):
    """What staff may do without a manager."""

    class Meta:
        model = Limits
        fields = ("given_a_day", "undone_a_day", "undone_within_minutes")
