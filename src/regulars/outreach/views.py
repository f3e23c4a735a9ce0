"""Thanking a customer, and who was thanked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, cast

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.views.account import me
from regulars.core import access, qr
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.core.tables import Column, Table
from regulars.customers.models import Customer
from regulars.customers.queries import people
from regulars.mailing import actions as mailing
from regulars.mailing import logo
from regulars.mailing.content import Content
from regulars.mailing.links import PREFERENCES_MARKER, UNSUBSCRIBE_MARKER
from regulars.mailing.models import Purpose
from regulars.outreach import letters, queries, wording
from regulars.outreach.actions import thanking
from regulars.outreach.actions.thanking import Draft
from regulars.outreach.errors import NotThankedError
from regulars.outreach.forms import ThanksForm, WordsForm
from regulars.outreach.models import Occasion, Thanks, Way
from regulars.rewards import codes

V = TypeVar("V", bound=Callable[..., object])
# The mail's own inline styles are all that its preview may use.
_as_mail = cast(
    "Callable[[V], V]",
    csp_replace(
        {
            "default-src": ["'none'"],
            "style-src": ["'unsafe-inline'"],
            "img-src": ["data:"],
            "form-action": ["'none'"],
            "frame-ancestors": ["'none'"],
            "script-src": ["'none'"],
            "sandbox": [""],
        }
    ),
)


@access.staff(Permission.SEE)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who was thanked lately, and which regulars were not for half a year."""
    given = Table(
        request.GET,
        queries.thanks_visible_to(me(request)),
        name=_("Thanked lately"),
        key="given",
        columns=[
            Column(
                "customer",
                _("Customer"),
                value=lambda one: str(one.customer),
                link=lambda one: reverse("outreach:thanks", args=[one.public_id]),
            ),
            Column("occasion", _("Thanked"), value=lambda one: one.get_occasion_display()),
            Column("way", _("How"), value=lambda one: one.get_way_display()),
            Column("by", _("By"), value=lambda one: str(one.given_by)),
            Column("at", _("When"), kind="when", value=lambda one: one.created_at),
        ],
        search=lambda rows, words: rows.filter(
            customer__in=people.matching(people.customers(), words)
        ),
        empty=_("Nobody has been thanked yet"),
        empty_text=_("Open a customer’s page and choose “Thank them”."),
    )
    missed = Table(
        request.GET,
        queries.not_thanked_lately(me(request)),
        name=_("Not thanked for half a year"),
        key="missed",
        columns=[
            Column(
                "name",
                _("Customer"),
                value=str,
                link=lambda one: one.get_absolute_url(),
            ),
            Column("visits", _("Visits"), kind="number", value=lambda one: one.standing.visits),
            Column("last", _("Last thanked"), kind="day", value=_last_thanked),
        ],
        search=people.matching,
        empty=_("Every regular was thanked within half a year"),
        empty_text=_("Regulars are known by their purchases: those not thanked will stand here."),
    )
    return render(request, "outreach/home.html", {"given": given, "missed": missed})


def _last_thanked(customer: Customer) -> datetime | None:
    """What `queries.not_thanked_lately` adds to each row."""
    return cast("datetime | None", getattr(customer, "last_thanked", None))


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_thanks(request: HttpRequest, customer: str) -> HttpResponse:
    """Ready words for this customer, to be edited; posted are words to be changed once more."""
    found = _customer(request, customer)
    if request.method == "POST":
        return _form_page(request, found, ThanksForm(request.POST, customer=found))
    language = request.GET.get("language") or queries.language_for(found)
    occasion = request.GET.get("occasion") or queries.occasion_for(found)
    if language not in wording.languages() or occasion not in Occasion.values:
        language, occasion = queries.language_for(found), queries.occasion_for(found)
    reasons = queries.reasons_for(found, language)
    reason = request.GET.get("reason", reasons[0] if reasons else "")
    chosen = {"occasion": occasion, "language": language, "reason": reason}
    signature = wording.the_signature()
    form = ThanksForm(
        customer=found,
        initial={
            **chosen,
            "subject": wording.ready_subject(Occasion(occasion), language),
            "text": wording.ready_text(
                found,
                Occasion(occasion),
                language=language,
                reason=reason if reason in reasons else "",
            ),
            "signed_name": signature.name if signature else me(request).name,
            "signed_title": signature.title if signature else "",
            "way": Way.LETTER if queries.obstacle(found, Way.EMAIL) else Way.EMAIL,
        },
    )
    words = WordsForm(initial=chosen, reasons=reasons)
    return _form_page(request, found, form, words=words)


