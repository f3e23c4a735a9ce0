"""What people fill in about feedback and cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.accounts.models import Staff
from regulars.business.models import Place, Touchpoint
from regulars.core.ids import new_token
from regulars.customers.models import Customer
from regulars.feedback.actions.cases import MAX_REPLY
from regulars.feedback.actions.receiving import MAX_TEXT
from regulars.feedback.models import Kind, Source
from regulars.feedback.queries import customers_found, places_of

STAFF_SOURCES = (Source.COUNTER, Source.PHONE, Source.EMAIL)
MOST_CUSTOMERS = 20


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class OnceForm(forms.Form):
    """A form whose second sending of the same page changes nothing."""

    submission_id = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=new_token)


class SaidForm(OnceForm):
    """What a customer told a member of staff. `who` finds the customer by name or address."""

    source = forms.ChoiceField(
        label=_("How it reached you"), choices=[(s.value, s.label) for s in STAFF_SOURCES]
    )
    text = forms.CharField(label=_("What was said"), max_length=MAX_TEXT, widget=_area(5))
    kind = forms.ChoiceField(
        label=_("What it is"),
        required=False,
        choices=[("", _("the program may guess")), *Kind.choices],
        help_text=_("A complaint is put right: it gets a case with a time to answer."),
    )
    who = forms.CharField(
        label=_("Customer"),
        max_length=200,
        required=False,
        help_text=_("Name, e-mail address or phone number of somebody in the list of customers."),
    )
    customer = forms.ChoiceField(label=_("Which one?"), required=False)
    contact_name = forms.CharField(
        label=_("Name, if not in the list"), max_length=120, required=False
    )
    contact_address = forms.CharField(
        label=_("E-mail address or phone number to answer to"), max_length=254, required=False
    )
    place = forms.ModelChoiceField(
        Place.objects.none(),
        label=_("Place"),
        to_field_name="public_id",
        required=False,
        empty_label="–",
    )
    touchpoint = forms.ModelChoiceField(
        Touchpoint.objects.order_by("position", "name"),
        label=_("Stage"),
        to_field_name="public_id",
        required=False,
        empty_label="–",
    )

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = places_of(staff)
        self.fields["place"].queryset = places  # type: ignore[attr-defined]  # a ModelChoiceField
        if len(places) == 1:
            self.initial.setdefault("place", places[0].public_id)
        if not len(places):
            del self.fields["place"]
        if not self.fields["touchpoint"].queryset.exists():  # type: ignore[attr-defined]  # as above
            del self.fields["touchpoint"]
        self._offer_customers()

    def _offer_customers(self) -> None:
        words = str(self.data.get("who", "") or self.initial.get("who", "")).strip()
        found = list(customers_found(words)[:MOST_CUSTOMERS]) if words else []
        if len(found) < 2:
            del self.fields["customer"]
            self.only = found[0] if found else None
            return
        self.only = None
        choices = [(one.public_id, str(one)) for one in found]
        self.fields["customer"].choices = [("", _("Please choose")), *choices]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Tie the words of `who` to one customer."""
        given = super().clean() or {}
        if not given.get("who"):
            given["found"] = None
        elif "customer" not in self.fields:
            given["found"] = self.only
            if self.only is None:
                self.add_error("who", _("Nobody in the list of customers fits this."))
        elif given.get("customer"):
            given["found"] = Customer.objects.in_force().get(public_id=given["customer"])
        else:
            self.add_error("customer", _("Several customers fit. Please choose one."))
        return given


class SayForm(OnceForm):
    """The public form: a complaint, a suggestion, a question or praise, with or without a name."""

    kind = forms.ChoiceField(
        label=_("What would you like to tell us?"),
        choices=[
            (Kind.COMPLAINT, _("Something went wrong")),
            (Kind.SUGGESTION, _("I have a suggestion")),
            (Kind.QUESTION, _("I have a question")),
            (Kind.PRAISE, _("Something was good")),
        ],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("Your message"), max_length=MAX_TEXT, widget=_area(6))
    contact_name = forms.CharField(label=_("Your name"), max_length=120, required=False)
    contact_address = forms.CharField(
        label=_("E-mail address or phone number"),
        max_length=254,
        required=False,
        help_text=_("Only needed if you would like an answer. We use it for nothing else."),
    )


class KindForm(forms.Form):
    """A person's word on what kind of feedback it is."""

    kind = forms.ChoiceField(label=_("This is"), choices=Kind.choices)


class NoteForm(OnceForm):
    """A note for colleagues."""

    text = forms.CharField(label=_("Note for colleagues"), max_length=MAX_REPLY, widget=_area(3))


class ReplyForm(OnceForm):
    """An answer to the customer."""

    text = forms.CharField(label=_("Your answer"), max_length=MAX_REPLY, widget=_area(8))


class ClosingForm(forms.Form):
    """What was done, as the last word on a case."""

    what_was_done = forms.CharField(
        label=_("What was done?"),
        max_length=MAX_REPLY,
        widget=_area(3),
        help_text=_("One sentence that colleagues can learn from."),
    )


class _PersonForm(forms.Form):
    person = forms.ModelChoiceField(
        Staff.objects.none(),
        label=pgettext_lazy("colleague", "Person"),
        to_field_name="public_id",
        empty_label=_("Please choose"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.people = kwargs.pop("people")
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = self.people  # type: ignore[attr-defined]  # a ModelChoiceField


class OwnerForm(_PersonForm):
    """Who puts it right."""


class PassOnForm(_PersonForm):
    """The employee whom praise is about."""
