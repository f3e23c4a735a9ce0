"""How long data are kept: the rules, and a dry run before any of them works."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.accounts.views.account import me
from regulars.core import access
from regulars.core.access import Permission
from regulars.customers.actions import retaining as actions
from regulars.customers.forms import RetentionForm
from regulars.customers.keeping import Kind
from regulars.customers.queries import retaining as queries

_SALT: Final = "customers.retention"
_SHOWN_FOR: Final = 3600  # seconds in which what was shown may be switched on
RUNS_SHOWN: Final = 10


@access.staff(Permission.OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The rules; sent, it shows what they would do tonight and switches nothing on."""
    if request.method != "POST":
        return _page(request, RetentionForm(initial={k.value: n for k, n in _rules().items()}))
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    months = form.months()
    shown: dict[str, Any] = {
        "forecasts": [queries.forecast(kind, months[kind]) for kind in Kind if kind in months],
        "for_good": [kind.label for kind in Kind if kind not in months],
        "seen": signing.dumps({kind.value: n for kind, n in months.items()}, salt=_SALT),
    }
    return _page(request, form, **shown)


def _rules() -> dict[Kind, int]:
    return queries.the_rules()


def _page(
    request: HttpRequest, form: RetentionForm, *, status: int = 200, **shown: Any
) -> HttpResponse:
    context = {
        "form": form,
        "runs": queries.latest_runs()[:RUNS_SHOWN],
        "holds": queries.holds(),
        "is_on": bool(_rules()),
        **shown,
    }
    return render(request, "customers/retention.html", context, status=status)


@access.staff(Permission.OWN)
@require_POST
def set_rules(request: HttpRequest) -> HttpResponse:
    """Switch on exactly the rules whose dry run was shown within the last hour."""
    try:
        seen = signing.loads(request.POST.get("seen", ""), salt=_SALT, max_age=_SHOWN_FOR)
    except signing.BadSignature:
        messages.error(request, _("Please look first at what would go."))
        return redirect("customers:retention")
    actions.set_rules({Kind(name): months for name, months in seen.items()}, by=me(request))
    messages.success(request, _("Saved. The work is done at night."))
    return redirect("customers:retention")
