"""The outbox: what waits, what went out, what did not and why, and each message as it arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from csp.decorators import csp_replace, csp_update
from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST, require_safe

from regulars.accounts.models import Staff
from regulars.business import queries as business
from regulars.core import access, installation
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.links import works_elsewhere
from regulars.core.tables import Column, Filter, Table
from regulars.mailing import actions, logo, queries, server
from regulars.mailing.links import PREFERENCES_MARKER, UNSUBSCRIBE_MARKER
from regulars.mailing.models import TONES, Message, MessageQuerySet, Purpose, Reason, State

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
# The library types its decorators for views without arguments.
_with_a_frame = cast("Callable[[V], V]", csp_update({"frame-src": ["'self'"]}))
# The mail's own inline styles are all that the preview may use: no script, no request, no form,
# and the sandbox keeps its links from leading anywhere.
_as_mail = cast(
    "Callable[[V], V]",
    csp_replace(
        {
            "default-src": ["'none'"],
            "style-src": ["'unsafe-inline'"],
            "img-src": ["data:"],
            "form-action": ["'none'"],
            "frame-ancestors": ["'self'"],
            "script-src": ["'none'"],
            "sandbox": [""],
        }
    ),
)


@access.staff(Permission.MANAGE)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The list of messages, the newest first."""
    table = Table(
        request.GET,
        queries.outbox(),
        name=_("Outbox"),
        columns=_columns(),
        search=_searched,
        filters=_filters(),
        empty=_("No message has been written yet"),
        empty_text=_("Every message to customers and colleagues will stand here, as it arrives."),
    )
    context = {"table": table, "perhaps_sent": queries.perhaps_sent(), **sending_state()}
    return render(request, "mailing/outbox.html", context)


def sending_state() -> dict[str, Any]:
    """What the pages say about whether mail goes out at all."""
    try:
        is_set_up = server.the_server() is not None and bool(server.sender_address())
    except server.UnreadableServerError:
        is_set_up = False
    return {
        "rules": queries.the_rules(),
        "is_restored": not installation.sending_allowed(),
        "is_set_up": is_set_up,
        "works_elsewhere": works_elsewhere(),
    }


def _columns() -> list[Column[Message]]:
    return [
        Column("to", _("To"), value=lambda m: m.to_name or m.to_address or "–", link=_address),
        Column("subject", _("Subject"), sort="subject"),
        Column("purpose", _("Kind"), value=lambda m: m.get_purpose_display(), sort="purpose"),
        Column(
            "state",
            _("State"),
            value=lambda m: m.get_state_display(),
            tone=lambda m: TONES[m.state],
            sort="state",
        ),
        Column("reason", _("Why"), value=lambda m: m.get_reason_display() if m.reason else ""),
        Column("created_at", _("Written"), kind="when", sort="created_at"),
        Column("sent_at", _("Handed over"), kind="when", sort="sent_at", optional=True),
        Column("channel", _("Way"), value=lambda m: m.get_channel_display(), optional=True),
    ]


def _address(message: Message) -> str:
    return reverse("mailing:message", args=[message.public_id])


def _searched(rows: QuerySet[Message], words: str) -> QuerySet[Message]:
    return queries.searched(cast("MessageQuerySet", rows), words)


def _filters() -> list[Filter[Message]]:
    purposes = [(p.value, p.label) for p in Purpose if p is not Purpose.SIGN_IN]
    reasons = [(r.value, r.label) for r in Reason if r is not Reason.NONE]
    return [
        Filter("state", _("State"), State.choices, lambda rows, chosen: rows.filter(state=chosen)),
        Filter("kind", _("Kind"), purposes, lambda rows, chosen: rows.filter(purpose=chosen)),
        Filter("why", _("Why"), reasons, lambda rows, chosen: rows.filter(reason=chosen)),
    ]


@_with_a_frame
@access.staff(Permission.MANAGE)
@require_safe
def message(request: HttpRequest, public_id: str) -> HttpResponse:
    """One message: its state in words, what can be done, and how it arrives."""
    found = _found(public_id)
    context = {
        "message": found,
        "tone": TONES[found.state],
        "sender": server.sender_address(),
        "business": business.the_business(),
        "can": {
            "hold": found.state == State.QUEUED,
            "release": found.state == State.HELD,
            "cancel": found.state in {State.QUEUED, State.HELD},
            "again": found.state in {State.UNKNOWN, State.FAILED},
            "arrived": found.state == State.UNKNOWN,
        },
    }
    return render(request, "mailing/message.html", context)


@_as_mail
@xframe_options_sameorigin
@access.staff(Permission.MANAGE)
@require_GET
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """The HTML exactly as it arrives, but that the recipient's own links lead nowhere."""
    found = _found(public_id)
    html = found.html.replace(UNSUBSCRIBE_MARKER, "#").replace(PREFERENCES_MARKER, "#")
    return HttpResponse(logo.in_place(html))


def _found(public_id: str) -> Message:
    return get_object_or_404(queries.outbox(), public_id=public_id)


def _deed(deed: Callable[..., Message], done: Any) -> Callable[..., HttpResponseBase]:
    @access.staff(Permission.MANAGE)
    @require_POST
    def view(request: HttpRequest, public_id: str) -> HttpResponse:
        found = _found(public_id)
        try:
            deed(found, by=cast("Staff", request.user))
        except DomainError as error:
            notes.error(request, str(error))
        else:
            notes.success(request, str(done))
        return redirect("mailing:message", public_id)

    return view


hold = _deed(actions.hold, gettext_lazy("The message is on hold."))
release = _deed(actions.release, gettext_lazy("The message goes out now."))
cancel = _deed(actions.cancel, gettext_lazy("The message will not be sent."))
send_again = _deed(actions.send_again, gettext_lazy("The message is sent once more."))
it_arrived = _deed(actions.it_arrived, gettext_lazy("Noted that it arrived."))
