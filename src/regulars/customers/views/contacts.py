"""How a customer is reached, what they agreed to, and why they are not written to."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.accounts.views.account import me
from regulars.business.queries import the_business, time_zone
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.customers import forms
from regulars.customers.actions import consents as consenting
from regulars.customers.actions import people as actions
from regulars.customers.queries import people
from regulars.customers.views.customer import one
from regulars.customers.wording import consent_wording


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: HttpRequest, customer: str) -> HttpResponse:
    """The addresses, and one more."""
    found = one(request, customer)
    form = forms.AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = actions.Address(form.cleaned_data["channel"], form.cleaned_data["address"])
        try:
            actions.add_address_by_staff(found, given, by=me(request))
        except DomainError as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("Added."))
            return redirect("customers:addresses", found.public_id)
    points = found.contact_points.order_by("channel", "-is_preferred", "pk")
    context = {"customer": found, "form": form, "points": points}
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/addresses.html", context, status=status)


@access.staff(Permission.SERVE)
@require_POST
def remove_address(request: HttpRequest, customer: str, point: str) -> HttpResponse:
    """Forget an address."""
    found = one(request, customer)
    address = get_object_or_404(found.contact_points, public_id=point)
    actions.remove_address(found, address, by=me(request))
    messages.success(request, _("Removed."))
    return redirect("customers:addresses", found.public_id)


@access.staff(Permission.SERVE)
@require_POST
def prefer_address(request: HttpRequest, customer: str, point: str) -> HttpResponse:
    """Write to this one first."""
    found = one(request, customer)
    address = get_object_or_404(found.contact_points, public_id=point)
    actions.prefer_address(found, address, by=me(request))
    messages.success(request, _("Saved."))
    return redirect("customers:addresses", found.public_id)


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest, customer: str) -> HttpResponse:
    """Every yes and no with its wording and evidence, and one more."""
    found = one(request, customer)
    form = forms.ConsentForm(request.POST or None, initial={"channel": "email"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["answer"] == "given":
            consenting.give_consent(
                found,
                channel=given["channel"],
                purpose=given["purpose"],
                wording=consent_wording(
                    given["purpose"], business=the_business().name, language=found.language
                ),
                evidence=given["evidence"],
                by=me(request),
            )
        else:
            consenting.withdraw_consent(
                found,
                channel=given["channel"],
                purpose=given["purpose"],
                evidence=given["evidence"],
                by=me(request),
            )
        messages.success(request, _("Noted."))
        return redirect("customers:consents", found.public_id)
    context = {
        "customer": found,
        "form": form,
        "current": people.newest_consents(found),
        "records": people.all_consents(found),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/consents.html", context, status=status)


@access.staff(Permission.SERVE)
@require_POST
def confirm_consent(request: HttpRequest, customer: str, consent: str) -> HttpResponse:
    """The customer stands here and confirms what they ticked before."""
    found = one(request, customer)
    record = get_object_or_404(people.all_consents(found), public_id=consent, confirmed=False)
    if record in people.newest_consents(found):
        evidence = f"{record.evidence}; confirmed to {me(request)}"[:300]
        consenting.confirm_consent(record, evidence=evidence, by=me(request))
        messages.success(request, _("Noted."))
    return redirect("customers:consents", found.public_id)


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def pauses(request: HttpRequest, customer: str) -> HttpResponse:
    """Reasons not to write, and one more."""
    found = one(request, customer)
    form = forms.PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["until"]
        consenting.pause(
            found,
            kind=form.cleaned_data["kind"],
            until=_end_of(day) if day else None,
            by=me(request),
        )
        messages.success(request, _("Noted."))
        return redirect(found)
    context = {"customer": found, "form": form, "pauses": people.pauses_in_force(found)}
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/pauses.html", context, status=status)


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=time_zone())


@access.staff(Permission.SERVE)
@require_POST
def end_pause(request: HttpRequest, customer: str, pause: str) -> HttpResponse:
    """Write to them again. A pause for an open complaint ends with the complaint."""
    found = one(request, customer)
    held = get_object_or_404(people.pauses_that_staff_may_end(found), public_id=pause)
    consenting.lift_pause(found, kind=held.kind, key=held.key, by=me(request))
    messages.success(request, _("Noted."))
    return redirect(found)
