"""Offers, their vouchers, what was used, and what staff may do alone."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.views.account import me
from regulars.business.queries import the_business
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.money import Money
from regulars.core.tables import Column, Table
from regulars.rewards import queries
from regulars.rewards.actions import offers, vouchers
from regulars.rewards.forms import LimitsForm, OfferForm
from regulars.rewards.models import Offer, Redemption


@access.staff(Permission.MANAGE)
@require_safe
def offer_list(request: HttpRequest) -> HttpResponse:
    """What may be given."""
    new = reverse("rewards:new_offer")
    table = Table(
        request.GET,
        queries.offers_in_order(),
        name=_("Offers"),
        columns=[
            Column(
                "name",
                _("Name"),
                sort="name",
                link=lambda one: reverse("rewards:offer", args=[one.public_id]),
            ),
            Column("gives", _("It gives"), value=queries.gives_in_words),
            Column("state", _("State"), value=_state_of),
            Column("made", _("Since"), kind="day", value=lambda one: one.created_at),
        ],
        search=lambda rows, words: rows.filter(name__icontains=words),
        empty=_("Nothing can be given yet"),
        empty_text=_("A percentage, an amount or something free: then it can go into a thank-you."),
        empty_href=new,
        empty_action=_("Make an offer"),
    )
    return render(request, "rewards/offer_list.html", {"table": table, "new": new})


def _state_of(offer: Offer) -> str:
    if offer.closed_at:
        return _("closed")
    if queries.limit_reached(offer, None) is not None:
        return _("used up")
    return _("over") if queries.is_over(offer) else _("is given")


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_offer(request: HttpRequest) -> HttpResponse:
    """Make an offer."""
    form = OfferForm(request.POST or None, currency=the_business().currency)
    if request.method == "POST" and form.is_valid():
        offer = offers.make_offer(by=me(request), **form.cleaned_data)
        return redirect("rewards:offer", offer.public_id)
    status = 422 if request.method == "POST" else 200
    page = {"form": form, "currency": the_business().currency}
    return render(request, "rewards/new_offer.html", page, status=status)


@access.staff(Permission.MANAGE)
@require_safe
def offer(request: HttpRequest, offer: str) -> HttpResponse:
    """One offer and the vouchers of it."""
    found = get_object_or_404(Offer, public_id=offer)
    table = Table(
        request.GET,
        found.vouchers.select_related("customer", "issued_by"),
        name=_("Vouchers"),
        columns=[
            Column("voucher", _("Code ends in"), value=lambda one: f"…{one.ending}"),
            Column(
                "customer",
                _("Customer"),
                value=lambda one: str(one.customer or ""),
                link=lambda one: one.customer.get_absolute_url() if one.customer else "",
            ),
            Column("state", _("State"), value=lambda one: one.state.label),
            Column("expires", _("Until"), kind="day", value=queries.last_day_of),
            Column("by", _("Given by"), value=lambda one: str(one.issued_by or "")),
            Column("given", _("Given"), kind="when", value=lambda one: one.created_at),
            Column("back", _("Action"), template="rewards/take_back.html"),
        ],
        search=lambda rows, words: rows.filter(ending=words.strip().upper()[-4:]),
        empty=_("No voucher of this offer was given yet"),
    )
    page = {
        "offer": found,
        "gives": queries.gives_in_words(found),
        "conditions": queries.conditions_in_words(found),
        "table": table,
    }
    return render(request, "rewards/offer.html", page)


@access.staff(Permission.MANAGE)
@require_POST
def close_offer(request: HttpRequest, offer: str) -> HttpResponse:
    """Give it no more."""
    found = get_object_or_404(Offer, public_id=offer)
    offers.close_offer(found, by=me(request))
    messages.success(request, _("The offer is closed. Vouchers that were given stay good."))
    return redirect("rewards:offer", found.public_id)


@access.staff(Permission.MANAGE)
@require_POST
def cancel_voucher(request: HttpRequest, voucher: str) -> HttpResponse:
    """Take a voucher back that was not used."""
    found = get_object_or_404(queries.vouchers(), public_id=voucher)
    if vouchers.cancel(found, by=me(request)):
        messages.success(request, _("The voucher is taken back."))
    else:
        messages.error(request, _("A used voucher cannot be taken back."))
    return redirect("rewards:offer", found.offer.public_id)


REPORTED = timedelta(days=30)


@access.staff(Permission.MANAGE)
@require_safe
def redemption_list(request: HttpRequest) -> HttpResponse:
    """Who used and undid what, at which till and why."""
    table = Table(
        request.GET,
        queries.redemptions_visible_to(me(request)),
        name=_("Used vouchers"),
        columns=[
            Column("at", _("When"), kind="when", value=lambda one: one.created_at),
            Column("kind", _("What"), value=lambda one: one.get_kind_display()),
            Column("offer", _("Offer"), value=lambda one: one.voucher.offer.name),
            Column("worth", _("Value"), kind="money", value=_worth),
            Column("who", _("Who"), value=_who),
            Column("place", _("Place"), value=lambda one: str(one.place or "")),
            Column("reason", _("Reason"), value=lambda one: one.reason),
        ],
        search=lambda rows, words: rows.filter(voucher__offer__name__icontains=words),
        empty=_("No voucher was used yet"),
    )
    since = timezone.now() - REPORTED
    report = queries.undoings(me(request), since=since)
    context = {"table": table, "undoings": [one for one in report if one.undone]}
    return render(request, "rewards/redemption_list.html", context)


def _worth(entry: Redemption) -> Money | None:
    return None if entry.value is None else Money(entry.value, entry.currency)


def _who(entry: Redemption) -> str:
    who = [entry.staff, entry.approved_by, entry.device]
    named = [str(one) for one in who if one is not None]
    return ", ".join([*named, *([entry.token.name] if entry.token else [])])


@access.staff(Permission.OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """What staff may do without a manager."""
    form = LimitsForm(request.POST or None, instance=queries.the_limits())
    if request.method == "POST" and form.is_valid():
        offers.set_limits(by=me(request), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("rewards:limits")
    status = 422 if request.method == "POST" else 200
    return render(request, "rewards/limits.html", {"form": form}, status=status)
