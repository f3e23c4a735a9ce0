"""The pages that customers answer on. No cookie, no script needed; a GET changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from regulars.business.queries import the_business
from regulars.core import access
from regulars.surveys import forms, queries
from regulars.surveys.actions import answers
from regulars.surveys.models import Response, Survey, SurveyVersion
from regulars.surveys.wording import wording_of

MAX_BODY_BYTES = 64_000
Submit = Callable[[answers.Answer], tuple[Response, bool]]


@csrf_exempt  # the link's token is the authority; the page sets and reads no cookie
@access.by_link("a customer answers a question they were sent")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a personal link: the question with a score chosen by the link, if any."""
    invitation = queries.invitation_by(token)
    if invitation is None:
        raise Http404
    if invitation.answered_at is not None and request.method != "POST":
        return _say(request, "already", survey=invitation.survey)
    with _speaking(request, invitation.language):
        return _answer(
            request,
            invitation.survey,
            invitation.version,
            lambda given: answers.submit_invited(invitation, given),
        )


@csrf_exempt  # an open link needs no authority; answers are limited and junk is held back
@access.public("anybody with the QR code or open link may answer")
@require_http_methods(["GET", "HEAD", "POST"])
def open_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page of an open link."""
    survey = queries.survey_by_link(token)
    if survey is None:
        raise Http404
    version = answers.current_version(survey)
    return _answer(
        request, survey, version, lambda given: answers.submit_open(survey, version, given)
    )


@access.public("says thank you and shows nothing")
@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Where an answer leads, so that reloading does not answer twice."""
    invitation = queries.invitation_by(token)
    survey = invitation.survey if invitation else queries.survey_by_link(token)
    if survey is None:
        raise Http404
    with _speaking(request, invitation.language if invitation else ""):
        return _say(request, "thanks", survey=survey)


def _answer(
    request: HttpRequest, survey: Survey, version: SurveyVersion, submit: Submit
) -> HttpResponse:
    language = get_language() or "en"
    wording = wording_of(version, language=language, business=the_business().name)
    if request.method != "POST":
        if not survey.is_open:
            return _say(request, "closed", survey=survey)
        form = forms.fresh(survey, wording, score=request.GET.get("score", ""))
        return _page(request, survey, form, wording)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        return HttpResponse(status=413)
    form = forms.AnswerForm(request.POST, survey=survey, wording=wording)
    if not form.is_valid():
        return _page(request, survey, form, wording, status=422)
    try:
        submit(form.answer(language=language))
    except answers.AlreadyAnsweredError:
        return _say(request, "already", survey=survey)
    except answers.AnswerError as error:
        form.add_error(None, str(error))
        return _page(request, survey, form, wording, status=422)
    return HttpResponseRedirect(f"{request.path.rstrip('/')}/thanks/")


def _page(
    request: HttpRequest,
    survey: Survey,
    form: forms.AnswerForm,
    wording: object,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"survey": survey, "form": form, "wording": wording}
    return render(request, "surveys/answer.html", context, status=status)


def _say(request: HttpRequest, what: str, *, survey: Survey) -> HttpResponse:
    version = answers.current_version(survey)
    wording = wording_of(version, language=get_language() or "en", business=the_business().name)
    context = {"what": what, "survey": survey, "wording": wording}
    return render(request, "surveys/said.html", context)


@contextmanager
def _speaking(request: HttpRequest, own: str) -> Iterator[None]:
    """Speak the language chosen on the page, else the customer's own, else the browser's."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") or own
    if language not in dict(settings.LANGUAGES):
        language = get_language() or "en"
    request.LANGUAGE_CODE = language
    with override(language):
        yield
