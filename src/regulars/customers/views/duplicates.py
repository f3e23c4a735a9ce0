"""Records that may be one person: proposals, comparing, merging, taking back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.views.account import me
from regulars.core import access
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.templatetags.ui import LANGUAGE_NAMES
from regulars.customers.actions import merging
from regulars.customers.models import Customer
from regulars.customers.queries import duplicates as queries
from regulars.customers.queries import people
from regulars.customers.views import lists
from regulars.customers.views.customer import one


@access.staff(Permission.MANAGE)
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs that may be one person, and why."""
    page = Paginator(queries.proposals(), 20).get_page(request.GET.get("page", "1"))
    return render(request, "customers/duplicates.html", {"page": page})


@access.staff(Permission.MANAGE)
@require_safe
def find_same(request: HttpRequest, customer: str) -> HttpResponse:
    """Look for another record of the same person by hand."""
    found = one(request, customer)
    words = request.GET.get("q", "").strip()
    rows = people.customers_visible_to(me(request)).exclude(pk=found.pk)
    matches = people.matching(rows, words).order_by("sort_key", "pk")[:20] if words else []
    context = {"customer": found, "words": words, "matches": matches}
    return render(request, "customers/find_same.html", context)


@access.staff(Permission.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest, customer: str, other: str) -> HttpResponse:
    """Two records beside each other; the one that is kept is chosen."""
    left, right = one(request, customer), one(request, other)
    error = ""
    if request.method == "POST":
        survivor, merged = (
            (right, left) if request.POST.get("keep") == right.public_id else (left, right)
        )
        try:
            merging.merge(survivor, merged, by=me(request))
        except DomainError as refused:
            error = str(refused)
        else:
            messages.success(request, _("The two records are one now. You can take it back."))
            return redirect(survivor)
    context = {"left": left, "right": right, "rows": _rows(left, right), "error": error}
    return render(request, "customers/compare.html", context, status=422 if error else 200)


def _rows(left: Customer, right: Customer) -> list[tuple[str, str, str]]:
    """(what, left, right) for what is known of at least one of them."""
    facts: list[tuple[str, Callable[[Customer], str]]] = [
        (_("Name"), str),
        (_("Kind"), lists.kind_of),
        (_("Language"), lambda record: LANGUAGE_NAMES.get(record.language, "")),
        (_("Birthday"), lists.birthday_of),
        (_("Addresses"), _addresses),
        (_("Known as"), _keys),
        (_("Visits"), lambda record: str(getattr(getattr(record, "standing", None), "visits", ""))),
        (_("Note"), lambda record: record.note),
    ]
    rows = [(what, of(left), of(right)) for what, of in facts]
    return [row for row in rows if row[1] or row[2]]


def _addresses(record: Customer) -> str:
    points = record.contact_points.order_by("channel", "pk")
    return ", ".join(point.shown_as or point.address for point in points)


def _keys(record: Customer) -> str:
    return ", ".join(f"{key.source} {key.value}" for key in record.keys.order_by("pk"))


@access.staff(Permission.MANAGE)
@require_POST
def keep_apart(request: HttpRequest, customer: str, other: str) -> HttpResponse:
    """These are two people; do not propose them again."""
    merging.keep_apart(one(request, customer), one(request, other), by=me(request))
    messages.success(request, _("They will not be proposed again."))
    return redirect("customers:duplicates")


@access.staff(Permission.MANAGE)
@require_POST
def unmerge(request: HttpRequest, merge: str) -> HttpResponse:
    """Take a merge back."""
    made = get_object_or_404(
        queries.merges_among(people.customers_visible_to(me(request))), public_id=merge
    )
    back = merging.unmerge(made, by=me(request))
    messages.success(request, _("These are two records again."))
    return redirect(back)
