"""Django's mail goes through the outbox, so that nothing is sent outside the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import get_language

from regulars.core.ids import new_token
from regulars.mailing import actions
from regulars.mailing.content import Rendered
from regulars.mailing.models import Purpose


class OutboxBackend(BaseEmailBackend):
    """Queues each recipient's mail as a row of the outbox, hidden because it may open an account.

    What `django.core.mail` sends here is sign-in mail of libraries. Attachments are refused.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many messages were queued; all of them, or none when one raises ValueError."""
        with transaction.atomic():
            for mail in email_messages:
                self._queue(mail)
        return len(email_messages)

    def _queue(self, mail: EmailMessage) -> None:
        if mail.attachments:
            raise ValueError("mail with attachments cannot go through the outbox")
        rendered = Rendered(str(mail.subject), _html_of(mail), str(mail.body))
        for number, recipient in enumerate(_recipients(mail)):
            actions.queue_rendered(
                rendered,
                key=f"django:{new_token()}:{number}",
                purpose=Purpose.SIGN_IN,
                to=recipient,
                language=(get_language() or "en").partition("-")[0],
                reply_to=mail.reply_to[0] if mail.reply_to else "",
                is_hidden=True,
            )


def _recipients(mail: EmailMessage) -> Iterable[str]:
    return [*mail.to, *mail.cc, *mail.bcc]


def _html_of(mail: EmailMessage) -> str:
    if not isinstance(mail, EmailMultiAlternatives):
        return ""
    bodies = [str(part[0]) for part in mail.alternatives if part[1] == "text/html"]
    return bodies[0] if bodies else ""
