"""What is asked about a file, and what to take along."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from regulars.business.models import Place
from regulars.core.widgets import Day
from regulars.customers.imports import batches, places, values
from regulars.customers.imports.columns import FIELDS, Kind
from regulars.customers.imports.consent import How, Provenance
from regulars.customers.models import Consent, ImportBatch

State = ImportBatch.State
STEP = {
    State.UPLOADED: 2,
    State.READING: 3,
    State.CHECKED: 3,
    State.STAGING: 4,
    State.APPLIED: 5,
    State.UNDONE: 5,
}
TITLES = {
    "key": _("Customer number"),
    "name": _("Name"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "company": _("Company"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "language": _("Language"),
    "birthday": _("Birthday"),
    "note": _("Note"),
    "place": _("Place"),
    "agreed": _("Agreed to e-mail"),
    "agreed_phone": _("Agreed to text messages"),
    "document": _("Document number"),
    "date": _("Date"),
    "time": _("Time"),
    "total": _("Amount"),
    "currency": _("Currency"),
    "served_by": _("Served by"),
    "item_code": _("Item code"),
    "item_name": _("Item"),
    "category": _("Category"),
    "quantity": _("Quantity"),
    "line_amount": _("Amount of the line"),
    "line_price": _("Price of one"),
    "refund_of": _("Refund of document"),
    "refunded": _("Amount refunded"),
    "receipt_type": _("Sale or refund"),
    "status": _("Status"),
}
QUESTIONS = {
    "order": _("How are dates written in this file?"),
    "decimal": _("How are numbers written in this file?"),
    "encoding": _("Which of these is spelled right?"),
    "total_of": _("What is the amount beside the document number?"),
}
TOTAL_OF = {"line": _("Each line's own amount"), "document": _("The whole document's amount")}


class UploadForm(forms.Form):
    """A file, what is in it, and where it comes from."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV, Excel (.xlsx) or JSON, up to 100 MB.")
    )
    kind = forms.ChoiceField(
        label=_("What is in it"),
        choices=[("", _("Find out")), *Kind.choices],
        required=False,
    )
    source = forms.RegexField(
        r"^[a-z0-9_.-]+$",
        label=_("Name of the till or shop"),
        max_length=40,
        required=False,
        help_text=_(
            "Small letters and figures. Files from the same one know each other's customers and "
            "documents. Empty: found out."
        ),
    )


