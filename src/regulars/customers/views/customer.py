"""One customer: the page, the purchases, adding and changing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars.accounts.views.account import me
from regulars.business.queries import the_business
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.money import Money
from regulars.core.tables import Column, Table
from regulars.core.templatetags.ui import LANGUAGE_NAMES
from regulars.customers import forms, panels
from regulars.customers.actions import people as actions
from regulars.customers.models import Customer, Purchase
from regulars.customers.queries import buying, duplicates, history, people
from regulars.customers.views import lists


@access.staff(Permission.SEE)
@require_safe
def customer(request: HttpRequest, customer: str) -> HttpResponse:
    """Who they are, what they bought and like, what happened, what to do next."""
    found = get_object_or_404(people.records_visible_to(me(request)), public_id=customer)
    if found.merged_into_id is not None:
        return redirect(people.survivor(found))
    if found.erased_at is not None:
        return render(request, "customers/erased.html", {"customer": found}, status=410)
    return render(request, "customers/customer.html", _page(request, found))


def one(request: HttpRequest, public_id: str) -> Customer:
    """The customer of an address, as far as the person may see them. Raises Http404."""
    return get_object_or_404(people.customers_visible_to(me(request)), public_id=public_id)


def _page(request: HttpRequest, found: Customer) -> dict[str, object]:
    number = request.GET.get("page", "1")
    staff = me(request)
    return {
        "customer": found,
        "kind": lists.kind_of(found),
        "tone": lists.tone_of(found),
        "birthday": lists.birthday_of(found),
        "language": LANGUAGE_NAMES.get(found.language, ""),
        "points": found.contact_points.order_by("channel", "-is_preferred", "pk"),
        "consents": people.newest_consents(found),
        "pauses": people.pauses_in_force(found),
        "keys": found.keys.order_by("source", "value"),
        "users": buying.users_of(found),
        "standing": getattr(found, "standing", None),
        "spent": buying.spent(found),
        "favourites": buying.favourites(found),
        "history": history.history(found, page=int(number) if number.isdecimal() else 1),
        "merges": duplicates.merges_of(found),
        "suggestions": panels.suggestions_for(found, staff),
        "panels": panels.panels_for(found, staff),
        "may_serve": staff.may(Permission.SERVE),
        "may_manage": staff.may(Permission.MANAGE),
    }


@access.staff(Permission.SEE)
@require_safe
def purchases(request: HttpRequest, customer: str) -> HttpResponse:
    """Everything they bought."""
    found = one(request, customer)
    table = Table(
        request.GET,
        buying.purchases_of(found),
        name=_("Purchases"),
        columns=[
            Column("purchased_at", _("When"), kind="when", sort="purchased_at"),
            Column("items", _("What"), value=items_in_words),
            Column("total", _("Total"), kind="money", value=_total, sort="total"),
            Column("place", _("Place"), value=lambda row: row.place),
            Column("served_by", _("Served by"), optional=True),
            Column("document", _("Receipt"), optional=True),
            Column("state", _("State"), value=_state, tone=lambda row: "warn"),
        ],
        sort="-purchased_at",
        empty=_("No purchases yet"),
    )
    return render(request, "customers/purchases.html", {"customer": found, "table": table})


def items_in_words(purchase: Purchase) -> str:
    """The items of a purchase in one line; a discreet one stays unnamed."""
    names = [
        str(_("discreet item")) if line.item.is_discreet else line.item.name
        for line in purchase.lines.all()
    ]
    more = len(names) - 4
    shown = ", ".join(dict.fromkeys(names[:4]))
    return shown + (f" (+{more})" if more > 0 else "")


def _total(purchase: Purchase) -> Money:
    return Money(purchase.total, purchase.currency)


def _state(purchase: Purchase) -> str:
    if purchase.cancelled_at is not None:
        return _("cancelled")
    return _("refund") if purchase.total < 0 or purchase.refund_of_id else ""


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add somebody."""
    form = forms.NewCustomerForm(
        request.POST or None, initial={"language": the_business().language, "kind": "person"}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_customer(
                way="staff", by=me(request), addresses=form.addresses(), **form.changes()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Added."))
            return redirect(made)
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/new.html", {"form": form}, status=status)


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, customer: str) -> HttpResponse:
    """Change what is known."""
    found = one(request, customer)
    form = forms.CustomerForm(request.POST or None, initial=forms.of_customer(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_customer(found, by=me(request), **form.changes(found))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(found)
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/edit.html", {"customer": found, "form": form}, status=status)


@access.staff(Permission.SERVE)
@require_http_methods(["GET", "HEAD", "POST"])
def buyer(request: HttpRequest, customer: str) -> HttpResponse:
    """Say who pays for somebody: a parent for a child, a company for its staff."""
    found = one(request, customer)
    if request.method == "POST":
        chosen = request.POST.get("buyer", "")
        payer = one(request, chosen) if chosen else None
        actions.set_buyer(found, payer, by=me(request))
        messages.success(request, _("Saved."))
        return redirect(found)
    words = request.GET.get("q", "").strip()
    rows = people.customers_visible_to(me(request)).exclude(pk=found.pk)
    matches = people.matching(rows, words).order_by("sort_key", "pk")[:20] if words else []
    context = {
        "customer": found,
        "words": words,
        "matches": matches,
        "here": reverse("customers:buyer", args=[found.public_id]),
    }
    return render(request, "customers/buyer.html", context)
