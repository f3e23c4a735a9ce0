"""What Regulars changes in allauth: nobody signs up, links come from the stored address."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from regulars.business.queries import the_business
from regulars.core import crypto, limits, links, qr


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Sign-in and password reset of staff."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy("This account is closed."),
        "too_many_login_attempts": gettext_lazy(
            "Too many failed tries. Please try again in five minutes."
        ),
        "email_password_mismatch": gettext_lazy("The e-mail address or the password is not right."),
        "enter_current_password": gettext_lazy("This is not your current password."),
        "incorrect_password": gettext_lazy("This is not the right password."),
        "invalid_password_reset": gettext_lazy("This link does not work any more."),
        "password_min_length": gettext_lazy("The password is too short."),
        "rate_limited": gettext_lazy("Too many tries. Please try again a little later."),
        "same_as_current": gettext_lazy("The new password is the old one."),
        "unverified_primary_email": gettext_lazy("This e-mail address is not confirmed."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: staff come by an invitation or by the claim link."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As `core.limits` believes it."""
        return limits.client_address(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # The library puts the request's Host into the key; it is the client's to choose, so each
        # invented host would get new tries.
        return str(credentials.get("email") or "").lower()

    def is_safe_url(self, url: str) -> bool:
        """Only a path of this installation: whatever the Host, no other place is a target."""
        return is_own_path(url)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the stored address, never on the Host of whoever asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return links.absolute(path.replace("UID-KEY", key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the person, without the Host that allauth would put in."""
        person = context.get("user")
        language = getattr(person, "language", "") or translation.get_language()
        with translation.override(language):
            self.render_mail(template_prefix, email, context).send()

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell somebody that their sign-in changed; also to the address of `Staff.email`."""
        email = email or EmailAddress.objects.get_primary_email(user) or getattr(user, "email", "")
        if not email:
            return
        self.send_mail(template_prefix, email, {"user": user} | (context or {}))

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether this is their password; counted like a failed sign-in."""
        credentials = {"email": getattr(user, "email", "") or "", "password": password}
        self.pre_authenticate(self.request, **credentials)
        found = authenticate(self.request, **credentials)
        if found is not None:
            self._rollback_login_failed_rl_usage()
        return found is not None and found.pk == user.pk

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """As allauth, named in our words."""
        words = {
            "reauthenticate": gettext("With the password"),
            "mfa_reauthenticate": gettext("With a code of the authenticator app"),
            "mfa_reauthenticate:webauthn": gettext("With a passkey"),
        }
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [method | {"description": words[method["id"]]} for method in methods]


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Authenticator apps, passkeys and recovery codes, kept encrypted."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": gettext_lazy("The second factor cannot be switched off."),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes come with an authenticator app or a passkey. Set one up first."
        ),
        "incorrect_code": gettext_lazy("This code is not right."),
    }

    def encrypt(self, text: str) -> str:
        """What is stored of a secret."""
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return crypto.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """The picture that an authenticator app reads: allauth's own has no ground to stand on."""
        return qr.picture(url)

    def get_totp_issuer(self) -> str:
        """What the authenticator app shows as the issuer."""
        return the_business().name or "Regulars"

    def generate_authenticator_name(
        self,
        user: AbstractBaseUser,
        type: str,  # noqa: A002  # the library's name
    ) -> str:
        """A name to start with."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host that passkeys belong to.

        On plain http the library compares no origins, so they belong to localhost alone there,
        whatever the Host: a browser then gives none to a page of any other host.
        """
        host = context.request.get_host().partition(":")[0]
        if settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN:
            host = "localhost"
        return {"id": host, "name": self.get_totp_issuer()}


@crypto.also_reencrypt
def reencrypt_second_factors() -> int:
    """Encrypt the secrets of authenticator apps and recovery codes with the newest key."""
    count = 0
    for authenticator in Authenticator.objects.iterator():
        secrets = {key for key in ("secret", "seed") if authenticator.data.get(key)}
        for key in secrets:
            authenticator.data[key] = crypto.rotated(authenticator.data[key])
        codes = authenticator.data.get("migrated_codes")
        if codes:
            authenticator.data["migrated_codes"] = [crypto.rotated(code) for code in codes]
        if secrets or codes:
            authenticator.save(update_fields=["data"])
            count += 1
    return count


def is_own_path(url: str) -> bool:
    """Whether `url` is a path of this installation and nothing that a browser reads as a host."""
    if not url.startswith("/") or url[1:2] in {"/", "\\"}:
        return False
    return "\\" not in url and url.isprintable() and " " not in url
