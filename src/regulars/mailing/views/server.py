"""Mail settings: the server, the sender, a test mail, and the rules of sending."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.models import Staff
from regulars.core import access
from regulars.core.access import Permission
from regulars.mailing import actions, queries, server
from regulars.mailing.forms import FREE_MAIL, RulesForm, ServerForm, TestMailForm
from regulars.mailing.models import SendingRules
from regulars.mailing.views.outbox import sending_state


@access.staff(Permission.MANAGE)
@require_safe
def mail_settings(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    return _page(request)


@access.staff(Permission.OWN)
@require_http_methods(["POST"])
def set_server(request: HttpRequest) -> HttpResponse:
    """Store the server and the sender."""
    form = ServerForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, server_form=form)
    wanted = form.server(server.the_stored())
    actions.set_server(wanted, sender=form.cleaned_data["sender"], by=_staff(request))
    notes.success(request, _("The mail server is stored. Send a test to see whether it works."))
    return redirect("mailing:settings")


@access.staff(Permission.MANAGE)
@require_POST
def change_rules(request: HttpRequest) -> HttpResponse:
    """Store the rules of sending."""
    form = RulesForm(request.POST, instance=queries.the_rules())
    if not form.is_valid():
        return _page(request, status=422, rules_form=form)
    actions.change_rules(actions.RulesWanted(**form.cleaned_data), by=_staff(request))
    notes.success(request, _("Saved."))
    return redirect("mailing:settings")


@access.staff(Permission.MANAGE)
@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """Queue a test mail and show it in the outbox."""
    form = TestMailForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, test_form=form)
    sent = actions.send_test_mail(to=form.cleaned_data["to"], by=_staff(request))
    return redirect("mailing:message", sent.public_id)


@access.staff(Permission.MANAGE)
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Switch sending off."""
    actions.pause_sending(SendingRules.PauseReason.BY_PERSON, by=_staff(request))
    notes.success(request, _("Sending is switched off."))
    return redirect("mailing:settings")


@access.staff(Permission.MANAGE)
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Switch sending on."""
    actions.resume_sending(by=_staff(request))
    notes.success(request, _("Sending is switched on."))
    return redirect("mailing:settings")


def _page(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    sender = server.sender_address()
    context = {
        "server_form": ServerForm(initial=server.known()),
        "rules_form": RulesForm(instance=queries.the_rules()),
        "test_form": TestMailForm(initial={"to": _staff(request).email}),
        "from_environment": bool(settings.SMTP_URL),
        "sender": sender,
        "sender_domain": sender.rpartition("@")[2],
        "is_free_mail": sender.rpartition("@")[2].lower() in FREE_MAIL,
        **sending_state(),
        **forms,
    }
    return render(request, "mailing/settings.html", context, status=status)


def _staff(request: HttpRequest) -> Staff:
    return cast("Staff", request.user)
