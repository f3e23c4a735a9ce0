"""allauth's forms in our words. Named in the settings (ACCOUNT_FORMS, MFA_FORMS)."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from regulars.accounts.actions import resets

PASSWORD_HELP = _("At least ten characters. A few words in a row are good.")


def _say(form: forms.Form, **labels: Any) -> None:
    """Set labels, and take away placeholders that repeat them."""
    for name, label in labels.items():
        if name in form.fields:
            field = form.fields[name]
            field.label = label
            field.widget.attrs.pop("placeholder", None)


class LoginForm(account.LoginForm):  # type: ignore[misc]  # allauth is untyped
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, login=_("E-mail"), password=_("Password"))
        self.fields["password"].help_text = ""


class ReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """The password again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, password=_("Password"))


class ResetPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]  # allauth is untyped
    """Where to send the link. Nobody is looked up while they wait (PF8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, email=_("E-mail"))

    def clean_email(self) -> str:
        """The address as it was typed, known or not."""
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Have it looked up in the background."""
        email = str(self.cleaned_data["email"])
        resets.ask_for_reset(email)
        return email


class _NewPassword(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self,
            oldpassword=_("Current password"),
            password1=_("New password"),
            password2=_("New password again"),
        )
        self.fields["password1"].help_text = str(PASSWORD_HELP)


class ChangePasswordForm(_NewPassword, account.ChangePasswordForm):  # type: ignore[misc]  # untyped
    """Old and new password."""


class SetPasswordForm(_NewPassword, account.SetPasswordForm):  # type: ignore[misc]  # untyped
    """A first password."""


class ResetPasswordKeyForm(_NewPassword, account.ResetPasswordKeyForm):  # type: ignore[misc]  # untyped
    """A new password after a reset mail."""


class _Code(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, code=_("Code"))


class AuthenticateForm(_Code, mfa.AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """The second step of signing in."""


class ReauthenticateCodeForm(_Code, mfa.ReauthenticateForm):  # type: ignore[misc]  # untyped
    """A code before something delicate."""


class ActivateTOTPForm(_Code, totp.ActivateTOTPForm):  # type: ignore[misc]  # allauth is untyped
    """The first code of a new authenticator app."""


class AddWebAuthnForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """A new passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self,
            name=_("Name of the passkey"),
            passwordless=_("Sign in with this passkey alone, without the password"),
        )
        self.fields["passwordless"].help_text = _(
            "The device then asks for a fingerprint, a face or its own PIN."
        )


class EditWebAuthnForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """A passkey's name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, name=_("Name of the passkey"))
