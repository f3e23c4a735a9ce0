"""Forms of the mail settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.mailing.models import SendingRules
from regulars.mailing.server import SCHEMES, Server

# Mailbox providers' own domains: they let nobody else send in their name.
FREE_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "yahoo.com", "outlook.com", "hotmail.com", "live.com",
        "icloud.com", "me.com", "aol.com", "gmx.com", "gmx.net", "freemail.hu", "citromail.hu",
        "abv.bg", "mail.bg", "mail.ee", "hot.ee", "mail.ru", "yandex.com", "proton.me",
    }
)  # fmt: skip


class ServerForm(forms.Form):
    """The mail server and the sender. An empty password keeps the stored one."""

    sender = forms.EmailField(
        label=_("Sender’s address"),
        help_text=_("Customers see this address and answer to it. Use one of your own domain."),
    )
    host = forms.CharField(
        label=_("Mail server"),
        max_length=253,
        help_text=_("Your mail provider calls it “SMTP” or “outgoing server”."),
    )
    security = forms.ChoiceField(
        label=_("Protection"),
        choices=[
            ("smtp+starttls", _("STARTTLS (usual, port 587)")),
            ("smtps", _("TLS (port 465)")),
            ("smtp", _("none (only inside your own network)")),
        ],
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, required=False)
    user = forms.CharField(label=_("User name"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave it empty to keep the one that is stored."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("host"):  # nothing is stored yet
            self.fields["password"].help_text = ""

    def server(self, stored: Server | None) -> Server:
        """The server as filled in; the stored password counts for the same host and user only."""
        data: dict[str, Any] = self.cleaned_data
        same = stored is not None and (stored.host, stored.user) == (data["host"], data["user"])
        kept = stored.password if stored is not None and same else ""
        return Server(
            host=data["host"],
            port=data["port"] or SCHEMES[data["security"]],
            security=data["security"],
            user=data["user"],
            password=data["password"] or kept,
        )


class FirstServerForm(ServerForm):
    """The same where it may be left empty: without a server's name nothing is stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("sender", "host", "security"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """A server needs a sender, and a sender a server."""
        cleaned = super().clean() or {}
        cleaned["security"] = cleaned.get("security") or "smtp+starttls"
        if cleaned.get("host") and not cleaned.get("sender") and "sender" not in self.errors:
            self.add_error("sender", ValidationError(_("Customers must see who writes to them.")))
        is_new = "sender" in self.changed_data and cleaned.get("sender")
        if is_new and not cleaned.get("host") and "host" not in self.errors:
            self.add_error("host", ValidationError(_("Which server sends for this address?")))
        return cleaned

    @property
    def is_filled(self) -> bool:
        """Whether there is a server to store."""
        return bool(self.cleaned_data["host"])


class RulesForm(forms.ModelForm[SendingRules]):
    """When and how much is sent."""

    class Meta:
        model = SendingRules
        fields = [
            "quiet_from",
            "quiet_until",
            "week_cap",
            "marketing_gap_days",
            "daily_limit",
            "gradual_since",
        ]
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "gradual_since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "quiet_from": _("In this time no question, greeting or offer is sent."),
            "week_cap": _("0 means no limit."),
            "daily_limit": _("0 means no limit. Replies and sign-in mail always go out."),
            "gradual_since": _(
                "For a new sender’s address: begins with 50 messages a day and doubles each day, "
                "so that mailbox providers learn to trust it."
            ),
        }


class TestMailForm(forms.Form):
    """Where a test mail goes."""

    to = forms.EmailField(label=_("Send a test to"))


class SuppressionForm(forms.Form):
    """An address that shall not be written to."""

    address = forms.EmailField(label=_("E-mail address"))
    detail = forms.CharField(label=_("Note"), max_length=200, required=False)
