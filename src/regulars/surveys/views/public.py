"""The pages that customers answer on. No cookie, no script needed; a GET changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from regulars.business.queries import the_business
from regulars.core import access, limits, reading
from regulars.surveys import forms, queries
from regulars.surveys.actions import answers
from regulars.surveys.models import Response, SurveyVersion
from regulars.surveys.wording import Wording, wording_of

MAX_BODY_BYTES = 64_000
HOUR = 3600
# Answers an hour to one open link. Guests of a café share its network's address, so the first
# limit only holds answers back until somebody has looked at them; the others refuse.
HELD_BACK_ABOVE = 30
REFUSED_ABOVE = 300
REFUSED_ABOVE_IN_ALL = 3_000
Submit = Callable[[answers.Answer], tuple[Response, bool]]


@csrf_exempt  # the link's token is the authority; the page sets and reads no cookie
@access.by_link("a customer answers a question they were sent")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a personal link: the question with a score chosen by the link, if any."""
    if _is_too_large(request):
        return HttpResponse(status=413)
    invitation = queries.invitation_by(token)
    if invitation is None:
        raise Http404
    with _speaking(request, invitation.language):
        if invitation.answered_at is not None and request.method != "POST":
            return _say(request, "already", version=invitation.version)
        if invitation.expires_at < timezone.now() and request.method != "POST":
            return _say(request, "expired", version=invitation.version)
        return _answer(
            request,
            invitation.version,
            lambda given: answers.submit_invited(invitation, given),
        )


@csrf_exempt  # an open link needs no authority; answers are limited and junk is held back
@access.public("anybody with the QR code or open link may answer")
@access.counting_guesses
@require_http_methods(["GET", "HEAD", "POST"])
def open_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page of an open link. An answer belongs to the wording that was on the page."""
    if _is_too_large(request):
        return HttpResponse(status=413)
    survey = queries.survey_by_link(token)
    if survey is None:
        raise Http404
    version = answers.current_version(survey)
    if request.method == "POST" and "version" in request.POST:
        seen = queries.version_numbered(survey, request.POST["version"])
        if seen is None:
            return _page(request, version, forms.fresh(version, _wording(version)), status=422)
        version = seen
    return _answer(request, version, lambda given: _take(request, version, given))


def _take(
    request: HttpRequest, version: SurveyVersion, given: answers.Answer
) -> tuple[Response, bool]:
    """Store an answer from an open link as far as the limits allow. Raises TooManyError."""
    survey, network = version.survey, limits.client_network(request)
    link = f"open:{survey.pk}"
    if not limits.allow(f"{link}:{network}", limit=REFUSED_ABOVE, window_seconds=HOUR):
        raise TooManyError
    if not limits.allow(link, limit=REFUSED_ABOVE_IN_ALL, window_seconds=HOUR):
        raise TooManyError
    is_usual = limits.allow(f"{link}:{network}:usual", limit=HELD_BACK_ABOVE, window_seconds=HOUR)
    return answers.submit_open(survey, version, given, is_quarantined=not is_usual)


class TooManyError(answers.AnswerError):
    """More answers came from one address, or to one link, than people give."""

    code = "too_many"

    def __init__(self) -> None:
        super().__init__(_("Too many answers came from here. Please try again in an hour."))


@access.public("says thank you and shows nothing")
@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Where an answer leads, so that reloading does not answer twice."""
    invitation = queries.invitation_by(token)
    if invitation is not None:
        with _speaking(request, invitation.language):
            return _say(request, "thanks", version=invitation.version)
    survey = queries.survey_by_link(token)
    if survey is None:
        raise Http404
    return _say(request, "thanks", version=answers.current_version(survey))


def _is_too_large(request: HttpRequest) -> bool:
    """Whether the body is larger than an answer can be; told before any of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    is_number = length.isascii() and length.isdigit() and len(length) < 10
    return not is_number or int(length) > MAX_BODY_BYTES


@reading.once()
def _answer(request: HttpRequest, version: SurveyVersion, submit: Submit) -> HttpResponse:
    survey, wording = version.survey, _wording(version)
    if not survey.is_open and request.method != "POST":
        return _say(request, "closed", version=version)
    if request.method != "POST":
        form = forms.fresh(version, wording, score=request.GET.get("score", ""))
        return _page(request, version, form)
    form = forms.AnswerForm(request.POST, survey=survey, wording=wording)
    if not form.is_valid():
        return _page(request, version, form, status=422)
    try:
        submit(form.answer(language=get_language() or "en"))
    except answers.AlreadyAnsweredError:
        return _say(request, "already", version=version)
    except answers.AnswerError as error:
        form.add_error(None, str(error))
        status = 429 if error.code == "too_many" else 422
        return _page(request, version, form, status=status, has_expired=error.code == "expired")
    return HttpResponseRedirect(f"{request.path.rstrip('/')}/thanks/")


def _wording(version: SurveyVersion) -> Wording:
    language = get_language() or "en"
    return wording_of(version, language=language, business=the_business().name)


def _page(
    request: HttpRequest,
    version: SurveyVersion,
    form: forms.AnswerForm,
    *,
    status: int = 200,
    has_expired: bool = False,
) -> HttpResponse:
    """The question; `has_expired` says that what was written in it can be told in another way."""
    context = {
        "survey": version.survey,
        "form": form,
        "wording": _wording(version),
        "has_expired": has_expired,
    }
    return render(request, "surveys/answer.html", context, status=status)


def _say(request: HttpRequest, what: str, *, version: SurveyVersion) -> HttpResponse:
    context = {"what": what, "survey": version.survey, "wording": _wording(version)}
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
