"""The pages behind the links at the foot of messages: leaving, and choosing what to receive."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from regulars.business import queries as business
from regulars.core import access
from regulars.core.ids import token_hash
from regulars.customers.models import Consent
from regulars.mailing import actions, queries
from regulars.mailing.models import UnsubscribeLink


# Without CSRF protection: RFC 8058 has the mailbox provider POST here, without cookies, from its
# own servers. The token in the address is the authority, and all it can do is end messages.
@csrf_exempt
@access.by_link("Leaving takes one click, by the link at the foot of a message")
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what leaving does and changes nothing; POST leaves, at once and for good."""
    link = _link_or_404(token)
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        actions.unsubscribe(link, evidence="one-click" if one_click else "unsubscribe page")
    return _page(
        request,
        "mailing/unsubscribe.html",
        link,
        {"token": token, "done": request.method == "POST"},
    )


@access.by_link("The customer chooses what to receive")
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Which kinds of messages come by e-mail; saved by the form's POST only."""
    link = _link_or_404(token)
    customer = queries.survivor(link.customer) if link.customer else None
    is_known = customer is not None and customer.erased_at is None
    choices: list[queries.Choice] = []
    language = _language(request, link)
    # What is stored is the wording that was on the page: both are made in its language.
    with translation.override(language):
        if request.method == "POST" and is_known:
            wanted = {p for p in Consent.Purpose if p.value in request.POST.getlist("purpose")}
            labels = {p.value: str(p.label) for p in Consent.Purpose}
            actions.choose(link, wanted=wanted, wordings=labels, language=language)
        if customer is not None and is_known:
            choices = queries.choices_of(customer, channel=link.channel)
    return _page(
        request,
        "mailing/preferences.html",
        link,
        {
            "token": token,
            "choices": choices,
            "is_known": is_known,
            "saved": request.method == "POST",
        },
    )


def _link_or_404(token: str) -> UnsubscribeLink:
    link = queries.link_for(token_hash(token))
    if link is None:
        raise Http404
    return link


def _language(request: HttpRequest, link: UnsubscribeLink) -> str:
    """That of the message whose link was opened, unless another was chosen."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else link.language


def _page(
    request: HttpRequest, template: str, link: UnsubscribeLink, context: dict[str, object]
) -> HttpResponse:
    language = _language(request, link)
    with translation.override(language):
        request.LANGUAGE_CODE = language
        response = render(request, template, {"business": business.the_business(), **context})
    response["Content-Language"] = language
    return response
