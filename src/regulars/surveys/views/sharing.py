"""The open link on paper: its QR code and a poster to print."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from regulars.business.queries import the_business
from regulars.core import access, links
from regulars.core import qr as codes
from regulars.core.access import Permission
from regulars.surveys.actions import answers
from regulars.surveys.views.designs import survey_to_ask_or_404
from regulars.surveys.wording import wording_of


@access.staff(Permission.SEE)
@require_safe
def qr(request: HttpRequest, public_id: str) -> HttpResponse:
    """The QR code of the open link as SVG, dark on white in every theme."""
    survey = survey_to_ask_or_404(request, public_id)
    picture = codes.picture(links.to("surveys:open_answer", survey.open_token))
    return HttpResponse(picture, content_type="image/svg+xml")


@access.staff(Permission.SEE)
@require_safe
def poster(request: HttpRequest, public_id: str) -> HttpResponse:
    """A page to print and put up, in a customer's language."""
    survey = survey_to_ask_or_404(request, public_id)
    business = the_business()
    offered = dict(settings.LANGUAGES)
    language = request.GET.get("language", "")
    language = language if language in offered else business.language
    version = answers.current_version(survey)
    context = {
        "survey": survey,
        "business": business,
        "wording": wording_of(version, language=language, business=business.name),
        "open_url": links.to("surveys:open_answer", survey.open_token),
        "poster_language": language,
        "offered": settings.LANGUAGES,
    }
    with override(language):
        context["poster_words"] = _("One question, half a minute. Point your phone’s camera here.")
    return render(request, "surveys/poster.html", context)
