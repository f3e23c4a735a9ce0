"""Those of allauth's pages that this installation uses, each with its declared access.

Left out on purpose: signing up, managing addresses, confirming addresses, sign-in by code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path, re_path

from regulars.core.access import Access, declare

ANYBODY = Access("public", reason="signing in and out")
BY_MAIL = Access("link", reason="the link of a password reset mail")
OWN = Access("staff", reason="one's own sign-in")


def _page(route: str, view: Callable[..., Any], name: str, access: Access) -> URLPattern:
    declare(view, access)
    return path(route, view, name=name)


declare(account.password_reset_from_key, BY_MAIL)

urlpatterns = [
    _page("login/", account.login, "account_login", ANYBODY),
    _page("logout/", account.logout, "account_logout", ANYBODY),
    _page("inactive/", account.account_inactive, "account_inactive", ANYBODY),
    _page("reauthenticate/", account.reauthenticate, "account_reauthenticate", OWN),
    _page("password/change/", account.password_change, "account_change_password", OWN),
    _page("password/set/", account.password_set, "account_set_password", OWN),
    _page("password/reset/", account.password_reset, "account_reset_password", ANYBODY),
    _page(
        "password/reset/done/",
        account.password_reset_done,
        "account_reset_password_done",
        ANYBODY,
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    _page(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        "account_reset_password_from_key_done",
        ANYBODY,
    ),
    _page("second-factor/", mfa.index, "mfa_index", OWN),
    _page("second-factor/code/", mfa.authenticate, "mfa_authenticate", ANYBODY),
    _page("second-factor/reauthenticate/", mfa.reauthenticate, "mfa_reauthenticate", OWN),
    _page("second-factor/app/add/", totp.activate_totp, "mfa_activate_totp", OWN),
    _page("second-factor/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp", OWN),
    _page(
        "second-factor/recovery-codes/",
        recovery_codes.view_recovery_codes,
        "mfa_view_recovery_codes",
        OWN,
    ),
    _page(
        "second-factor/recovery-codes/new/",
        recovery_codes.generate_recovery_codes,
        "mfa_generate_recovery_codes",
        OWN,
    ),
    _page(
        "second-factor/recovery-codes/file/",
        recovery_codes.download_recovery_codes,
        "mfa_download_recovery_codes",
        OWN,
    ),
    _page("passkeys/", webauthn.list_webauthn, "mfa_list_webauthn", OWN),
    _page("passkeys/add/", webauthn.add_webauthn, "mfa_add_webauthn", OWN),
    _page("passkeys/login/", webauthn.login_webauthn, "mfa_login_webauthn", ANYBODY),
    _page(
        "passkeys/reauthenticate/",
        webauthn.reauthenticate_webauthn,
        "mfa_reauthenticate_webauthn",
        OWN,
    ),
    _page("passkeys/<int:pk>/name/", webauthn.edit_webauthn, "mfa_edit_webauthn", OWN),
    _page("passkeys/<int:pk>/remove/", webauthn.remove_webauthn, "mfa_remove_webauthn", OWN),
]
