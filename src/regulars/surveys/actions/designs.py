"""Making and changing surveys."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Business, Touchpoint
from regulars.core import audit
from regulars.core.errors import DomainError
from regulars.surveys import queries
from regulars.surveys.actions.answers import current_version
from regulars.surveys.models import PAUSE_DAYS, Metric, Survey, SurveyVersion
from regulars.surveys.wording import MAX_TEXT, PARTS, subject_of


class SurveyError(DomainError):
    """A survey that cannot be made or changed so."""

    code = "bad_survey"


class CountedApartError(SurveyError):
    """A survey would begin, or cease, to ask whether something was put right.

    Which answers are left out of the scores is read from the survey as it is now, so its whole
    history would come into them, or vanish.
    """

    code = "counted_apart"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Only the survey that belongs to the cases asks whether something was put right, "
                "and it asks nothing else: its answers are counted apart."
            )
        )


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
    """A survey with its first version. Raises SurveyError for texts that cannot be used.

    The one that asks whether something was put right is made by `survey_about_mending` alone.
    """
    if trigger == Survey.Trigger.AFTER_CASE:
        raise CountedApartError
    return _make(
        by=by,
        name=name,
        metric=metric,
        trigger=trigger,
        delay_hours=delay_hours,
        asks=asks,
        touchpoint=touchpoint,
        pause_days=PAUSE_DAYS[metric],
        texts=checked_texts(texts or {}),
    )


def _make(*, by: Staff | None, **fields: Any) -> Survey:
    with transaction.atomic():
        survey = Survey.objects.create(**fields)
        about = subject_of(survey.touchpoint, survey.trigger)
        _add_version(survey, number=1, about=about)
        subject = f"survey:{survey.public_id}"
        audit.note("surveys.make", by=by, subject=subject, metric=survey.metric)
    return survey


def survey_about_mending(*, by: Staff | None) -> Survey | None:
    """The open survey that asks whether something was put right; made when first needed.

    None where the owner has closed it or put it away. Two who need it first at once get the same.
    """
    found = queries.surveys_about_mending()
    if not found.exists():
        with transaction.atomic():
            _one_at_a_time()
            if not found.exists():
                return _make_about_mending(by=by)
    return found.filter(is_open=True, archived_at=None).order_by("pk").first()


def _one_at_a_time() -> None:
    """Wait for whoever makes the survey now: the lock on the business lasts until they commit."""
    list(Business.objects.select_for_update().order_by("pk").values_list("pk"))


def _make_about_mending(*, by: Staff | None) -> Survey:
    metric = Metric.CSAT
    return _make(
        by=by,
        name=gettext("Put right?"),
        metric=metric,
        trigger=Survey.Trigger.AFTER_CASE,
        pause_days=PAUSE_DAYS[metric],
    )


def change_survey(survey: Survey, *, by: Staff | None, **fields: object) -> Survey:
    """Change a survey; another wording makes a new version, so that answers keep theirs.

    The ready question follows the survey's stage when the stage is changed, and only then. A survey
    that was made before there were questions for each stage keeps asking what it asked, whatever
    else is saved: its answers would not compare with those to another question. Who wants the
    newer question makes a new survey. Raises SurveyError.
    """
    with transaction.atomic():
        before = subject_of(survey.touchpoint, survey.trigger)
        _must_stay_apart(survey, fields.get("trigger", survey.trigger))
        if "texts" in fields:
            fields["texts"] = checked_texts(fields["texts"])  # type: ignore[arg-type]  # a form's
        for field, value in fields.items():
            setattr(survey, field, value)
        survey.save(update_fields=list(fields))
        newest, now = current_version(survey), subject_of(survey.touchpoint, survey.trigger)
        about = newest.about if now == before else now
        if (survey.texts, about) != (newest.texts, newest.about):
            _add_version(survey, number=newest.number + 1, about=about)
        audit.note(
            "surveys.change",
            by=by,
            subject=f"survey:{survey.public_id}",
            fields=sorted(fields),
        )
    return survey


def _must_stay_apart(survey: Survey, trigger: object) -> None:
    apart = Survey.Trigger.AFTER_CASE
    if (trigger == apart) != (survey.trigger == apart):
        raise CountedApartError


def _add_version(survey: Survey, *, number: int, about: str) -> None:
    SurveyVersion.objects.create(survey=survey, number=number, about=about, texts=survey.texts)


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