def _form_page(
    request: HttpRequest,
    customer: Customer,
    form: ThanksForm,
    *,
    words: WordsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = {
        "customer": customer,
        "form": form,
        "words": words,
        "obstacle": queries.obstacle(customer, Way.EMAIL),
        "last": queries.last_thanks(customer),
    }
    return render(request, "outreach/new_thanks.html", page, status=status)


@access.staff(Permission.SERVE)
@require_POST
def preview(request: HttpRequest, customer: str) -> HttpResponse:
    """How it will be received, and what a decent person would reconsider."""
    found = _customer(request, customer)
    form = ThanksForm(request.POST, customer=found)
    if not form.is_valid():
        return _form_page(request, found, form, status=422)
    draft = form.draft()
    text = wording.filled(draft.text, found)
    page = {
        "customer": found,
        "form": form,
        "subject": wording.filled(draft.subject, found),
        "words": wording.apart(text),
        "draft": draft,
        "way": Way(draft.way),
        "gift": queries.gift_of(draft.offer, None, queries.SAMPLE_CODE, draft.language)
        if draft.offer
        else None,
        "qr": qr.data_uri(codes.shown(queries.SAMPLE_CODE)) if draft.offer else "",
        "remarks": wording.remarks(
            text, language=draft.language, customer=found, signed=draft.signed_name
        ),
        "obstacle": queries.obstacle(found, draft.way, with_voucher=draft.offer is not None),
        "doubts": [one.label for one in queries.doubts(found, draft.way)],
        "just": queries.just_thanked(found),
        "key": new_token(),
    }
    return render(request, "outreach/preview.html", page)


@access.staff(Permission.SERVE)
@_as_mail
@require_POST
def preview_mail(request: HttpRequest, customer: str) -> HttpResponse:
    """The mail exactly as it will arrive, with an example of a code."""
    found, draft = _drafted(request, customer)
    shown = mailing.preview(
        _content(found, draft), purpose=Purpose.APPRECIATION, language=draft.language
    )
    html = shown.html.replace(UNSUBSCRIBE_MARKER, "#").replace(PREFERENCES_MARKER, "#")
    return HttpResponse(logo.in_place(html))


@access.staff(Permission.SERVE)
@require_POST
def preview_letter(request: HttpRequest, customer: str) -> HttpResponse:
    """The letter exactly as it will be printed, with an example of a code."""
    found, draft = _drafted(request, customer)
    return _pdf(_letter(found, _content(found, draft), draft.language))


@access.staff(Permission.SERVE)
@require_POST
def give_thanks(request: HttpRequest, customer: str) -> HttpResponse:
    """Thank them, once however often the form is sent."""
    found = _customer(request, customer)
    form = ThanksForm(request.POST, customer=found)
    key = request.POST.get("key", "")[:40]
    if not form.is_valid() or not key:
        return _form_page(request, found, form, status=422)
    try:
        thanks = thanking.thank(
            found,
            form.draft(),
            key=key,
            by=me(request),
            again=request.POST.get("again") == "1",
            confirmed=request.POST.get("confirmed") == "1",
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return _form_page(request, found, form, status=422)
    return redirect("outreach:thanks", thanks.public_id)


@access.staff(Permission.SEE)
@require_safe
def thanks(request: HttpRequest, thanks: str) -> HttpResponse:
    """One thank-you: its words, where it stands, and what is left to do."""
    found = _thanks(request, thanks)
    may_serve = me(request).may(Permission.SERVE)
    is_ready = found.way != Way.EMAIL and found.sent_at is None
    stopped = queries.what_stops(found) if is_ready else ""
    may_send = may_serve and is_ready and not stopped
    page = {
        "thanks": found,
        "words": thanking.words_of(found, with_code=may_send),
        "qr": qr.data_uri(codes.shown(found.code)) if may_send and found.code else "",
        "stopped": stopped,
        "may_serve": may_serve,
        "may_send": may_send,
        "is_letter": found.way == Way.LETTER,
    }
    return render(request, "outreach/thanks.html", page)


@access.staff(Permission.SERVE)
@require_safe
def thanks_letter(request: HttpRequest, thanks: str) -> HttpResponse:
    """The letter to print; once it is posted its code is kept nowhere, and it is not made again."""
    found = _thanks(request, thanks)
    if found.sent_at is not None:
        raise Http404
    if why := queries.what_stops(found):
        raise NotThankedError(why)
    return _pdf(_letter(found.customer, thanking.content_of(found), found.language))


@access.staff(Permission.SERVE)
@require_POST
def thanks_sent(request: HttpRequest, thanks: str) -> HttpResponse:
    """It was sent by hand or by post."""
    found = _thanks(request, thanks)
    if thanking.mark_sent(found, by=me(request)):
        messages.success(request, _("Noted in the customer’s history."))
    return redirect("outreach:thanks", found.public_id)


@access.staff(Permission.SERVE)
@require_POST
def take_voucher_back(request: HttpRequest, thanks: str) -> HttpResponse:
    """Its voucher never reached the customer, and is to count for nobody."""
    found = _thanks(request, thanks)
    thanking.take_voucher_back(found, by=me(request))
    messages.success(request, _("The voucher is taken back."))
    return redirect("outreach:thanks", found.public_id)


def _customer(request: HttpRequest, public_id: str) -> Customer:
    visible = people.customers_visible_to(me(request)).select_related("standing")
    return get_object_or_404(visible, public_id=public_id)


def _thanks(request: HttpRequest, public_id: str) -> Thanks:
    return get_object_or_404(queries.thanks_visible_to(me(request)), public_id=public_id)


def _drafted(request: HttpRequest, customer: str) -> tuple[Customer, Draft]:
    found = _customer(request, customer)
    form = ThanksForm(request.POST, customer=found)
    if not form.is_valid():
        raise DomainError(_("Please look at the marked fields."))
    return found, form.draft()


def _content(customer: Customer, draft: Draft) -> Content:
    gift = (
        queries.gift_of(draft.offer, None, queries.SAMPLE_CODE, draft.language)
        if draft.offer
        else None
    )
    return wording.content(
        wording.filled(draft.subject, customer),
        wording.filled(draft.text, customer),
        name=draft.signed_name,
        title=draft.signed_title,
        gift=gift,
    )


def _letter(customer: Customer, content: Content, language: str) -> bytes:
    recipient = queries.recipient_of(customer)
    return letters.letter(content, language=language, recipient=recipient)


def _pdf(content: bytes) -> HttpResponse:
    headers = {"Content-Disposition": 'inline; filename="letter.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
