"""What people fill in to thank somebody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError
from regulars.customers.models import Customer
from regulars.mailing import placeholders
from regulars.outreach import wording
from regulars.outreach.actions.thanking import Draft
from regulars.outreach.models import Occasion, Way
from regulars.rewards.models import Offer
from regulars.rewards.queries import offers_for


class WordsForm(forms.Form):
    """Which ready words to begin with."""

    occasion = forms.ChoiceField(label=_("Thank them"), choices=Occasion.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    reason = forms.ChoiceField(label=_("In particular"), required=False)

    def __init__(self, *args: Any, reasons: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        if isinstance(reason, forms.ChoiceField):
            reason.choices = [("", "—"), *((one, one) for one in reasons)]


class ThanksForm(forms.Form):
    """The words, who signs, how it goes out, and a voucher or none."""

    occasion = forms.ChoiceField(choices=Occasion.choices, widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Subject"), max_length=150)
    text = forms.CharField(
        label=_("Words"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("You can use {given_name}, {family_name}, {full_name} and {business}."),
    )
    signed_name = forms.CharField(label=_("Signed by"), max_length=120)
    signed_title = forms.CharField(label=_("Title"), max_length=120, required=False)
    offer = forms.ModelChoiceField(
        label=_("Voucher"),
        queryset=Offer.objects.none(),
        required=False,
        empty_label=_("none"),
        to_field_name="public_id",
    )
    way = forms.ChoiceField(label=_("It goes"), choices=Way.choices)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer = self.fields["offer"]
        if isinstance(offer, forms.ModelChoiceField):
            offer.queryset = offers_for(customer)

    def clean_subject(self) -> str:
        """Only placeholders of the list."""
        return _checked(self.cleaned_data["subject"])

    def clean_text(self) -> str:
        """Only placeholders of the list; line ends as everywhere."""
        return _checked(self.cleaned_data["text"].replace("\r\n", "\n"))

    def draft(self) -> Draft:
        """What was written."""
        return Draft(**self.cleaned_data)


def _checked(text: str) -> str:
    try:
        placeholders.check(text, wording.ALLOWED)
    except DomainError as error:
        raise ValidationError(str(error)) from error
    return text
