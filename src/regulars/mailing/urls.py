from __future__ import annotations

import warnings
from typing import Any

from anymail import urls as providers
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, include, path

from regulars.core.access import Access, declare
from regulars.mailing.views import addresses, leaving, outbox, server

app_name = "mailing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>/", leaving.unsubscribe, name="unsubscribe"),
    path("u/<str:token>/preferences/", leaving.preferences, name="preferences"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<str:public_id>/", outbox.message, name="message"),
    path("outbox/<str:public_id>/preview/", outbox.preview, name="preview"),
    path("outbox/<str:public_id>/hold/", outbox.hold, name="hold"),
    path("outbox/<str:public_id>/release/", outbox.release, name="release"),
    path("outbox/<str:public_id>/cancellation/", outbox.cancel, name="cancel"),
    path("outbox/<str:public_id>/resending/", outbox.send_again, name="send_again"),
    path("outbox/<str:public_id>/arrival/", outbox.it_arrived, name="it_arrived"),
    path("settings/mail/", server.mail_settings, name="settings"),
    path("settings/mail/server/", server.set_server, name="set_server"),
    path("settings/mail/rules/", server.change_rules, name="change_rules"),
    path("settings/mail/test/", server.send_test, name="send_test"),
    path("settings/mail/pause/", server.pause, name="pause"),
    path("settings/mail/resume/", server.resume, name="resume"),
    path("settings/mail/not-written-to/", addresses.suppressions, name="suppressions"),
    path("settings/mail/not-written-to/<str:public_id>/lift/", addresses.lift, name="lift"),
]


def _reports() -> list[URLPattern]:
    """Anymail's addresses for providers' delivery reports, each guarded by the shared secret."""
    tracking = [
        one
        for one in providers.urlpatterns
        if "tracking" in str(one.pattern) and is_set_up(one.callback)
    ]
    for one in tracking:
        declare(one.callback, Access("public", reason="The provider signs in by a shared secret"))
    return tracking


def is_set_up(view: Any) -> bool:
    """Whether all is there that the provider's reports are checked with: its key, its library.

    Without, its address could only fail; then there is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # anymail's, about providers nobody here asked for
            view.view_class(**view.view_initkwargs)
    except ImproperlyConfigured:
        return False
    # This one looks for its key only when a report comes.
    return view.view_class.esp_name != "Mandrill" or "MANDRILL_WEBHOOK_KEY" in settings.ANYMAIL


# Without a secret anymail would believe anybody: then there are no such addresses.
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    urlpatterns.append(path("webhooks/mail/", include((_reports(), "reports"))))
