"""What the owner fills in about the business."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from regulars.business import pictures, regions
from regulars.business.models import HOUSE_COLOUR, Department, Place, Signature, Trade
from regulars.core.errors import DomainError
from regulars.core.widgets import TimeOfDay

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")


class TradeForm(forms.Form):
    """The name, and what somebody runs."""

    name = forms.CharField(label=_("What is it called?"), max_length=120)
    trade = forms.ChoiceField(
        label=_("What do you run?"), choices=Trade.choices, widget=forms.RadioSelect
    )


class RegionForm(forms.Form):
    """Languages, country, currency and time zone."""

    language = forms.ChoiceField(
        label=_("Your own language"),
        choices=settings.LANGUAGES,
        help_text=_("Customers whose language is not known are written to in it."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages of your customers"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    country = forms.ChoiceField(label=_("Country"), choices=regions.countries)
    currency = forms.ChoiceField(label=_("Currency"), choices=regions.currencies)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=regions.time_zones)


class UsualHoursForm(forms.Form):
    """Opening hours where all open days are alike."""

    days = forms.MultipleChoiceField(
        label=_("Open on"),
        choices=[(day, WEEKDAYS[number]) for number, day in enumerate(DAYS)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    opens = forms.TimeField(label=_("Opens at"), widget=TimeOfDay(), required=False)
    closes = forms.TimeField(label=_("Closes at"), widget=TimeOfDay(), required=False)

    def clean(self) -> dict[str, Any]:
        """Both times or neither, in their order."""
        cleaned = super().clean() or {}
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if cleaned.get("days") and (opens is None or closes is None or closes <= opens):
            self.add_error("closes", ValidationError(_("It must close after it opens.")))
        return cleaned

    def hours(self) -> dict[str, list[list[str]]]:
        """The hours as they are stored: {"mon": [["08:00", "18:00"]], …}."""
        data = self.cleaned_data
        span = [f"{data['opens']:%H:%M}", f"{data['closes']:%H:%M}"] if data["days"] else []
        return {day: [span] for day in DAYS if day in data["days"]}


class HoursForm(forms.Form):
    """Opening hours day by day; a day without times is closed."""

    def __init__(self, *args: Any, hours: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, day in enumerate(DAYS):
            opens, closes = (hours or {}).get(day, [["", ""]])[0]
            for part, label, value in (
                ("opens", _("%(day)s, from"), opens),
                ("closes", _("%(day)s, until"), closes),
            ):
                self.fields[f"{day}_{part}"] = forms.TimeField(
                    label=label % {"day": WEEKDAYS[number]},
                    widget=TimeOfDay(),
                    required=False,
                    initial=value,
                )

    def clean(self) -> dict[str, Any]:
        """Each day has both times or neither, in their order."""
        cleaned = super().clean() or {}
        for day in DAYS:
            opens, closes = cleaned.get(f"{day}_opens"), cleaned.get(f"{day}_closes")
            if (opens is None) != (closes is None) or (opens and closes and closes <= opens):
                self.add_error(f"{day}_closes", ValidationError(_("It must close after it opens.")))
        return cleaned

    def hours(self) -> dict[str, list[list[str]]]:
        """The hours as they are stored."""
        data = self.cleaned_data
        return {
            day: [[f"{data[f'{day}_opens']:%H:%M}", f"{data[f'{day}_closes']:%H:%M}"]]
            for day in DAYS
            if data[f"{day}_opens"] is not None
        }


class LookForm(forms.Form):
    """How customers recognise the business."""

    picture = forms.FileField(
        label=_("Your logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        help_text=_("PNG, JPEG, WebP or GIF, up to 5 MB. It stands on the pages for customers."),
    )
    without_picture = forms.BooleanField(label=_("No logo"), required=False)

    colour = forms.CharField(
        label=_("Your colour"),
        max_length=7,
        required=False,
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("On pages and mail it is made light or dark enough to be read."),
    )
    postal_address = forms.CharField(
        label=_("Postal address"),
        max_length=240,
        required=False,
        help_text=_("It stands below every mail; in many countries it must."),
    )

    def __init__(self, *args: Any, has_logo: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_logo:
            del self.fields["without_picture"]

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Ours where no colour was chosen: a browser would take black for it."""
        found = super().get_initial_for_field(field, field_name)
        return found or HOUSE_COLOUR if field_name == "colour" else found

    def clean_picture(self) -> bytes | None:
        """The picture drawn anew; None where none was chosen."""
        uploaded = self.cleaned_data["picture"]
        if not uploaded:
            return None
        if uploaded.size > pictures.MAX_BYTES:
            raise ValidationError(_("The picture is larger than 5 MB."))
        try:
            return pictures.drawn_anew(uploaded.read())
        except DomainError as error:
            raise ValidationError(str(error)) from error

    def clean_colour(self) -> str:
        """Six hexadecimal digits after a #, or nothing."""
        colour: str = self.cleaned_data["colour"].lower()
        if colour and not _COLOUR.fullmatch(colour):
            raise ValidationError(_("A colour is written like #8a2846."))
        return colour


_SUBDOMAINS = _(
    "Browsers stay with https at this address. Are all names below it (shop.…, mail.…) served over "
    "https too? Then set REGULARS_HSTS_SUBDOMAINS=yes, and they stay with it there as well."
)


_NEEDS_A_START = _(
    "For an address with https, start Regulars with REGULARS_PUBLIC_URL set to it as well: "
    "without that, nobody can sign in there and no form is taken."
)


class ReachForm(forms.Form):
    """Where customers reach this installation."""

    public_url = forms.CharField(
        label=_("Public address"),
        max_length=200,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_(
            "The address at which customers’ phones find this installation. Without it, links in "
            "mail and on posters work on this computer only."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["public_url"]
        if not settings.SERVED_OVER_HTTPS:
            address.help_text = format_lazy("{} {}", address.help_text, _NEEDS_A_START)
        elif not settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
            # PE3: the one thing about https that only the owner of the name can decide.
            address.help_text = format_lazy("{} {}", address.help_text, _SUBDOMAINS)

    def clean_public_url(self) -> str:
        """A scheme and a host, without a path."""
        url: str = self.cleaned_data["public_url"].strip().rstrip("/").lower()
        if url and not _ADDRESS.fullmatch(url):
            raise ValidationError(_("An address is written like https://thanks.example.com."))
        return url


class PlaceForm(forms.ModelForm[Place]):
    """A place."""

    class Meta:
        model = Place
        fields = ["name", "kind", "address", "is_active"]


class DepartmentForm(forms.Form):
    """A team."""

    name = forms.CharField(label=_("Name of the team"), max_length=80)


class TouchpointForm(forms.Form):
    """A stage and the team that answers for it."""

    name = forms.CharField(label=_("Name of the stage"), max_length=80)
    department = forms.ModelChoiceField(
        label=_("Team that answers for it"),
        queryset=Department.objects.order_by("name"),
        to_field_name="public_id",
        required=False,
        empty_label="–",
    )


class SignatureForm(forms.ModelForm[Signature]):
    """Somebody who signs."""

    class Meta:
        model = Signature
        fields = ["name", "title", "is_default"]
