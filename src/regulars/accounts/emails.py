"""The mails of this package. Which to send is decided in the actions."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from regulars.accounts.models import Invitation
from regulars.business.queries import the_business
from regulars.core import links


def send_invitation(invitation: Invitation, *, link: str) -> None:
    """The link to join, in the language the invitation was written for."""
    with translation.override(invitation.language or None):
        context = {
            "business": the_business(),
            "invitation": invitation,
            "link": link,
            "works_elsewhere": links.works_elsewhere(),
        }
        subject = render_to_string("accounts/mail/invitation_subject.txt", context).strip()
        body = render_to_string("accounts/mail/invitation.txt", context).strip() + "\n"
    EmailMessage(subject, body, to=[invitation.email]).send()
