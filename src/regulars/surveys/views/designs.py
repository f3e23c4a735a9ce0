"""The surveys in the console: the list, making and changing one, its page, and the rules."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.models import Staff
from regulars.business.queries import the_business
from regulars.core import access, links
from regulars.core.access import Permission
from regulars.core.tables import Column, Table
from regulars.surveys import deciding, forms, queries
from regulars.surveys.actions import answers, asking, designs
from regulars.surveys.models import Metric, Survey
from regulars.surveys.wording import ready_wording, subject_of, wording_of

READY = {
    Metric.NPS: (
        gettext_lazy("Recommendation"),
        gettext_lazy("How likely customers are to recommend you. Start with this one."),
    ),
    Metric.CSAT: (
        gettext_lazy("Satisfaction"),
        gettext_lazy("How satisfied customers were with their last visit."),
    ),
    Metric.CES: (
        gettext_lazy("Ease"),
        gettext_lazy("How easy it was to get what they came for."),
    ),
}


def staff_of(request: HttpRequest) -> Staff:
    """Who is signed in; the view's declaration has seen to it that somebody is."""
    return cast("Staff", request.user)


def survey_or_404(request: HttpRequest, public_id: str) -> Survey:
    """The survey, if this person may see it."""
    return get_object_or_404(queries.surveys_visible_to(staff_of(request)), public_id=public_id)


def survey_to_ask_or_404(request: HttpRequest, public_id: str) -> Survey:
    """The same but for the survey that asks whether something was put right, from a case only."""
    found = survey_or_404(request, public_id)
    if found.is_about_mending:
        raise Http404
    return found


@access.staff(Permission.SEE)
@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    """The list; without any survey, three ready ones to begin with."""
    rows = queries.with_counts(queries.surveys_visible_to(staff_of(request)))
    usual = rows.exclude(trigger=Survey.Trigger.AFTER_CASE)
    taken = set(usual.values_list("metric", flat=True))
    language, business = request.LANGUAGE_CODE or "en", the_business().name
    ready = [
        {
            "metric": metric.value,
            "name": name,
            "what": what,
            "question": ready_wording(
                metric, language=language, business=business, about=subject_of(None)
            ).question,
        }
        for metric, (name, what) in READY.items()
        if not taken.intersection(metric.alike)
    ]
    table = Table(request.GET, rows, name=_("Surveys"), columns=_columns(), search=_named)
    context = {
        "table": table,
        "ready": ready,
        "has_any": rows.exists(),
        "held_back": queries.held_back(staff_of(request)).count(),
        "may_manage": staff_of(request).may(Permission.MANAGE),
    }
    return render(request, "surveys/surveys.html", context)


def _columns() -> list[Column[Survey]]:
    return [
        Column("name", _("Name"), sort="name", link=_address),
        Column("metric", _("Measures"), value=lambda row: row.get_metric_display(), sort="metric"),
        Column("trigger", _("Asked"), value=lambda row: row.get_trigger_display()),
        Column("asked", _("Asked by us"), kind="number"),
        Column("answers", _("Answers"), kind="number"),
        Column(
            "is_open",
            _("State"),
            value=lambda row: _("open") if row.is_open else _("closed"),
            tone=lambda row: "good" if row.is_open else "",
        ),
    ]


def _address(survey: Survey) -> str:
    return reverse("surveys:survey", args=[survey.public_id])


def _named(rows: Any, words: str) -> Any:
    return rows.filter(name__icontains=words)


@access.staff(Permission.MANAGE)
@require_POST
def take_ready(request: HttpRequest, metric: str) -> HttpResponse:
    """Make one of the ready surveys."""
    if metric not in READY:
        raise Http404
    name = str(READY[Metric(metric)][0])
    survey = designs.make_survey(name=name, metric=Metric(metric), by=staff_of(request))
    notes.success(request, _("The survey is ready. Customers can answer it now."))
    return redirect("surveys:survey", survey.public_id)


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a survey."""
    form = forms.SurveyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        wanted["metric"] = Metric(wanted["metric"])
        survey = designs.make_survey(**wanted, by=staff_of(request))
        return redirect("surveys:survey", survey.public_id)
    status = 422 if form.is_bound else 200
    return render(request, "surveys/edit.html", {"form": form}, status=status)


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a survey. Other words make a new version; answers keep the one they saw."""
    survey = survey_or_404(request, public_id)
    form = forms.SurveyForm(request.POST if request.method == "POST" else None, survey=survey)
    if request.method == "POST" and form.is_valid():
        designs.change_survey(survey, by=staff_of(request), **form.wanted())
        notes.success(request, _("Saved."))
        return redirect("surveys:survey", survey.public_id)
    context = {"form": form, "survey": survey}
    return render(request, "surveys/edit.html", context, status=422 if form.is_bound else 200)


@access.staff(Permission.SEE)
@require_safe
def survey(request: HttpRequest, public_id: str) -> HttpResponse:
    """One survey: its link, who was asked and who answered, why not, the newest answers."""
    found = survey_or_404(request, public_id)
    counted = queries.with_counts(queries.surveys_visible_to(staff_of(request))).get(pk=found.pk)
    staff = staff_of(request)
    context = {
        "survey": counted,
        "open_url": links.to("surveys:open_answer", found.open_token),
        "works_elsewhere": links.works_elsewhere(),
        "rate": round(100 * counted.answered / counted.asked) if counted.asked else None,  # type: ignore[attr-defined]  # annotated by with_counts
        "why_not": queries.why_not(found),
        "answers": queries.answers_to(found, staff)[:10],
        "runs": found.runs.order_by("-pk")[:5],
        "wording": _shown(found, request.LANGUAGE_CODE or "en"),
        "may_manage": staff.may(Permission.MANAGE),
    }
    return render(request, "surveys/survey.html", context)


@access.staff(Permission.SEE)
@require_safe
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """How the question reads in every language, exactly as customers see it."""
    found = survey_or_404(request, public_id)
    shown = []
    for code, name in settings.LANGUAGES:
        form = forms.fresh(answers.current_version(found), _shown(found, code))
        form.auto_id = f"id_{code}_%s"
        form.prefix = code
        shown.append({"code": code, "name": name, "form": form, "wording": _shown(found, code)})
    return render(request, "surveys/preview.html", {"survey": found, "shown": shown})


def _shown(found: Survey, language: str) -> Any:
    version = answers.current_version(found)
    return wording_of(version, language=language, business=the_business().name)


@access.staff(Permission.MANAGE)
@require_POST
def set_open(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take answers again, or no more."""
    found = survey_or_404(request, public_id)
    is_open = request.POST.get("is_open") == "1"
    designs.change_survey(found, by=staff_of(request), is_open=is_open)
    said = _("Answers are taken again.") if is_open else _("The survey is closed.")
    notes.success(request, said)
    return redirect("surveys:survey", found.public_id)


@access.staff(Permission.MANAGE)
@require_POST
def archive(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a survey out of the list. Its answers stay in the results."""
    designs.archive_survey(survey_or_404(request, public_id), by=staff_of(request))
    notes.success(request, _("The survey is put away. Its answers stay in the results."))
    return redirect("surveys:surveys")


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """How often customers may be asked at all."""
    stored = deciding.the_rules()
    initial = {"days_between_asks": stored.days_between_asks, "asks_a_year": stored.asks_a_year}
    form = forms.RulesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        asking.set_rules(**form.cleaned_data, by=staff_of(request))
        notes.success(request, _("Saved."))
        return redirect("surveys:rules")
    return render(
        request, "surveys/rules.html", {"form": form}, status=422 if form.is_bound else 200
    )
