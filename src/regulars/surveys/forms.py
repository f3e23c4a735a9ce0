"""What people fill in: the answer, and the survey itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.core.ids import new_token
from regulars.core.widgets import Rating
from regulars.surveys.actions.answers import MAX_COMMENT, Answer
from regulars.surveys.models import Metric, Survey, SurveyVersion
from regulars.surveys.wording import Wording, scores_of


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
                look="faces" if survey.metric == Metric.CSAT else "numbers",
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
