"""Asking from the console: one customer, a list, by hand, and answers typed in while talking."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.business.queries import the_business
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.ids import new_token
from regulars.customers.models import Customer
from regulars.customers.queries import people
from regulars.mailing.queries import language_for
from regulars.stats.samples import sample_size_change
from regulars.surveys import audience, deciding, emails, forms, queries
from regulars.surveys.actions import answers, asking, runs
from regulars.surveys.models import RECOMMENDATION, AskChannel, AskReason, AskRun, Survey
from regulars.surveys.views.designs import staff_of, survey_or_404, survey_to_ask_or_404
from regulars.surveys.wording import wording_of

# A change that is worth knowing of: ten points of the recommendation score, or ten of a hundred
# customers more who are satisfied (the worst variance of a share, one half).
CHANGE = 10
SHARE_CHANGE, SHARE_VARIANCE = 0.1, 0.25


def _customer(public_id: str) -> Customer:
    return get_object_or_404(people.not_erased(), public_id=public_id)


@access.staff(Permission.SEE)
@require_safe
def customer(request: HttpRequest, public_id: str) -> HttpResponse:
    """What one customer may be asked now, and every decision made about it so far."""
    found = _customer(public_id)
    unsent = queries.unsent_links_of(found)
    offers = [
        {
            "survey": survey,
            "unsent": unsent.get(survey.pk),
            "by_mail": deciding.reason_for(found, survey),
            "by_hand": deciding.reason_for(found, survey, channel=AskChannel.HAND),
        }
        for survey in queries.surveys_to_ask_with(staff_of(request))
    ]
    context = {
        "customer": found,
        "offers": offers,
        "decisions": queries.decisions_about(found)[:50],
        "may_serve": staff_of(request).may(Permission.SERVE),
        "ASKED": AskReason.ASKED,
    }
    return render(request, "surveys/customer.html", context)


@access.staff(Permission.SERVE)
@require_POST
def ask_customer(request: HttpRequest, public_id: str, customer_id: str) -> HttpResponse:
    """Ask one customer by e-mail, or say why not."""
    survey, found = survey_to_ask_or_404(request, public_id), _customer(customer_id)
    decision = asking.ask(found, survey, by=staff_of(request)).decision
    say = notes.success if decision.was_asked else notes.warning
    say(request, decision.get_reason_display())
    return redirect("surveys:customer", found.public_id)


@access.staff(Permission.SERVE)
@require_POST
def by_hand(request: HttpRequest, public_id: str, customer_id: str) -> HttpResponse:
    """Make a personal link and show it with the words to send. The link is shown this once."""
    survey, found = survey_to_ask_or_404(request, public_id), _customer(customer_id)
    asked = asking.ask(found, survey, channel=AskChannel.HAND, by=staff_of(request))
    invitation = asked.decision.invitation
    if invitation is None:
        notes.warning(request, asked.decision.get_reason_display())
        return redirect("surveys:customer", found.public_id)
    words = emails.words_to_share(invitation, asked.token)
    context = {
        "customer": found,
        "survey": survey,
        "invitation": invitation,
        "token": asked.token,
        "words": words,
        "question": words.rpartition("\n")[0],
        "link": emails.answer_url(asked.token),
    }
    return render(request, "surveys/by_hand.html", context)


@access.staff(Permission.SERVE)
@require_POST
def handed_over(request: HttpRequest, invitation_id: str) -> HttpResponse:
    """Record that the link was sent."""
    invitation = get_object_or_404(
        queries.invitations(), public_id=invitation_id, channel=AskChannel.HAND
    )
    asking.record_handed_over(invitation, request.POST.get("token", ""), by=staff_of(request))
    notes.success(request, _("Recorded: sent by hand."))
    return redirect("surveys:customer", invitation.customer.public_id)


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def type_in(request: HttpRequest, public_id: str, customer_id: str) -> HttpResponse:
    """Type in what a customer answers while talking, in the customer's own language."""
    survey, found = survey_to_ask_or_404(request, public_id), _customer(customer_id)
    version = answers.current_version(survey)
    language = language_for(found)
    wording = wording_of(version, language=language, business=the_business().name)
    form = forms.fresh(version, wording)
    if request.method == "POST":
        form = forms.AnswerForm(request.POST, survey=survey, wording=wording)
        if form.is_valid() and _typed(form, found, survey, request, language):
            notes.success(request, _("The answer is saved."))
            return redirect("surveys:customer", found.public_id)
    context = {"form": form, "survey": survey, "customer": found, "their_language": language}
    return render(request, "surveys/type_in.html", context, status=422 if form.is_bound else 200)


def _typed(
    form: forms.AnswerForm, found: Customer, survey: Survey, request: HttpRequest, language: str
) -> bool:
    number = form.cleaned_data["version"]
    version = queries.version_numbered(survey, number) or answers.current_version(survey)
    try:
        answers.submit_open(
            survey,
            version,
            form.answer(language=language),
            customer=found,
            channel=AskChannel.STAFF,
            typed_by=staff_of(request),
        )
    except answers.AnswerError as error:
        form.add_error(None, str(error))
        return False
    return True


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_list(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose whom to ask, see what will come of it, and begin."""
    survey = survey_to_ask_or_404(request, public_id)
    form = forms.AudienceForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return render(request, "surveys/ask.html", {"survey": survey, "form": form}, status=422)
    chosen = form.audience()
    if request.method == "POST":
        key = request.POST.get("key", "")[:64] or new_token()
        run, _is_new = runs.start_run(survey, chosen, key=key, by=staff_of(request))
        return redirect("surveys:run", run.public_id)
    context = {
        "survey": survey,
        "form": form,
        "chosen": chosen,
        "forecast": audience.forecast(survey, chosen),
        "key": new_token(),
        **_needed(survey),
    }
    return render(request, "surveys/ask.html", context)


def _needed(survey: Survey) -> dict[str, Any]:
    is_nps = survey.metric in RECOMMENDATION
    needed = sample_size_change(CHANGE if is_nps else SHARE_CHANGE, **_variance(is_nps))
    return {"needed": needed, "change": CHANGE, "is_nps": is_nps}


def _variance(is_nps: bool) -> dict[str, float]:
    return {} if is_nps else {"variance": SHARE_VARIANCE}


@access.staff(Permission.SEE)
@require_safe
def run(request: HttpRequest, public_id: str) -> HttpResponse:
    """How far an asking has come."""
    found = get_object_or_404(queries.runs(), public_id=public_id)
    survey_or_404(request, found.survey.public_id)
    reasons = queries.reasons_in(found)
    context = {
        "run": found,
        "reasons": reasons,
        "may_manage": staff_of(request).may(Permission.MANAGE),
    }
    return render(request, "surveys/run.html", context)


@access.staff(Permission.MANAGE)
@require_POST
def stop(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask nobody further."""
    found = get_object_or_404(AskRun, public_id=public_id)
    runs.stop_run(found, by=staff_of(request))
    notes.success(request, _("Stopped. Nobody further is asked."))
    return redirect("surveys:run", found.public_id)
