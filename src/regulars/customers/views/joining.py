"""Joining at the counter: the public form, its confirmation, and the poster with the QR code."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.views.account import me
from regulars.business.queries import places_in_use, the_business
from regulars.core import access, limits, links, qr
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.customers import forms
from regulars.customers.actions import joining as actions
from regulars.customers.queries import joining as queries

MAX_BODY_BYTES = 16_000


@access.public("a customer joins by the QR code at the counter")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, code: str) -> HttpResponse:
    """Name, address, language, birthday if they like, and what they agree to."""
    found = queries.open_code(code)
    if found is None:
        raise Http404
    if request.method != "POST":
        form = forms.JoinForm(initial={"language": get_language() or "en"})
        return _form(request, form)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        return HttpResponse(status=413)
    form = forms.JoinForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    if not form.is_from_a_robot:
        try:
            actions.join(found, form.joining(), network=limits.client_network(request))
        except DomainError as error:
            form.add_error(None, str(error))
            return _form(request, form, status=429 if error.code == "too_often" else 422)
    by_mail = "mail" if form.cleaned_data["email"].strip() else "phone"
    return redirect("customers:joined", found.code, by_mail)


def _form(request: HttpRequest, form: forms.JoinForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "business": the_business().name}
    return render(request, "customers/join.html", context, status=status)


@access.public("says thank you and shows nothing")
@require_safe
def joined(request: HttpRequest, code: str, way: str) -> HttpResponse:
    """The same words for somebody new and somebody known, so that nobody can find out who is."""
    if way not in {"mail", "phone"}:
        raise Http404
    context = {"by_mail": way == "mail", "business": the_business().name}
    return render(request, "customers/joined.html", context)


@access.by_link("the owner of an address confirms that it was them")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_joining(request: HttpRequest, token: str) -> HttpResponse:
    """A mail scanner opens every link, so looking confirms nothing; the button does."""
    found = queries.request_by(token)
    if found is None:
        raise Http404
    with override(found.language):
        request.LANGUAGE_CODE = found.language
        if request.method == "POST":
            actions.confirm(found)
            return redirect("customers:confirm_joining", token)
        sentences = [found.wordings.get(purpose, "") for purpose in found.purposes]
        context = {
            "found": found,
            "sentences": sentences,
            "business": the_business().name,
            "is_over": found.confirmed_at is None and not actions.is_waiting(found),
        }
        return render(request, "customers/confirm_joining.html", context)


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def join_codes(request: HttpRequest) -> HttpResponse:
    """The QR code of each place: made, shown, printed, replaced."""
    if request.method == "POST":
        wanted = request.POST.get("place", "")
        place = get_object_or_404(places_in_use(), public_id=wanted) if wanted else None
        code = actions.join_code_of(place, by=me(request))
        return redirect("customers:poster", code.code)
    codes = list(queries.open_codes())
    taken = {code.place_id for code in codes}
    context = {
        "codes": [(code, links.to("customers:join", code.code)) for code in codes],
        "places": [place for place in places_in_use() if place.pk not in taken],
        "for_all": None not in taken,
        "works_elsewhere": links.works_elsewhere(),
    }
    return render(request, "customers/join_codes.html", context)


@access.staff(Permission.MANAGE)
@require_POST
def renew_join_code(request: HttpRequest, code: str) -> HttpResponse:
    """A new code; posters with the old one stop working."""
    found = get_object_or_404(queries.open_codes(), code=code)
    made = actions.renew_join_code(found, by=me(request))
    messages.success(request, _("The old poster no longer works. Please print the new one."))
    return redirect("customers:poster", made.code)


@access.staff(Permission.SEE)
@require_safe
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """A page to print and put on the counter."""
    found = get_object_or_404(queries.open_codes(), code=code)
    context = {
        "code": found,
        "address": links.to("customers:join", found.code),
        "business": the_business().name,
        "works_elsewhere": links.works_elsewhere(),
    }
    return render(request, "customers/poster.html", context)


@access.staff(Permission.SEE)
@require_safe
def join_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code as a picture that stays sharp at any size."""
    found = get_object_or_404(queries.open_codes(), code=code)
    picture = qr.picture(links.to("customers:join", found.code))
    return HttpResponse(picture, content_type="image/svg+xml")
