"""What people fill in: the answer, and the survey itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from regulars.business.models import Place, Touchpoint
from regulars.business.queries import places_in_use, the_business
from regulars.core.ids import new_token
from regulars.core.widgets import Rating
from regulars.customers.models import Segment
from regulars.surveys.actions.answers import MAX_COMMENT, Answer, current_version
from regulars.surveys.models import Metric, Survey, SurveyVersion
from regulars.surveys.wording import (
    MAX_TEXT,
    Wording,
    look_of,
    ready_wording,
    scores_of,
)

PART_LABELS = {
    "question": _("Question"),
    "low": _("Lowest score means"),
    "high": _("Highest score means"),
    "follow_up": _("Question after the score"),
    "thanks": _("Thanks"),
}


class AnswerForm(forms.Form):
    """A score, words, and whether they may be quoted. Works without JavaScript."""

    submission_id = forms.CharField(max_length=64, widget=forms.HiddenInput)
    version = forms.CharField(max_length=9, required=False, widget=forms.HiddenInput)
    comment = forms.CharField(
        required=False, max_length=MAX_COMMENT, widget=forms.Textarea(attrs={"rows": 4})
    )
    may_quote = forms.BooleanField(
        required=False,
        label=_("You may quote my words, without my name, on your website."),
    )

    def __init__(self, *args: Any, survey: Survey, wording: Wording, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"] = forms.TypedChoiceField(
            coerce=int,
            choices=[(n, str(n)) for n in scores_of(survey)],
            label=wording.question,
            widget=Rating(
                look=look_of(Metric(survey.metric)),
                ends=(wording.low, wording.high),
            ),
            error_messages={
                "required": _("Please choose one of the scores."),
                "invalid_choice": _("Please choose one of the scores shown."),
            },
        )
        self.fields["comment"].label = wording.follow_up

    def answer(self, *, language: str) -> Answer:
        """What was given, once the form is valid."""
        given = self.cleaned_data
        return Answer(
            submission_id=given["submission_id"],
            score=given["score"],
            comment=given["comment"],
            may_quote=given["may_quote"],
            language=language,
        )


def fresh(version: SurveyVersion, wording: Wording, *, score: str = "") -> AnswerForm:
    """An empty form with a submission id of its own, and a score chosen where the link had one."""
    initial: dict[str, Any] = {"submission_id": new_token(), "version": version.number}
    scores = {str(one): one for one in scores_of(version.survey)}
    if score in scores:
        initial["score"] = scores[score]
    return AnswerForm(initial=initial, survey=version.survey, wording=wording)


class SurveyForm(forms.Form):
    """A survey: what it measures, when it asks, and the owner's own words where there are any.

    What it measures is chosen once: answers on one scale never become answers on another.
    """

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Only you and your colleagues see it.")
    )
    metric = forms.ChoiceField(
        label=_("What it measures"),
        choices=Metric.choices,
        help_text=_(
            "This cannot be changed later: answers on one scale are never counted with those on "
            "another."
        ),
    )
    touchpoint = forms.ModelChoiceField(
        label=_("Stage of the customer’s journey"),
        queryset=Touchpoint.objects.order_by("position", "pk"),
        to_field_name="slug",
        required=False,
        empty_label=_("the whole of it"),
    )
    trigger = forms.ChoiceField(label=_("When it is asked"), choices=Survey.Trigger.choices)
    delay_hours = forms.IntegerField(
        label=_("Hours after the purchase"), min_value=0, max_value=24 * 60, initial=24
    )
    asks = forms.ChoiceField(
        label=_("Whom it asks about a purchase"),
        choices=Survey.Asks.choices,
        initial=Survey.Asks.BUYER,
        required=False,
        help_text=_("Where a customer’s page says that they pay for somebody else."),
    )
    pause_days = forms.IntegerField(
        label=_("Days before the same customer is asked this again"), min_value=0, max_value=3650
    )

    def __init__(self, *args: Any, survey: Survey | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = the_business().languages or [code for code, _name in settings.LANGUAGES]
        metric = Metric(survey.metric) if survey else Metric.NPS
        del self.fields["metric" if survey else "pause_days"]
        self._choose_trigger(survey)
        if survey is not None:
            for name in ("name", "trigger", "delay_hours", "asks", "pause_days"):
                self.fields[name].initial = getattr(survey, name)
            if survey.touchpoint is not None:
                self.fields["touchpoint"].initial = survey.touchpoint.slug
        own = survey.texts if survey else {}
        about = current_version(survey).about if survey else ""
        for language in self.languages if survey else ():
            ready = ready_wording(
                metric, language=language, business=the_business().name, about=about
            )
            self._add_texts(language, ready, own.get(language, {}))

    def _choose_trigger(self, survey: Survey | None) -> None:
        """Whether something was put right is asked by one survey, and that asks nothing else."""
        apart = Survey.Trigger.AFTER_CASE
        is_apart = survey is not None and survey.trigger == apart
        choices = [one for one in Survey.Trigger.choices if (one[0] == apart) == is_apart]
        self.fields["trigger"].choices = choices  # type: ignore[attr-defined]  # a choice
        self.fields["trigger"].disabled = is_apart

    def _add_texts(self, language: str, ready: Wording, own: dict[str, str]) -> None:
        for part, label in PART_LABELS.items():
            attrs = {"placeholder": getattr(ready, part), "lang": language, "rows": 2}
            self.fields[f"{language}-{part}"] = forms.CharField(
                label=label,
                required=False,
                max_length=MAX_TEXT,
                initial=own.get(part, ""),
                widget=forms.Textarea(attrs),
            )

    def clean_asks(self) -> str:
        """What was chosen; as it was where the form did not ask."""
        return str(self.cleaned_data["asks"] or self.fields["asks"].initial)

    @property
    def texts_by_language(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The fields of the own words: (code, language's own name, fields)."""
        names = dict(settings.LANGUAGES)
        return [
            (code, str(names[code]), [self[f"{code}-{part}"] for part in PART_LABELS])
            for code in self.languages
            if f"{code}-question" in self.fields
        ]

    @property
    def details(self) -> list[forms.BoundField]:
        """The other fields."""
        return [self[name] for name in self.fields if "-" not in name]

    def wanted(self) -> dict[str, Any]:
        """What was filled in, as the actions take it."""
        data = self.cleaned_data
        wanted = {name: value for name, value in data.items() if "-" not in name}
        if self.texts_by_language:
            wanted["texts"] = {
                code: {part: data[f"{code}-{part}"] for part in PART_LABELS}
                for code, _name, _fields in self.texts_by_language
            }
        return wanted


class RulesForm(forms.Form):
    """How often customers may be asked at all."""

    days_between_asks = forms.IntegerField(
        label=_("Days between two questions to the same customer"), min_value=0, max_value=365
    )
    asks_a_year = forms.IntegerField(
        label=_("Questions a year to the same customer, at most"), min_value=0, max_value=100
    )


class AudienceForm(forms.Form):
    """Whom to ask."""

    segment = forms.ChoiceField(label=_("Kind of customer"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    place = forms.ModelChoiceField(
        label=_("Place"),
        queryset=Place.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("everywhere"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("segment", [("", _("everybody")), *Segment.choices])
        self._choose("language", [("", _("all languages")), *settings.LANGUAGES])
        self.fields["place"].queryset = places_in_use()  # type: ignore[attr-defined]  # a choice

    def _choose(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice

    def audience(self) -> dict[str, str]:
        """The filters that were chosen, as `audience.customers_in` takes them."""
        data = self.cleaned_data
        chosen = {name: data[name] for name in ("segment", "language") if data[name]}
        if data["place"]:
            chosen["place"] = data["place"].public_id
        return chosen
