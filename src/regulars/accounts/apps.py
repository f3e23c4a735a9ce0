from typing import Any

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "regulars.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Note who signs in and out, and changes of passwords."""
        from allauth.account.signals import password_changed, password_set
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from regulars.accounts import (
            adapters,  # noqa: F401  # registers what re-encrypts second factors
        )

        user_logged_in.connect(_signed_in, dispatch_uid="accounts.sign_in")
        user_logged_out.connect(_signed_out, dispatch_uid="accounts.sign_out")
        password_changed.connect(_new_password, dispatch_uid="accounts.password_changed")
        password_set.connect(_new_password, dispatch_uid="accounts.password_set")


def _signed_in(request: Any, user: Any, **_: Any) -> None:
    from regulars.accounts.actions import staff
    from regulars.accounts.browsers import browser_of

    if not request.session.session_key:
        request.session.save()
    staff.note_sign_in(
        user,
        session=request.session.session_key,
        browser=browser_of(request.META.get("HTTP_USER_AGENT", "")),
    )


def _new_password(request: Any, user: Any, **_: Any) -> None:
    from regulars.accounts.actions import staff
    from regulars.accounts.browsers import browser_of

    browser = browser_of(request.META.get("HTTP_USER_AGENT", ""))
    staff.keep_only(user, session=request.session.session_key, browser=browser)


def _signed_out(request: Any, user: Any, **_: Any) -> None:
    from regulars.accounts.actions import staff

    if user is not None and user.is_authenticated and request.session.session_key:
        staff.note_sign_out(user, session=request.session.session_key)