class ReadingForm(forms.Form):
    """The questions about a file: what is in doubt, the columns, how people were collected."""

    def __init__(self, batch: ImportBatch, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batch = batch
        self._reading = batches.reading_of(batch)
        self._doubts = batch.mapping.get("doubts", [])
        self._info = batch.mapping.get("info") or {}
        self._places: dict[str, str] = {}  # the names by their fields
        for doubt in self._doubts:
            self.fields[doubt["about"]] = _question(doubt)
        if self._info:
            self._ask_about_places()
            self._ask_about_columns()
            self._ask_about_people()

    def _ask_about_places(self) -> None:
        own = [(place.public_id, place.name) for place in Place.objects.order_by("name")]
        options = [
            ("", _("Please choose")),
            (places.MAKE, _("Make this place")),
            (places.NONE, _("Leave the place out")),
            *own,
        ]
        for name, rows, said in places.listed(self._batch):
            field = f"place_{hashlib.sha256(name.encode()).hexdigest()[:12]}"
            self._places[field] = name
            label = ngettext("%(name)s (%(rows)s row)", "%(name)s (%(rows)s rows)", rows)
            self.fields[field] = forms.ChoiceField(
                label=label % {"name": name, "rows": formats.number_format(rows)},
                choices=options,
                required=False,
                initial=said,
            )

    def _ask_about_columns(self) -> None:
        header, sample = self._info["header"], self._info["sample"]
        choices: list[tuple[str, Any]] = [("", _("not in this file"))]
        for number, title in enumerate(header):
            cells = [values.text(row[number]) for row in sample if number < len(row)]
            shown = next((cell for cell in cells if cell), "")
            choices.append((str(number), f"{title}: {shown[:40]}" if shown else title))
        for meaning in FIELDS[self._batch.kind]:
            chosen = self._reading.columns.get(meaning)
            self.fields[f"column_{meaning}"] = forms.ChoiceField(
                label=TITLES[meaning],
                choices=choices,
                required=False,
                initial="" if chosen is None else str(chosen),
            )

    def _ask_about_people(self) -> None:
        stated = Provenance.from_json(self._batch.provenance)
        self.fields["how"] = forms.ChoiceField(
            label=_("How did you come by these people's addresses?"),
            choices=How.choices,
            widget=forms.RadioSelect,
            initial=stated.how,
            help_text=_("An address alone does not allow you to write to it."),
        )
        self.fields["wording"] = forms.CharField(
            label=_("The text that they saw then"),
            widget=forms.Textarea(attrs={"rows": 3}),
            required=False,
            initial=stated.wording,
            help_text=_("Kept as the proof. Without it nobody in this file is asked anything."),
        )
        self.fields["purposes"] = forms.MultipleChoiceField(
            label=_("What the text allows"),
            choices=Consent.Purpose.choices,
            widget=forms.CheckboxSelectMultiple,
            required=False,
            initial=list(stated.purposes),
        )
        self.fields["since"] = forms.DateField(
            label=_("Since when"), widget=Day, required=False, initial=stated.since or None
        )

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """What is in doubt."""
        return [self[doubt["about"]] for doubt in self._doubts]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """What the columns mean."""
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def place_fields(self) -> list[forms.BoundField]:
        """What the names of unknown places mean."""
        return [self[name] for name in self._places]

    @property
    def people_fields(self) -> list[forms.BoundField]:
        """How people were collected."""
        names = ("how", "wording", "purposes", "since")
        return [self[name] for name in names if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """A “yes” needs its text; no column means two things; what cannot be missing is there."""
        cleaned = super().clean() or {}
        if cleaned.get("how", How.UNKNOWN) != How.UNKNOWN:
            if not cleaned.get("wording", "").strip():
                self.add_error("wording", _("Copy the text here that they saw."))
            if not cleaned.get("purposes"):
                self.add_error("purposes", _("Choose what the text allows."))
        since = cleaned.get("since")
        if since and since > timezone.localdate():
            self.add_error("since", _("This day lies in the future."))
        if self._info:
            self._check_columns(cleaned)
        place = self._reading.columns.get("place")
        if place is not None and cleaned.get("column_place") == str(place):
            for field in self._places:
                if not cleaned.get(field) and field not in self.errors:
                    self.add_error(field, _("Say what this place is."))
        return cleaned

    def _check_columns(self, cleaned: dict[str, Any]) -> None:
        chosen = self._columns(cleaned)
        if self._batch.kind == Kind.PURCHASES:
            if "date" not in chosen:
                self.add_error("column_date", _("Say which column is the date."))
            if not {"total", "line_amount", "line_price"} & set(chosen):
                self.add_error("column_total", _("Say which column is the amount."))
        elif not {"key", "name", "given_name", "family_name", "company", "email", "phone"} & set(
            chosen
        ):
            self.add_error("column_name", _("Say which column tells who it is."))

    def _columns(self, cleaned: dict[str, Any]) -> dict[str, int]:
        prefix = "column_"
        return {
            name.removeprefix(prefix): int(value)
            for name, value in cleaned.items()
            if name.startswith(prefix) and value
        }

    def settle(self, batch: ImportBatch) -> bool:
        """Note the answers; False where something is left to ask."""
        cleaned = self.cleaned_data
        answers = {d["about"]: cleaned[d["about"]] for d in self._doubts}
        reading = self._reading.with_(**answers)
        if not self._info:
            batches.answer(batch, reading)
            return False
        batches.settle(batch, reading.with_(columns=self._columns(cleaned)), info=self._info)
        said = {name: cleaned[field] for field, name in self._places.items() if cleaned[field]}
        batches.choose_places(batch, said)
        since = cleaned["since"]
        batches.state_provenance(
            batch,
            Provenance(
                how=cleaned["how"],
                wording=cleaned["wording"],
                purposes=tuple(cleaned["purposes"]),
                since=since.isoformat() if since else "",
            ),
        )
        return not batch.mapping["doubts"] and all(said for *_one, said in places.listed(batch))


class ExportForm(forms.Form):
    """What to take along, as which kind of file."""

    kind = forms.ChoiceField(label=_("What"), choices=Kind.choices, widget=forms.RadioSelect)
    file_format = forms.ChoiceField(
        label=_("As"),
        choices=[("csv", "CSV"), ("xlsx", "Excel (.xlsx)")],
        widget=forms.RadioSelect,
        initial="csv",
    )


def _question(doubt: dict[str, Any]) -> forms.ChoiceField:
    """The readings side by side: what the same cells would say."""
    return forms.ChoiceField(
        label=QUESTIONS[doubt["about"]],
        choices=[(choice["code"], _shown(doubt, choice)) for choice in doubt["choices"]],
        widget=forms.RadioSelect,
    )


def _shown(doubt: dict[str, Any], choice: dict[str, Any]) -> str:
    if doubt["about"] == "encoding":
        return " · ".join(choice["says"])
    if doubt["about"] == "total_of":
        return str(TOTAL_OF[choice["code"]])
    pairs = zip(doubt["written"], choice["says"], strict=True)
    return " · ".join(f"{raw} = {_in_words(doubt['about'], said)}" for raw, said in pairs if said)


def _in_words(about: str, said: str) -> str:
    if said.startswith("--"):
        month, day = map(int, said.removeprefix("--").split("-"))
        return formats.date_format(dt.date(2000, month, day), "MONTH_DAY_FORMAT")
    if about == "order":
        return formats.date_format(values.day(said, "ymd"), "DATE_FORMAT")
    return formats.number_format(values.amount(said, "."), use_l10n=True, force_grouping=True)
