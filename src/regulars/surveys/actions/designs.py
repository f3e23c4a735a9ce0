"""Making and changing surveys."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Touchpoint
from regulars.core import audit
from regulars.core.errors import DomainError
from regulars.surveys import queries
from regulars.surveys.models import PAUSE_DAYS, Metric, Survey, SurveyVersion
from regulars.surveys.wording import MAX_TEXT, PARTS, subject_of


class SurveyError(DomainError):
    """A survey that cannot be made or changed so."""

    code = "bad_survey"


def make_survey(
    *,
    name: str,
    metric: Metric,
    trigger: str = Survey.Trigger.BY_HAND,
    delay_hours: int = 24,
    asks: str = Survey.Asks.BUYER,
    touchpoint: Touchpoint | None = None,
    texts: dict[str, dict[str, str]] | None = None,
    by: Staff | None,
) -> Survey:
    """A survey with its first version. Raises SurveyError for texts that cannot be used."""
    with transaction.atomic():
        survey = Survey.objects.create(
            name=name,
            metric=metric,
            trigger=trigger,
            delay_hours=delay_hours,
            asks=asks,
            touchpoint=touchpoint,
            pause_days=PAUSE_DAYS[metric],
            texts=checked_texts(texts or {}),
        )
        _add_version(survey, number=1)
        audit.note("surveys.make", by=by, subject=f"survey:{survey.public_id}", metric=metric)
    return survey


def survey_about_mending(*, by: Staff | None) -> Survey | None:
    """The open survey that asks whether something was put right; made when first needed.

    None where the owner has closed it.
    """
    found = queries.surveys_about_mending()
    if not found.exists():
        name, trigger = gettext("Put right?"), Survey.Trigger.AFTER_CASE
        return make_survey(name=name, metric=Metric.CSAT, trigger=trigger, by=by)
    return found.filter(is_open=True).order_by("pk").first()


def change_survey(survey: Survey, *, by: Staff | None, **fields: object) -> Survey:
    """Change a survey; another wording makes a new version, so that answers keep theirs."""
    with transaction.atomic():
        before = (survey.texts, subject_of(survey.touchpoint, survey.trigger))
        if "texts" in fields:
            fields["texts"] = checked_texts(fields["texts"])  # type: ignore[arg-type]  # a form's
        for field, value in fields.items():
            setattr(survey, field, value)
        survey.save(update_fields=list(fields))
        if (survey.texts, subject_of(survey.touchpoint, survey.trigger)) != before:
            last = survey.versions.aggregate(last=Max("number"))["last"] or 0
            _add_version(survey, number=last + 1)
        audit.note(
            "surveys.change",
            by=by,
            subject=f"survey:{survey.public_id}",
            fields=sorted(fields),
        )
    return survey


def _add_version(survey: Survey, *, number: int) -> None:
    SurveyVersion.objects.create(
        survey=survey,
        number=number,
        about=subject_of(survey.touchpoint, survey.trigger),
        texts=survey.texts,
    )


def archive_survey(survey: Survey, *, by: Staff | None) -> None:
    """Take a survey out of use. Its answers stay; its links say that it is over."""
    with transaction.atomic():
        survey.archived_at = timezone.now()
        survey.is_open = False
        survey.save(update_fields=["archived_at", "is_open"])
        audit.note("surveys.archive", by=by, subject=f"survey:{survey.public_id}")


def checked_texts(texts: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The owner's own texts per language, without empty ones. Raises SurveyError."""
    checked: dict[str, dict[str, str]] = {}
    for language, parts in texts.items():
        kept = {part: text.strip() for part, text in parts.items() if text.strip()}
        if set(kept) - set(PARTS):
            raise SurveyError(_("A survey has no such text."))
        if any(len(text) > MAX_TEXT for text in kept.values()):
            raise SurveyError(_("A text is too long; 400 characters are enough."))
        if kept:
            checked[language] = kept
    return checked
