"""The first run: five short screens, each of which can be left for later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars.accounts.models import Staff
from regulars.business import actions as business
from regulars.business import regions
from regulars.business.forms import DAYS, LookForm, ReachForm, RegionForm, TradeForm, UsualHoursForm
from regulars.business.models import Business, Trade
from regulars.business.queries import the_business
from regulars.console import demo, navigation, setting_up
from regulars.core import access, links
from regulars.core.access import Permission
from regulars.mailing import actions as mailing
from regulars.mailing import queries as outgoing
from regulars.mailing import server
from regulars.mailing.forms import FirstServerForm

WORKDAYS = DAYS[:5]


@access.staff(Permission.OWN)
@require_safe
def first_run(request: HttpRequest) -> HttpResponse:
    """Go on where the owner left off."""
    profile = the_business()
    if profile.is_demo:
        return redirect("/")
    step = profile.setup_step or 1
    return redirect("console:first_run_step", step=min(step, setting_up.STEPS))


@access.staff(Permission.OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def first_run_step(request: HttpRequest, step: int) -> HttpResponse:
    """Show, store or skip one screen."""
    if not 1 <= step <= setting_up.STEPS:
        raise Http404
    if request.method != "POST":
        return _page(request, step, _forms(request, step))
    if "later" not in request.POST:
        filled = _forms(request, step)
        if not all(form.is_valid() for form in filled.values()):
            return _page(request, step, filled, status=422)
        _store(step, filled, by=cast("Staff", request.user))
        if "test" in request.POST:
            return _tested(request)
    business.finish_step(step)
    if step == setting_up.STEPS:
        return redirect("/")
    return redirect("console:first_run_step", step=step + 1)


def _tested(request: HttpRequest) -> HttpResponse:
    """Write to the owner through the server just stored, and stay to see what becomes of it."""
    staff = cast("Staff", request.user)
    sent = mailing.send_test_mail(to=staff.email or "", by=staff)
    here = reverse("console:first_run_step", args=[4])
    return redirect(f"{here}?test={sent.public_id}")


def _forms(request: HttpRequest, step: int) -> dict[str, forms.Form]:
    profile = the_business()
    data = request.POST or None
    if step == 1:
        return {"trade": TradeForm(data, initial=_known(profile, TradeForm))}
    if step == 2:
        hours = _hours(profile)
        return {
            "region": RegionForm(data, initial=_region(request, profile)),
            "usual": UsualHoursForm(data, initial=hours),
        }
    if step == 3:
        known = _known(profile, LookForm)
        files = request.FILES or None
        return {"look": LookForm(data, files, initial=known, has_logo=bool(profile.logo))}
    if step == 4:
        reach = {"reach": ReachForm(data, initial=_known(profile, ReachForm))}
        if settings.SMTP_URL:
            return dict(reach)
        return {**reach, "server": FirstServerForm(data, initial=server.known())}
    return {}


def _known(profile: Business, form: type[forms.Form]) -> dict[str, Any]:
    if profile.pk is None:
        return {}
    return {name: getattr(profile, name) for name in form.base_fields if hasattr(profile, name)}


def _region(request: HttpRequest, profile: Business) -> dict[str, Any]:
    if profile.setup_step > 2:
        return _known(profile, RegionForm)
    guess = regions.guess(request.headers.get("Accept-Language", ""))
    language = getattr(request.user, "language", "") or guess.language
    return {
        "language": language,
        "languages": sorted({language, guess.language}),
        "country": guess.country,
        "currency": guess.currency,
        "time_zone": guess.time_zone,
    }


def _hours(profile: Business) -> dict[str, Any]:
    if profile.opening_hours:
        opens, closes = next(iter(profile.opening_hours.values()))[0]
        return {"days": list(profile.opening_hours), "opens": opens, "closes": closes}
    days = DAYS if profile.trade in (Trade.CAFE, Trade.HOTEL) else WORKDAYS
    return {"days": list(days), "opens": "09:00", "closes": "18:00"}


def _store(step: int, filled: dict[str, forms.Form], *, by: Staff) -> None:
    stores: dict[int, Callable[[], object]] = {
        1: lambda: setting_up.begin(**filled["trade"].cleaned_data, by=by),
        2: lambda: business.change_profile(
            **filled["region"].cleaned_data,
            opening_hours=cast("UsualHoursForm", filled["usual"]).hours(),
            by=by,
        ),
        3: lambda: business.change_look(**filled["look"].cleaned_data, by=by),
        4: lambda: _reach(filled, by=by),
    }
    if step in stores:
        stores[step]()


def _reach(filled: dict[str, forms.Form], *, by: Staff) -> None:
    business.change_profile(**filled["reach"].cleaned_data, by=by)
    wanted = filled.get("server")
    if isinstance(wanted, FirstServerForm) and wanted.is_filled:
        stored = wanted.server(server.the_stored())
        mailing.set_server(stored, sender=wanted.cleaned_data["sender"], by=by)


def _page(
    request: HttpRequest, step: int, filled: dict[str, forms.Form], *, status: int = 200
) -> HttpResponse:
    labels = [_("Trade"), _("Region"), _("Look"), _("Reach"), _("Start")]
    page = {
        "step": step,
        "labels": labels,
        "ways": [reverse("console:first_run_step", args=[one]) for one in range(1, step + 1)],
        "forms": filled,
        "works_elsewhere": links.works_elsewhere(),
        "test": outgoing.outbox().filter(public_id=request.GET.get("test", "")).first(),
        "server_error": outgoing.the_rules().server_error,
        "may_try_demo": demo.may_begin(),
        "import_url": navigation.first_url("customers:imports", "customers:new_import"),
    }
    return render(request, f"console/first_run/{step}.html", page, status=status)
